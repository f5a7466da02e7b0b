"""The local Slack in a terminal: type commands, click, open Home, read what appears."""

import asyncio
import re
from collections.abc import Awaitable
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console

from bot.playground.form_fields import typed_values
from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.screen import Shown
from bot.playground.sample import LAST_DAY as LAST_KNOWN
from bot.playground.timespans import advanced, day_named
from bot.playground.world.world import BUSY, World, command_error
from bot.terminal.render import render

PATIENCE = 5.0
_UNFINISHED = (
    "One moment",
    "Looking for what explains",
    "Looking at who is there",
)  # in a modal that is about to be updated
FIRST_DAY, LAST_DAY = date(2019, 1, 1), LAST_KNOWN + timedelta(365)
_FILE_AND_WORDS = re.compile(r'(?:"([^"]+)"|(\S+))\s*(.*)', re.DOTALL)
HOW_TO = """[bold]Now you.[/] Type a command:
  [cyan]/tier[/] · [cyan]/gap platinum[/] · [cyan]/expiring 3 months[/] · [cyan]/progress[/] · [cyan]/clients[/]
  [cyan]/changes june[/] · [cyan]/recalibration[/] · [cyan]/why sold[/] · [cyan]/convert 225 points[/]
  [cyan]click Gap[/]            press a button you see, or choose from its list
  [cyan]click Open in Ivy[/]    press the button in a table's row
  [cyan]home[/]                 open the Home tab
  [cyan]fill in MRR=9,000[/]    send the window that's open, with fields by their labels: MRR=9,000 | Motion=Sourced
  [cyan]messages[/]             read the newest message from tierbot
  [cyan]drop sales.csv[/]       send a file to tierbot, and the words that follow: drop "my list.xlsx" currency=USD
  {someone} be someone else ([cyan]who[/] lists everyone)
  [cyan]advance 7 days[/]       let time pass and see the digests and alerts
  [cyan]on 2026-11-23[/]        go to another day ([cyan]on today[/], [cyan]on 2022-09-05[/])
  [cyan]quit[/]"""


class TerminalSession:
    """A person in the local Slack, and in `front` the message or view that they see."""

    def __init__(self, world: World, out: Console) -> None:
        self.world, self.slack, self.out = world, world.slack, out
        self.email = next(iter(world.people), "")
        self.front: Shown | None = None

    @property
    def name(self) -> str:
        """The person's name in Slack."""
        return self.world.people[self.email].slack_name

    def explain(self) -> None:
        """Print what can be typed, with someone else in this data as an example."""
        other = next((email for email in self.world.people if email != self.email), self.email)
        line = f"as {other.partition('@')[0]}"
        self.out.print(HOW_TO.format(someone=f"[cyan]{line}[/]".ljust(len("[cyan][/]") + 20)))

    @property
    def prompt(self) -> str:
        """The prompt: the person and the day."""
        return f"{self.email} on {_formatted(self.world.day)}> "

    async def type(self, line: str) -> None:
        """Type a slash command."""
        me, wrong = self.world.people[self.email], command_error(line)
        if wrong:
            self.out.print(wrong, markup=False)
            return
        here = self.slack.directory.direct_message(me.user_id).channel_id
        await self._show(line, self.world.type(me, line, here, wait=PATIENCE))

    async def click(self, what: str) -> None:
        """Click a button, or choose an option, in `front`; "Open in Ivy" names a table's row."""
        if self.front is None:
            self.out.print("There is nothing to click yet.")
            return
        label, _, row = what.partition(" in ")
        await self._show(
            f"click {what}", self.slack.click(self.name, self.front, label, row=row or None, wait=PATIENCE)
        )

    async def open_home(self) -> None:
        """Open the Home tab."""
        await self._show("home", self.slack.open_home(self.name))

    async def fill_in(self, text: str) -> None:
        """Fill in the modal in `front` and submit it: its only field, or fields by label ("Source=Portal | …")."""
        if self.front is None or self.front.where != "modal":
            self.out.print("No window is open. Try: home, then click Send feedback.")
            return
        try:
            values = typed_values(text, self.front.blocks, self.slack.state.directory)
        except LookupError as error:
            self._refuse(str(error))
            return
        await self._show(f"fill in {text}", self.slack.submit_view(self.name, self.front, values))

    async def open_messages(self) -> None:
        """Show the newest message in the direct messages with the bot, once all that is due has arrived."""
        if not self.world.busy.locked():
            await self.world.deliver_due()
        me = self.world.people[self.email].user_id
        dm = self.slack.directory.direct_message(me).channel_id
        seen = [each for each in self.slack.messages(dm, me) if not each.author and not each.thread_ts]
        if not seen:
            self.out.print("There are no messages from tierbot yet.")
            return
        self._print_message(seen[-1], "the newest message")

    async def drop(self, name: str, data: bytes, words: str = "") -> None:
        """Drop a file in the direct messages with the bot, with words written beside it."""
        shared = self.slack.share(self.name, {name: data}, words, wait=PATIENCE)
        await self._show(f"drop {name} {words}".strip(), shared)

    async def _drop_file(self, text: str) -> None:
        path, words = Path(text), ""
        if not await asyncio.to_thread(path.is_file):  # words follow; a name with a space is quoted
            found = _FILE_AND_WORDS.match(text)
            path, words = (Path(found[1] or found[2]), found[3]) if found else (path, "")
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            self.out.print(f"{path} can't be read: {error.strerror}", markup=False)
            return
        await self.drop(path.name, data, words)

    async def _show(self, line: str, action: Awaitable[Answer]) -> None:
        start = len(self.slack.state.screen.stream)
        try:
            answer = await action
        except LookupError as error:
            self._refuse(str(error))
            return
        self.front = await self._settled(start)
        took = f"HTTP {answer.status}, {answer.seconds * 1000:.1f} ms"
        self.out.rule(f"[bold]{self.email}[/]  {line.replace('[', chr(92) + '[')}  [dim]{took}[/]", align="left")
        if self.front is None:
            why = "; ".join(answer.sent.problems) or answer.sent.error or "nothing was shown"
            self._refuse(why)
            return
        where = "" if self.front.where == "message" else f"[ {self.front.where}: {self.front.text or 'tierbot'} ]\n"
        errors = "".join(f"! {each}\n" for each in self.front.errors.values())
        self.out.file.write(f"{where}{errors}{self._drawn(self.front)}\n\n")

    def _drawn(self, shown: Shown) -> str:
        text = render(shown.blocks, colour=self.out.is_terminal, width=min(self.out.width, 100))
        return self.slack.state.directory.with_names(text)

    def _refuse(self, why: str) -> None:
        self.out.print(f"That didn't work: {why}", markup=False, style="red")

    async def _settled(self, start: int) -> Shown | None:
        """What the person sees last, once a modal that opened empty has its contents."""
        screen, user = self.slack.state.screen, self.slack.state.directory.person(self.name).user_id

        def last() -> Shown | None:
            seen = [each for each in screen.stream[start:] if each.user in (None, user) and not each.deleted]
            return seen[-1] if seen else None

        def settled() -> bool:
            found = last()
            return found is not None and not any(each in str(found.blocks) for each in _UNFINISHED)

        await screen.until(settled, PATIENCE)
        return last()

    async def run(self, line: str) -> bool:
        """Run a line; False to quit."""
        if self.email not in self.world.people:  # after an import on the page
            gone, self.email, self.front = self.email, next(iter(self.world.people)), None
            self.out.print(f"{gone} isn't in this data any more. You are now {self.email}.", markup=False)
        verb, _, rest = line.strip().partition(" ")
        verb = verb.lower()
        if verb in ("quit", "exit", "q"):
            return False
        if verb.startswith("/"):
            await self.type(line.strip())
        elif verb in ("click", "choose"):
            await self.click(rest.strip())
        elif verb == "home":
            await self.open_home()
        elif verb == "messages":
            await self.open_messages()
        elif verb == "drop":
            await self._drop_file(rest.strip())
        elif verb == "fill":
            await self.fill_in(re.sub(r"^in\b", "", rest).strip())
        elif verb in ("on", "advance"):
            await self._move_clock(verb, rest.strip())
        else:
            self._arrange(verb, rest.strip())
        return True

    def _arrange(self, verb: str, rest: str) -> None:
        if verb == "as":
            self._become(rest)
        elif verb == "who":
            for each in self.world.people.values():
                self.out.print(f"  {each.email:32} {_short(each.what)}", markup=False)
        elif verb:
            self.explain()

    def _become(self, who: str) -> None:
        found = [email for email in self.world.people if who and email.startswith(who.lower())]
        if not found:
            self.out.print(f"There's nobody called {who!r} here. Type who to list everyone.", markup=False)
            return
        self.email, self.front = found[0], None
        self.out.print(f"You are {self.email}: {_short(self.world.people[self.email].what)}", markup=False)

    async def _advance(self, to: date) -> None:
        """Let the days pass one by one, and show what the person gets."""
        start = len(self.slack.state.screen.stream)
        async for day in self.world.advance(to):
            self.out.print(f"{day:%a} {_formatted(day)}", style="dim")
            mine = self.slack.state.directory.direct_message(self.slack.state.directory.person(self.name).user_id)
            for shown in self.slack.state.screen.stream[start:]:
                if shown.channel == mine.channel_id and not shown.deleted:
                    self._print_message(shown)
            start = len(self.slack.state.screen.stream)

    def _print_message(self, shown: Shown, how: str = "") -> None:
        how = how or ("changed" if shown.replaced else "in the thread" if shown.thread_ts else "by subscription")
        self.out.rule(f"[bold]tierbot[/] sends to {self.email}  [dim]{how}[/]", align="left")
        self.out.file.write(f"{self._drawn(shown)}\n\n")
        self.front = shown

    async def _move_clock(self, verb: str, text: str) -> None:
        today = self.world.day
        day = advanced(today, text) if verb == "advance" else day_named(text)
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            how = "Type how far, like: advance 7 days" if verb == "advance" else "Type a day as YYYY-MM-DD, or today"
            self.out.print(f"{how}. Days go from {FIRST_DAY} to {LAST_DAY}.")
            return
        if self.world.busy.locked():
            self.out.print(BUSY.capitalize() + ".")
            return
        await (self._advance(day) if verb == "advance" else self.world.jump_to(day))
        self.out.print(f"It is now {_formatted(self.world.day)}.")


def _formatted(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _short(text: str) -> str:
    return text if len(text) < 90 else text[:89] + "…"
