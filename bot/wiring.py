"""The composition root: database, rules, services and conversation are put together here."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.settings import Settings
from handlers.acknowledgement import encoded
from handlers.cache import AnswerCache
from handlers.command_names import CommandNames
from handlers.conversation import Conversation
from handlers.services import Services
from handlers.typed_command import QUESTIONS
from tiercore.answers import Answers
from tiercore.approvals import tier_table
from tiercore.approvals.service import Approvals
from tiercore.approvals.tier_table import TierTable
from tiercore.cases.service import Cases
from tiercore.goals.service import Goals
from tiercore.ingest.staging.status import Syncs
from tiercore.ledger import Ledger
from tiercore.nightly import Verifications
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.service import Notifications
from tiercore.people.service import People
from tiercore.pipeline.service import PipelineDeals
from tiercore.program import Program, load_program, with_entered
from tiercore.sharing.service import Sharing
from tiercore.storage.derive import REBUILD_NEEDED, stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, PEOPLE_LOCK, create_database_engine, is_sqlite, reading
from tiercore.storage.reader import Reader, create_reader
from tiercore.storage.rule_values import entered_in
from tiercore.storage.schema import current_revision, expected_revision, known_current_revision, upgrade
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.typed.service import TypedEntries
from tiercore.uploads.service import Uploads
from tiercore.workspaces.arriving import somebody_was_linked
from tiercore.workspaces.service import Workspaces


class NotReadyToRun(RuntimeError):
    """The database doesn't fit this version or its rules; the message says what to run."""


@dataclass(frozen=True, slots=True)
class Core:
    """What every operator command needs: settings, rules and the engine for writing."""

    settings: Settings
    program: Program
    engine: Engine

    @property
    def url(self) -> URL:
        """The database's URL."""
        return self.engine.url


def create_core(settings: Settings, *, may_create: bool = False) -> Core:
    """Load the rules and connect to the database. A new SQLite file is made only where it `may_create` one, and is
    migrated to the current schema; any other database must be there already.

    Raises BadDatabaseURL, ProgramError, NotReadyToRun.
    """
    url = settings.database
    program = load_program(settings.program)
    if is_sqlite(url) and not may_create:
        _require_file(url)
    engine = create_database_engine(url)
    if is_sqlite(url) and current_revision(engine) is None:
        upgrade(engine)
    require_schema(engine)
    with reading(engine) as connection:
        return Core(settings, with_entered(program, entered_in(connection)), engine)


def _require_file(url: URL) -> None:
    """Raises NotReadyToRun where no SQLite database has been made yet."""
    file = Path(str(url.database))
    if not file.resolve().parent.is_dir():
        raise NotReadyToRun(f"the database {file} can't be used: there is no folder {file.parent}")
    if not file.exists():
        raise NotReadyToRun(
            f"nothing has been imported into {file}: run tierbot import FOLDER, or set TIERBOT_DATABASE_URL to a "
            "database that has data"
        )


def create_services(
    core: Core,
    moment: Callable[[], datetime] = utc_now,
    in_slack: Callable[[], datetime] | None = None,
    today: Callable[[], date] | None = None,
) -> Services:
    """The services. People, and notifications with the outbox, have locks of their own: on PostgreSQL neither waits for
    an import. `moment` gives the time, `in_slack` Slack's, by default the same; `today` gives the day of imports, by
    default the settings' day.
    """
    notifying = Transactions(core.engine, moment, NOTIFICATIONS_LOCK)
    zone, sample = ZoneInfo(core.settings.timezone), core.settings.verify_sample
    verifications = Verifications(core.engine, core.program, sample, zone, moment)
    changing = Transactions(core.engine, moment, PEOPLE_LOCK)
    typed = TypedEntries(core.engine, core.program, moment)
    syncs = Syncs(core.engine, timedelta(hours=core.settings.sync_hours), moment)
    deeds = {tier_table.KIND: TierTable(core.program).enter, "entry": typed.carry_out(core.settings.today_is)}
    approvals = Approvals(core.engine, deeds, moment)
    uploads = Uploads(changing, core.engine, core.program, today or (lambda: core.settings.today_is(moment())))
    return Services(
        People(changing, somebody_was_linked),
        Notifications(notifying),
        Outbox(notifying, in_slack),
        verifications,
        uploads,
        typed,
        syncs,
        Cases(notifying, core.program),
        approvals,
        Sharing(notifying),
        Goals(notifying),
        PipelineDeals(changing, lambda moment: today() if today else core.settings.today_is(moment)),
        Workspaces(notifying),
    )


@asynccontextmanager
async def open_conversation(
    core: Core, today: Callable[[], date] | None = None
) -> AsyncIterator[tuple[Conversation, Reader]]:
    """The conversation, and the open reader under it; questions are about `today`, by default the settings' day.

    Raises NotReadyToRun.
    """
    require_current_rating(core.engine, core.program)
    reader = create_reader(core.url, core.settings.standby, core.settings.read_lag_seconds)
    await reader.open()
    try:
        names = command_names(core.settings)
        cache = AnswerCache(lambda message: encoded(message, names), core.settings.keep_answers)
        answers = Answers(Ledger(reader, core.program), Transactions(core.engine))
        yield Conversation(answers, today or core.settings.today_is, cache), reader
    finally:
        await reader.close()


def command_names(settings: Settings) -> CommandNames:
    """How commands are spelled in this installation."""
    return CommandNames(settings.commands, QUESTIONS)


def require_schema(engine: Engine) -> None:
    """Raises NotReadyToRun or NewerDatabase unless the database is at this version's revision."""
    current, expected = known_current_revision(engine), expected_revision()
    if current != expected:
        raise NotReadyToRun(
            f"the database is at revision {current or 'none'}, this version needs {expected}: tierbot migrate"
        )


def require_current_rating(engine: Engine, program: Program) -> None:
    """Raises NotReadyToRun where points were rated under other rules, or before a migration that changed rating."""
    if rebuild_is_needed(engine):
        raise NotReadyToRun("the database was migrated, and what is new in it has to be computed: tierbot rebuild")
    with reading(engine) as connection:
        stored = stored_fingerprint(connection)
    if stored not in (None, program.rating_fingerprint):
        raise NotReadyToRun("the points were rated by other rules than those configured now: tierbot rebuild")


def rebuild_is_needed(engine: Engine) -> bool:
    """Whether a migration has left derived tables to be rebuilt."""
    with reading(engine) as connection:
        return stored_fingerprint(connection) == REBUILD_NEEDED
