"""The demo's world: a local Slack with everyone in it, the real bot, and a clock that one can let go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from pathlib import Path
from typing import Any

from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.server import Slack
from bot.playground.world.people import Account, everybody, link_all
from bot.playground.world.snapshots import Snapshots
from bot.serving import Bot
from bot.wiring import Core, create_services
from handlers.conversation import QUESTIONS
from tiercore.ingest.importing import Imported, import_folder
from tiercore.suggestions import did_you_mean

MORNING = dt_time(8, 30)
BUSY = "one thing at a time: days are passing already, or files are being imported"
_PUT_OFF = timedelta(seconds=5)
_LOOKS, _LOOK_SECONDS, _LEAP_SECONDS = 400, 0.05, 0.2
_GLANCE_SECONDS = 20.0
Learn = Callable[[date], None]
Json = dict[str, Any]


def no_command(line: str) -> str | None:
    """Why Slack would not send tierbot this line, and what to type instead; None where it would."""
    word = line.partition(" ")[0]
    commands = [each.command for each in QUESTIONS.values()]
    if word in commands:
        return None
    if not word.startswith("/"):
        return "tierbot is asked by commands: begin with /, as in /tier."
    meant = did_you_mean(word, commands)
    return f"{word[:40]} is no command of tierbot: {meant}{'It' if meant else 'it'} knows {', '.join(commands)}."


class Clock:
    """The time in the demo, for Slack and the bot alike: it begins in a day's morning and goes on as time does."""

    def __init__(self, day: date) -> None:
        self.begin(day)

    def begin(self, day: date) -> None:
        """Let it be the morning of a day."""
        self._morning, self._began = datetime.combine(day, MORNING, UTC), time.monotonic()

    def leap(self, seconds: float) -> None:
        """Let it be later at once: nobody has to wait for it."""
        self._began -= seconds

    def moment(self) -> datetime:
        """The time it is."""
        return self._morning + timedelta(seconds=time.monotonic() - self._began)

    def __call__(self) -> float:
        """The time in seconds since 1970."""
        return self.moment().timestamp()


class World:
    """Who is there, which day it is, and what happens as time goes by. `learn` brings the data to another day."""

    def __init__(
        self, slack: Slack, core: Core, people: list[Account], day: date, learn: Learn | None, clock: Clock
    ) -> None:
        self.slack, self.core, self.day, self._learn, self.clock = slack, core, day, learn, clock
        self.people: dict[str, Account] = {}
        self.bot: Bot | None = None
        self.busy, self._stopping = asyncio.Lock(), False
        self.way: tuple[date, date] | None = None
        self.typed: dict[str, list[Json]] = {}
        self._mornings = Snapshots(core, slack)
        self._mornings.keep(day, self.typed)
        self.welcome(people)

    def welcome(self, people: list[Account]) -> None:
        """Give everybody an account in Slack."""
        for each in people:
            self.slack.directory.person(each.as_person())
        self.people = {each.email: each for each in people}

    async def type(self, who: Account, line: str, channel: str, wait: float) -> Answer:
        """Someone types a command. It is kept in `typed`, by user, because Slack itself doesn't show it."""
        word, _, text = line.partition(" ")
        ts = self.slack.state.screen.next_ts()
        said = {"ts": ts, "channel": channel, "typed": line, "where": "message", "thread": None}
        self.typed.setdefault(who.user_id, []).append(said)
        return await self.slack.command(who.user_id, word, text, channel=channel, wait=wait)

    def today(self) -> date:
        """The day that questions are about."""
        return self.day

    def moment(self) -> datetime:
        """The time it is here."""
        return self.clock.moment()

    async def go_to(self, day: date) -> None:
        """Let it be another day at once. On a way back it is as it was when that day began."""
        async with self._alone():
            await self._go_to(day)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One thing at a time, and the page sees when."""
        try:
            async with self.busy:
                self.slack.state.screen.notify()
                yield
        finally:
            self.slack.state.screen.notify()

    async def _go_to(self, day: date) -> None:
        if day == self.day:
            return
        assert self.bot is not None
        assert self.bot.scheduler is not None
        async with self.bot.scheduler.ticking:  # nobody looks at a day that is half of one and half of another
            if day > self.day:
                self._mornings.keep(day, self.typed)
            if self._learn:
                await asyncio.to_thread(self._learn, day)
            back, self.day = day < self.day, day
            self.clock.begin(day)
            if back:
                self.typed = self._mornings.back_to(day)
                self.slack.state.screen.rewind()
        self.slack.state.screen.notify()

    async def live(self) -> None:
        """Let the next day begin where one is over that nobody has moved on from."""
        while True:
            await asyncio.sleep(_GLANCE_SECONDS)
            await self.end_the_day()

    async def end_the_day(self) -> None:
        """Where midnight has passed, let the next day begin."""
        if self.moment().date() > self.day and not self.busy.locked():
            async for _ in self.advance(self.day + timedelta(1)):
                pass

    async def advance(self, to: date) -> AsyncIterator[date]:
        """Let day after day pass, each when everything of it was sent. `way` says from where to where."""
        async with self._alone():
            self._stopping, self.way = False, (self.day, to)
            try:
                while self.day < to and not self._stopping:
                    await self._go_to(self.day + timedelta(1))
                    await self.told()
                    yield self.day
            finally:
                self.way = None

    def stop_moving(self) -> None:
        """Let no further day pass."""
        self._stopping = True

    def refuse(self, *kinds: str) -> None:
        """Let it be a workspace that knows these kinds of blocks not, and all others; to the bot it is a new one."""
        assert self.bot is not None
        assert self.bot.presenter is not None
        self.slack.unsupported_types.clear()
        self.slack.unsupported_types.update(kinds)
        self.bot.presenter.forget_what_was_learned()

    @property
    def learns(self) -> bool:
        """Whether the data comes to each day by itself, as the sample's does."""
        return self._learn is not None

    async def told(self) -> None:
        """Until everything that is due by now is sent, and what Slack put off for a second."""
        assert self.bot is not None
        assert self.bot.scheduler is not None
        await self.bot.scheduler.tick()
        outbox = create_services(self.core).outbox
        for _ in range(_LOOKS):
            if not await outbox.due_before(self.moment() + _PUT_OFF):
                return
            await asyncio.sleep(_LOOK_SECONDS)
            self.clock.leap(_LEAP_SECONDS)  # days pass here: Slack's second between two messages may do so, too

    async def bring(self, folder: Path, *, replace: bool) -> Imported:
        """Import a folder of the operator's own, beside what is there or in its place; nothing of a bad one.

        From then on the data stays as it is when time passes.
        """
        program, engine = self.core.program, self.core.engine
        async with self._alone():
            imported = await asyncio.to_thread(import_folder, engine, program, folder, today=self.day, mirror=replace)
        if imported.stored:
            self._learn = None
            people = everybody(self.core, next(iter(self.people), ""))
            link_all(self.core, [each for each in people if each.email not in self.people])
            self.welcome(people)
            self.slack.state.screen.notify()
        return imported
