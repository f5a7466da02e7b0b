"""Where the objects meet: database, rules, answers, conversation."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.composing import Composer
from bot.settings import Settings
from bot.slack.poster import SlackPoster
from handlers.cache import AnswerCache
from handlers.command_names import CommandNames
from handlers.conversation import QUESTIONS, Conversation
from handlers.presenter import Presenter
from scheduler.alerts import AlertMonitor
from scheduler.delivery import Delivery
from scheduler.duplicates import DuplicateRemoval
from scheduler.scheduler import Scheduler
from tiercore.answers import Answers
from tiercore.ledger import Ledger
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.service import Notifications
from tiercore.notifications.types import Outcome, SendPolicy
from tiercore.people.service import People
from tiercore.program import Program, load_program
from tiercore.storage.derive import REBUILD_NEEDED, stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, is_sqlite, reading
from tiercore.storage.reader import Reader, create_reader
from tiercore.storage.schema import current_revision, expected_revision, known_current_revision, upgrade
from tiercore.storage.transactions import Transactions, utc_now

_IDLE_SECONDS = 1.0


class NotReadyToRun(RuntimeError):
    """The database isn't as this version needs it; the message says what to run."""


@dataclass(frozen=True, slots=True)
class Core:
    """What every command of the operator's needs: the rules and the engine that writes."""

    settings: Settings
    program: Program
    engine: Engine

    @property
    def url(self) -> URL:
        """The database's URL."""
        return self.engine.url


def create_core(settings: Settings) -> Core:
    """Rules and a database at the current schema: a new SQLite file is brought there, any other database must be.

    Raises BadDatabaseURL, ProgramError, NotReadyToRun.
    """
    url = settings.database
    program = load_program(settings.program)
    engine = create_database_engine(url)
    if is_sqlite(url) and current_revision(engine) is None:
        upgrade(engine)
    require_schema(engine)
    return Core(settings, program, engine)


def require_schema(engine: Engine) -> None:
    """Raises NotReadyToRun, or NewerDatabase, unless the database is at this version's revision."""
    held, wanted = known_current_revision(engine), expected_revision()
    if held != wanted:
        raise NotReadyToRun(
            f"the database is at revision {held or 'none'}, this version needs {wanted}: tierbot migrate"
        )


def require_current_rating(engine: Engine, program: Program) -> None:
    """Raises NotReadyToRun when points were rated by other rules than those in force, or before a migration."""
    if rebuild_is_needed(engine):
        raise NotReadyToRun("the database was migrated, and what is new in it has to be computed: tierbot rebuild")
    with reading(engine) as connection:
        held = stored_fingerprint(connection)
    if held not in (None, program.rating_fingerprint):
        raise NotReadyToRun("the points were rated by other rules than those configured now: tierbot rebuild")


def rebuild_is_needed(engine: Engine) -> bool:
    """Whether a migration has left derived tables to be made."""
    with reading(engine) as connection:
        return stored_fingerprint(connection) == REBUILD_NEEDED


@asynccontextmanager
async def open_conversation(
    core: Core, today: Callable[[], date] | None = None
) -> AsyncIterator[tuple[Conversation, Reader]]:
    """The conversation over an open reader; questions are about `today`, by default the settings' day."""
    require_current_rating(core.engine, core.program)
    reader = create_reader(core.url)
    await reader.open()
    try:
        cache = AnswerCache(core.settings.keep_answers)
        yield Conversation(Answers(Ledger(reader, core.program)), today or core.settings.today_is, cache), reader
    finally:
        await reader.close()


def command_names(settings: Settings) -> CommandNames:
    """How commands are spelled in this installation."""
    return CommandNames(settings.commands, QUESTIONS)


def policy_of(settings: Settings) -> SendPolicy:
    """How fast, and with which patience, one posts."""
    return SendPolicy(
        settings.posts_a_second,
        lease=timedelta(seconds=settings.lease_seconds),
        settle=timedelta(seconds=settings.settle_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
    )


@dataclass(frozen=True, slots=True)
class Services:
    """What people and the scheduler change: one object for each, over the same database and clock."""

    people: People
    notifications: Notifications
    outbox: Outbox


def create_services(core: Core, moment: Callable[[], datetime] = utc_now) -> Services:
    """The services; what is sent waits for what is sent, and never for an import."""
    sending = Transactions(core.engine, moment, NOTIFICATIONS_LOCK)
    return Services(People(Transactions(core.engine, moment)), Notifications(sending), Outbox(sending))


@asynccontextmanager
async def running_scheduler(
    core: Core,
    services: Services,
    conversation: Conversation,
    presenter: Presenter,
    token: str,
    on_outcome: Callable[[Outcome], None],
) -> AsyncIterator[Scheduler]:
    """The scheduler, running; its posts have a session of their own, because they may take longer than a question."""
    settings = core.settings
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.post_seconds)) as session:
        client = AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        composer = Composer(conversation.answers, services.notifications, presenter, conversation.today)
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        poster = SlackPoster(client, settings.post_seconds, command_names(settings).spelled)
        policy = policy_of(settings)
        delivery = Delivery(services.outbox, poster, composer.compose, owner, policy, on_outcome=on_outcome)
        duplicates = DuplicateRemoval(services.outbox, poster, policy)
        alerts = AlertMonitor(conversation.answers, services.notifications, conversation.today)
        late = timedelta(hours=settings.late_hours)
        scheduler = Scheduler(services.notifications, delivery, late, [alerts.look, duplicates.look])
        scheduler.start(settings.tick_seconds, min(_IDLE_SECONDS, settings.tick_seconds))
        try:
            yield scheduler
        finally:
            await scheduler.stop(0)
