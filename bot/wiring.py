"""The composition root: database, rules, services, conversation and scheduler are put together here."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.composing import Composer
from bot.hubspot.errors import NoMapping, NoToken
from bot.hubspot.sync import HubSpotSync, Portal
from bot.hubspot.wanted import read_wanted
from bot.recipients import Recipients
from bot.settings import Settings, share_of
from bot.slack.connection import Connection
from bot.slack.poster import SlackPoster
from bot.slack.slack_time import SlackTime
from handlers.cache import AnswerCache
from handlers.command_names import CommandNames
from handlers.conversation import QUESTIONS, Conversation
from handlers.presenter import Presenter
from handlers.workspace_events import Workspace
from scheduler.alerts import AlertMonitor
from scheduler.delivery import Delivery
from scheduler.duplicates import DuplicateRemoval
from scheduler.periodic import PeriodicTask
from scheduler.scheduler import Scheduler
from scheduler.verification import NightlyVerification
from tiercore.answers import Answers
from tiercore.approvals import tier_table
from tiercore.approvals.service import Approvals
from tiercore.approvals.tier_table import TierTable
from tiercore.cases.service import Cases
from tiercore.ingest.staging.status import Syncs
from tiercore.ledger import Ledger
from tiercore.nightly import Verifications
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.service import Notifications
from tiercore.notifications.types import Outcome, SendPolicy
from tiercore.people.service import People
from tiercore.program import Program, load_program, with_entered
from tiercore.storage.derive import REBUILD_NEEDED, stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, PEOPLE_LOCK, create_database_engine, is_sqlite, reading
from tiercore.storage.reader import Reader, create_reader
from tiercore.storage.rule_values import entered_in
from tiercore.storage.schema import current_revision, expected_revision, known_current_revision, upgrade
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.typed.service import TypedEntries
from tiercore.uploads.service import Uploads

_IDLE_SECONDS = 1.0
log = structlog.get_logger()


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


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that people and the scheduler can change, over one database and one clock."""

    people: People
    notifications: Notifications
    outbox: Outbox
    verifications: Verifications
    uploads: Uploads
    typed: TypedEntries
    syncs: Syncs
    cases: Cases
    approvals: Approvals


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
        People(changing),
        Notifications(notifying),
        Outbox(notifying, in_slack),
        verifications,
        uploads,
        typed,
        syncs,
        Cases(notifying, core.program),
        approvals,
    )


@asynccontextmanager
async def open_conversation(
    core: Core, today: Callable[[], date] | None = None
) -> AsyncIterator[tuple[Conversation, Reader]]:
    """The conversation, and the open reader under it; questions are about `today`, by default the settings' day.

    Raises NotReadyToRun.
    """
    require_current_rating(core.engine, core.program)
    reader = create_reader(core.url)
    await reader.open()
    try:
        cache = AnswerCache(core.settings.keep_answers)
        yield Conversation(Answers(Ledger(reader, core.program)), today or core.settings.today_is, cache), reader
    finally:
        await reader.close()


@asynccontextmanager
async def running_scheduler(
    core: Core,
    services: Services,
    conversation: Conversation,
    presenter: Presenter,
    token: str,
    slack_time: SlackTime,
    on_outcome: Callable[[Outcome], None],
) -> AsyncIterator[Scheduler]:
    """The scheduler, started, and stopped at the end. It posts over its own session, because a post may take longer
    than an answer.
    """
    settings = core.settings
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.post_seconds)) as session:
        client = AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        workspace = Workspace(services.people, services.notifications, services.outbox, presenter.gateway)
        recipients = Recipients(presenter.gateway, workspace)
        answers, today = conversation.answers, conversation.today
        composer = Composer(
            answers,
            services.notifications,
            presenter,
            today,
            recipients,
            services.approvals,
            cases=services.cases,
            typed=services.typed,
        )
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        poster = SlackPoster(client, settings.post_seconds, command_names(settings).spelled, slack_time)
        policy = _send_policy(settings)
        delivery = Delivery(services.outbox, poster, composer.compose, owner, policy, on_outcome=on_outcome)
        duplicates = DuplicateRemoval(services.outbox, poster, policy)
        alerts = AlertMonitor(conversation.answers, services.notifications, conversation.today)
        late = timedelta(hours=settings.late_hours)
        connection = Connection(client, slack_time)
        nightly = NightlyVerification(services.verifications)
        sync = PeriodicTask("hubspot_sync", services.syncs.is_due, lambda: run_sync(core))
        ticks = [connection.check, alerts.check, duplicates.remove, nightly.check, sync.check]
        ticks += [services.uploads.forget, services.approvals.settle_due, services.typed.ask_about_matches]
        scheduler = Scheduler(services.notifications, delivery, late, ticks)
        scheduler.start(settings.tick_seconds, min(_IDLE_SECONDS, settings.tick_seconds))
        try:
            yield scheduler
        finally:
            await scheduler.stop(0)
            await sync.stop()
            await nightly.stop()


def create_sync(core: Core, mapping: Path | None = None, share: Fraction | None = None) -> HubSpotSync:
    """A sync with the portal of the settings, by a mapping and with a share of its calls in place of theirs.

    Raises HubSpotError, MappingError, OSError.
    """
    settings = core.settings
    portal = portal_of(settings, share)
    file = mapping or settings.hubspot_map
    if file is None:
        raise NoMapping
    return HubSpotSync(core.engine, core.program, portal, read_wanted(file), settings.today_is)


def portal_of(settings: Settings, share: Fraction | None = None) -> Portal:
    """The portal of the settings. Raises NoToken."""
    if settings.hubspot_token is None:
        raise NoToken
    token = settings.hubspot_token.get_secret_value()
    return Portal(token, settings.hubspot_url, share or share_of(settings.hubspot_share))


async def run_sync(core: Core) -> None:
    """One sync, as the clockwork runs it. Raises what create_sync and HubSpotSync.run raise."""
    synced = await (await asyncio.to_thread(create_sync, core)).run()
    run, stored = synced.run, synced.stored
    report = log.info if stored.outcome.is_complete else log.warning
    counts = {"records": run.records, "changed": run.changed, "calls": run.calls}
    report("synced", outcome=stored.outcome.value, reason=stored.message[:200], **counts)


def command_names(settings: Settings) -> CommandNames:
    """How commands are spelled in this installation."""
    return CommandNames(settings.commands, QUESTIONS)


def _send_policy(settings: Settings) -> SendPolicy:
    """The pace and the time limits of sending, from the settings."""
    return SendPolicy(
        settings.posts_a_second,
        lease=timedelta(seconds=settings.lease_seconds),
        settle=timedelta(seconds=settings.settle_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
    )


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
