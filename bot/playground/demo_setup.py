"""What a demo starts with: its folder, a database with the sample's data or the user's own, and its people."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from bot.playground.first_sync import beside_portal, sync_sample
from bot.playground.sample import DEMO_DAY, SampleChanges, write_sample
from bot.playground.world.clock import MORNING
from bot.playground.world.people import STRANGER, TEAM, Account, link_accounts, load_accounts, newcomer
from bot.playground.world.world import LoadDay
from bot.serving import CannotServe
from bot.settings import Settings
from bot.single_process import ServedElsewhere, single_process
from bot.wiring import Core, create_core
from tiercore.access import SlackUser
from tiercore.ingest import report
from tiercore.ingest.importing import Imported, import_folder, import_source
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.storage.engine import PRIVATE_FOLDER, database_url
from tiercore.storage.transactions import Transactions
from tiercore.typed.service import add_admin

ANA, CARLA, ADMIN = "ana@example.com", "carla@example.com", "admin@example.com"


@dataclass(frozen=True, slots=True)
class DemoSetup:
    """A prepared demo: its database, its people, its first day, and what loads the data of another day, None for the
    user's own data.
    """

    core: Core
    people: list[Account]
    day: date
    load_day: LoadDay | None = None


def prepare(folder: Path, out: Console, day: date | None = None, *, from_hubspot: bool = False) -> DemoSetup:
    """A fresh database with the sample data as known on the day: from files, or synced with a local HubSpot first."""
    started, data, day = time.perf_counter(), folder / "data", day or DEMO_DAY
    settings = _settings(folder, data / "program.toml")
    write_sample(data, known=day)
    core = create_core(settings, may_create=True)
    if from_hubspot:
        sync_sample(core, data, day, out)
        _import(core, beside_portal(data, folder / "beside-hubspot"), day)
    else:
        _say(_import(core, data, day), core, time.perf_counter() - started, out)
    people = load_accounts(core, ANA)
    link_accounts(core, people)
    users = {each.email: each.user_id for each in people}
    transactions = Transactions(core.engine, lambda: datetime.combine(day, MORNING, UTC))
    _subscribe(transactions, users[ANA], Topic.DIGEST, Topic.ALERTS)
    _subscribe(transactions, users[CARLA], Topic.PORTFOLIO, Topic.ALERTS)
    return DemoSetup(core, people, day, SampleOfDay(core, None if from_hubspot else day))


def prepare_own(folder: Path, data: Path, program: Path | None, out: Console, day: date | None) -> DemoSetup:
    """A fresh database with the user's own files. Raises BadData with every bad cell, ProgramError."""
    started, day = time.perf_counter(), day or date.today()  # noqa: DTZ011  (the user's local day)
    core = create_core(_settings(folder, program), may_create=True)
    _say(_import(core, data, day), core, time.perf_counter() - started, out)
    if program is None:
        out.print("Thresholds that aren't public are not set. Use --program FILE to set yours.")
    people = load_accounts(core)
    if people == [STRANGER]:
        out.print("people.csv is empty, so only Eve is here, linked to no partner. Add people to ask as them.")
    link_accounts(core, people)
    return DemoSetup(core, people, day)


def prepare_empty(folder: Path, program: Path | None, out: Console, day: date | None) -> DemoSetup:
    """A database with nothing but an admin. A CAM and someone of a partner are in Slack, and aren't linked yet."""
    core, day = create_core(_settings(folder, program), may_create=True), day or date.today()  # noqa: DTZ011
    Transactions(core.engine).write_now(lambda db, now: add_admin(db, core.program, ADMIN, "Admin", now, day))
    people = [each for each in load_accounts(core) if each != STRANGER]
    link_accounts(core, people)
    out.print(f"An empty database: {ADMIN} is linked. {CARLA}, a CAM to be, and {ANA}, of a partner, aren't yet.")
    return DemoSetup(core, [*people, newcomer(CARLA, "Carla Conti"), newcomer(ANA, "Ana Arden")], day)


class BadData(ValueError):
    """The files can't be imported; `lines` say why."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lock the folder for this demo. Raises CannotServe where another demo has it, or real tokens are set."""
    if Settings().secrets:
        raise CannotServe(
            "a Slack token or signing secret is set here (SLACK_… or TIERBOT_SLACK_…, perhaps in .env), and the demo "
            "isn't for a real workspace. Unset it, or start the demo in another folder"
        )
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        with single_process(database_url(_database(folder))):
            yield
    except ServedElsewhere as error:
        raise CannotServe(
            f"another demo is running in {folder}. Stop it (Ctrl-C in its terminal), or start this one in another "
            "folder: tierbot demo --folder FOLDER"
        ) from error


def _database(folder: Path) -> str:
    return f"sqlite:///{folder / 'tierbot.db'}"


def _settings(folder: Path, program: Path | None) -> Settings:
    """Settings for a new database in the folder, after deleting the old one."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / f"tierbot.db{ending}").unlink(missing_ok=True)
    return Settings(database_url=_database(folder), program=program, port=0)


def _import(core: Core, data: Path, day: date) -> Imported:
    return _require(import_folder(core.engine, core.program, data, today=day, mirror=True))


def _require(imported: Imported) -> Imported:
    if imported.problems:
        raise BadData(list(report(imported.problems)))
    return imported


def _say(imported: Imported, core: Core, took: float, out: Console) -> None:
    counts = imported.counts
    sales, partners = (counts[name].added if name in counts else 0 for name in ("sales.csv", "partners.csv"))
    what = f"{sales:,} sales of {partners} partners imported into {core.url.database} in {took:.1f} s."
    out.print(f"{what} [dim]{core.program.label or ''}[/]")


def _subscribe(transactions: Transactions, user_id: str, *topics: Topic) -> None:
    schedule = Schedule(0, 9 * 60, "Europe/Berlin")
    user = SlackUser(TEAM, user_id)
    transactions.write_now(lambda connection, now: subscribe(connection, user, topics, schedule, None, now))


@dataclass(slots=True)
class SampleOfDay:
    """Replaces the data by what the sample knows on another day. Only what is new is imported, where the database has
    the sample `of` a day; with None, everything is.
    """

    core: Core
    of: date | None

    def __call__(self, day: date) -> None:
        """Bring the data to the day."""
        data = Path(str(self.core.settings.program)).parent
        if self.of is None:
            write_sample(data, known=day)
            _import(self.core, data, day)
        else:
            _require(
                import_source(self.core.engine, self.core.program, SampleChanges(data.name, self.of, day), today=day)
            )
        self.of = day
