"""`tierbot demo`: the sample data, the real bot, the local Slack, and a terminal to ask in."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from bot.logs import set_up_logging
from bot.playground.sample import DEMO_DAY, write_sample
from bot.playground.slack import Slack
from bot.playground.workspace import Channel, Person, Workspace
from bot.serving import Bot
from bot.settings import Settings
from bot.visit import HOW_TO, MORNING, Visit, slack_name
from bot.wiring import Core, create_core
from tiercore.access import SlackUser
from tiercore.deeds.linking import link
from tiercore.deeds.sent import under_way
from tiercore.deeds.subscriptions import Topic, subscribe
from tiercore.deeds.writer import Writer
from tiercore.ingest.importing import Imported, import_folder
from tiercore.timetable import Weekly

TEAM = "T01DEMO"
_PUT_OFF = timedelta(seconds=5)
SHOWN_FIRST = (
    ("ana@example.com", "/tier"),
    ("ana@example.com", "/gap platinum"),
    ("ana@example.com", "/expiring"),
    ("ana@example.com", "/progress"),
    ("carla@example.com", "/tier"),
    ("carla@example.com", '/gap "Partner A"'),
    ("carla@example.com", '/expiring 30d "Partner A"'),
)


def _link(writer: Writer, user_id: str, email: str) -> None:
    writer.now(lambda connection, now: link(connection, SlackUser(TEAM, user_id), email, now))


def _user_id(number: int) -> str:
    return f"U{number:05d}DEMO"


# Who isn't in the sample's people: they can ask to be linked.
STRANGER = "eve@example.com"


def prepare(folder: Path, out: Console, day: date = DEMO_DAY) -> tuple[Core, dict[str, str]]:
    """A fresh database of the sample data as known on the day, and who is in it: what they are, by e-mail."""
    started = time.perf_counter()
    data, database = folder / "data", folder / "tierbot.db"
    data.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("tierbot.db*"):
        old.unlink()
    sample = write_sample(data, known=day)
    core = create_core(Settings(database_url=f"sqlite:///{database}", program=data / "program.toml", port=0))
    imported = _import(core, data, day)
    people: dict[str, str] = {}
    names = {partner.partner_id: partner.name for partner in sample.partners}
    for person in sample.people:
        looked_after = people.get(person.email)
        own = names.get(person.partner_id or "", "every partner")
        people[person.email] = f"{looked_after}, {own}" if looked_after else f"{person.role} of {own}"
    writer = Writer(core.engine)
    for number, email in enumerate(people):
        _link(writer, _user_id(number), email)
    morning = Writer(core.engine, lambda: datetime.combine(day, MORNING, UTC))
    users = {email: _user_id(number) for number, email in enumerate(people)}
    _subscribe(morning, users["ana@example.com"], Topic.PROGRESS, Topic.EXPIRY, Topic.ALERTS)
    _subscribe(morning, users["carla@example.com"], Topic.PORTFOLIO, Topic.ALERTS)
    people[STRANGER] = "in Slack, but not linked yet"
    sales = f"{imported.counts['sales.csv'].added:,} sales of {len(names)} partners"
    took = time.perf_counter() - started
    out.print(f"{sales} made and imported into {database} in {took:.1f} s. [dim]{core.program.label}[/]")
    return core, {email: what if len(what) < 90 else what[:89] + "…" for email, what in people.items()}


def _subscribe(writer: Writer, user_id: str, *topics: Topic) -> None:
    weekly = Weekly(0, 9 * 60, "Europe/Berlin")
    user = SlackUser(TEAM, user_id)
    writer.now(lambda connection, now: subscribe(connection, user, topics, weekly, None, now))


async def _told(bot: Bot, core: Core) -> None:
    """Until everything that is due by now is sent, and what Slack put off for a second."""
    assert bot.clockwork is not None
    await bot.clockwork.tick()
    writer = Writer(core.engine)
    for _ in range(400):
        if not await writer.do(lambda connection, _: under_way(connection, bot.moment() + _PUT_OFF)):
            return
        await asyncio.sleep(0.05)


def _import(core: Core, data: Path, day: date) -> Imported:
    imported = import_folder(core.engine, core.program, data, today=day, mirror=True)
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    return imported


def learn(core: Core, day: date) -> None:
    """Let the database hold what is known on another day: what has happened by then, and nothing else."""
    data = Path(str(core.settings.program)).parent
    write_sample(data, known=day)
    _import(core, data, day)


@asynccontextmanager
async def opened(core: Core, people: dict[str, str], out: Console, day: date) -> AsyncIterator[Visit]:
    """The bot, serving, in front of a local Slack with everyone in it."""
    workspace = Workspace(
        people=tuple(Person(_user_id(n), slack_name(email), email=email) for n, email in enumerate(people)),
        channels=(Channel("C01GENERAL", "general"),),
        team_id=TEAM,
    )
    async with Slack(workspace=workspace) as slack:
        visit = Visit(slack, people, out, day, lambda new: learn(core, new), lambda: _told(bot, core))
        given = {
            "slack_bot_token": slack.bot_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_app_token": None,
            "slack_api_url": slack.api_url,
            "slack_response_url": slack.response_prefix,
            "tick_seconds": 0.5,
            "posts_a_second": 50,
        }
        settings = Settings(**{**core.settings.model_dump(), **given})
        bot = Bot(Core(settings, core.program, core.engine), today=lambda: visit.day, moment=visit.moment)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        out.print(f"The bot listens on port {bot.port}, the local Slack on {slack.url}. It is {day} here.\n")
        try:
            yield visit
        finally:
            await bot.stop()


async def run_demo(folder: Path, day: date | None, out: Console) -> None:
    """Show the questions as a partner and as a CAM, then let the person at the terminal ask."""
    set_up_logging("ERROR")
    core, people = prepare(folder, out, day or DEMO_DAY)
    async with opened(core, people, out, day or DEMO_DAY) as visit:
        for email, line in SHOWN_FIRST:
            visit.email = email
            await visit.type(line)
        visit.email = SHOWN_FIRST[0][0]
        out.print(HOW_TO)
        typed = await asyncio.to_thread(_read_line, visit)
        while typed is not None and await visit.obey(typed):
            typed = await asyncio.to_thread(_read_line, visit)


def _read_line(visit: Visit) -> str | None:
    """The next line typed; None at the end of input."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip() if line else None
    try:
        import readline  # noqa: F401  (arrow keys and history)

        return input(f"{visit.email} on {visit.day}> ")
    except (EOFError, KeyboardInterrupt):
        return None
