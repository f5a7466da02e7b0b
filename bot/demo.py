"""`tierbot demo`: the sample data, the real bot, the local Slack, and a terminal to ask in."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from rich.console import Console

from bot.binding import bind_user
from bot.logs import set_up_logging
from bot.playground.answer import Answer
from bot.playground.sample import DEMO_DAY, write_sample
from bot.playground.slack import Slack
from bot.playground.workspace import Channel, Person, Workspace
from bot.serving import Bot
from bot.settings import Settings
from bot.terminal import render
from bot.wiring import Core, create_core
from handlers.conversation import QUESTIONS
from tiercore.ingest.importing import import_folder

TEAM = "T01DEMO"
SHOWN_FIRST = (
    ("ana@example.com", "/tier"),
    ("ana@example.com", "/gap platinum"),
    ("ana@example.com", "/expiring"),
    ("ana@example.com", "/progress"),
    ("carla@example.com", "/tier"),
    ("carla@example.com", '/gap "Partner A"'),
    ("carla@example.com", '/expiring 30d "Partner A"'),
)
HOW_TO = """[bold]Now you.[/] Type a command as anyone of the sample:
  [cyan]/tier[/] · [cyan]/gap platinum[/] · [cyan]/expiring 3 months[/] · [cyan]/progress[/] · [cyan]/tier help[/]
  [cyan]click Gap[/]            press a button of the last answer, or choose from its list
  [cyan]as carla[/]             be someone else ([cyan]who[/] lists everyone)
  [cyan]on 2026-11-23[/]        ask on another day ([cyan]on today[/], [cyan]on 2022-09-05[/])
  [cyan]quit[/]"""


class Desk:
    """Someone at the terminal: who they are, which day it is, and the answer in front of them."""

    def __init__(self, slack: Slack, people: dict[str, str], out: Console, day: date) -> None:
        self.slack, self.people, self.out, self.day = slack, people, out, day
        self.email = SHOWN_FIRST[0][0]
        self.last: Answer | None = None

    async def type(self, line: str) -> None:
        """A slash command, as the person at the desk."""
        word, _, text = line.partition(" ")
        if word.removeprefix("/") not in QUESTIONS:
            known = ", ".join(question.command for question in QUESTIONS.values())
            self.out.print(f"{word} is no command here. Commands: {known}.", markup=False)
            return
        await self._show(line, self.slack.command(_slack_name(self.email), word, text, wait=1))

    async def click(self, what: str) -> None:
        """A button, or an option of a list, of the last answer."""
        if self.last is None or not self.last.shown:
            self.out.print("There is nothing to click yet.")
            return
        await self._show(f"click {what}", self.slack.click(_slack_name(self.email), self.last.message, what))

    async def _show(self, line: str, asking: Awaitable[Answer]) -> None:
        try:
            answer = await asking
            blocks = answer.blocks
        except LookupError as error:
            self.out.print(f"Nothing came of that: {error}", markup=False, style="red")
            return
        self.last = answer
        took = f"HTTP {answer.status}, {answer.seconds * 1000:.1f} ms"
        self.out.rule(f"[bold]{self.email}[/]  {line.replace('[', chr(92) + '[')}  [dim]{took}[/]", align="left")
        self.out.file.write(render(blocks, colour=self.out.is_terminal, width=min(self.out.width, 100)) + "\n\n")

    async def obey(self, line: str) -> bool:
        """Do what was typed; False to leave."""
        verb, _, rest = line.strip().partition(" ")
        if verb in ("quit", "exit", "q"):
            return False
        if verb.startswith("/"):
            await self.type(line.strip())
        elif verb in ("click", "choose"):
            await self.click(rest.strip())
        elif verb == "as":
            self._become(rest.strip())
        elif verb == "who":
            for email, what in self.people.items():
                self.out.print(f"  {email:32} {what}", markup=False)
        elif verb == "on":
            self._move_clock(rest.strip())
        elif verb:
            self.out.print(HOW_TO)
        return True

    def _become(self, who: str) -> None:
        found = [email for email in self.people if who and email.startswith(who.lower())]
        if not found:
            self.out.print(f"Nobody here is called {who!r}; who lists everyone.", markup=False)
            return
        self.email = found[0]
        self.out.print(f"You are {self.email}: {self.people[self.email]}", markup=False)

    def _move_clock(self, text: str) -> None:
        try:
            self.day = date.today() if text == "today" else date.fromisoformat(text)  # noqa: DTZ011
        except ValueError:
            self.out.print("Name a day as YYYY-MM-DD, or today.")
            return
        self.out.print(f"It is {self.day} now.")


def _slack_name(email: str) -> str:
    return email.replace("@", ".")


def _user_id(number: int) -> str:
    return f"U{number:05d}DEMO"


def prepare(folder: Path, out: Console) -> tuple[Core, dict[str, str]]:
    """A fresh database of the sample data under `folder`, and who is in it: what they are, by e-mail."""
    started = time.perf_counter()
    data, database = folder / "data", folder / "tierbot.db"
    data.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("tierbot.db*"):
        old.unlink()
    sample = write_sample(data)
    core = create_core(Settings(database_url=f"sqlite:///{database}", program=data / "program.toml", port=0))
    imported = import_folder(core.engine, core.program, data, today=DEMO_DAY)
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    people: dict[str, str] = {}
    names = {partner.partner_id: partner.name for partner in sample.partners}
    for person in sample.people:
        looked_after = people.get(person.email)
        own = names.get(person.partner_id or "", "every partner")
        people[person.email] = f"{looked_after}, {own}" if looked_after else f"{person.role} of {own}"
    for number, email in enumerate(people):
        bind_user(core.engine, TEAM, _user_id(number), email)
    sales = f"{imported.counts['sales.csv'].added:,} sales of {len(names)} partners"
    took = time.perf_counter() - started
    out.print(f"{sales} made and imported into {database} in {took:.1f} s. [dim]{core.program.label}[/]")
    return core, {email: what if len(what) < 90 else what[:89] + "…" for email, what in people.items()}


@asynccontextmanager
async def opened(core: Core, people: dict[str, str], out: Console, day: date) -> AsyncIterator[Desk]:
    """The bot, serving, in front of a local Slack with everyone in it."""
    workspace = Workspace(
        people=tuple(Person(_user_id(n), _slack_name(email), email=email) for n, email in enumerate(people)),
        channels=(Channel("C01GENERAL", "general"),),
        team_id=TEAM,
    )
    async with Slack(workspace=workspace) as slack:
        desk = Desk(slack, people, out, day)
        given = {
            "slack_bot_token": slack.bot_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_app_token": None,
            "slack_api_url": slack.api_url,
            "slack_response_url": slack.response_prefix,
        }
        settings = Settings(**{**core.settings.model_dump(), **given})
        bot = Bot(Core(settings, core.program, core.engine), today=lambda: desk.day)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        out.print(f"The bot listens on port {bot.port}, the local Slack on {slack.url}. It is {day} here.\n")
        try:
            yield desk
        finally:
            await bot.stop()


async def run_demo(folder: Path, day: date | None, out: Console) -> None:
    """Show the questions as a partner and as a CAM, then let the person at the terminal ask."""
    set_up_logging("ERROR")
    core, people = prepare(folder, out)
    async with opened(core, people, out, day or DEMO_DAY) as desk:
        for email, line in SHOWN_FIRST:
            desk.email = email
            await desk.type(line)
        desk.email = SHOWN_FIRST[0][0]
        out.print(HOW_TO)
        typed = await asyncio.to_thread(_read_line, desk)
        while typed is not None and await desk.obey(typed):
            typed = await asyncio.to_thread(_read_line, desk)


def _read_line(desk: Desk) -> str | None:
    """The next line typed; None at the end of input."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip() if line else None
    try:
        import readline  # noqa: F401  (arrow keys and history)

        return input(f"{desk.email} on {desk.day}> ")
    except (EOFError, KeyboardInterrupt):
        return None
