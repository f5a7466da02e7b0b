"""The demo's world: a local Slack with everyone in it, the real bot, and a clock that one can let go on."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from pathlib import Path
from typing import Any

from bot.everybody import Somebody, everybody, link_all
from bot.playground.answer import Answer
from bot.playground.slack import Slack
from bot.serving import Bot
from bot.wiring import Core
from handlers.conversation import QUESTIONS
from tiercore.deeds.sent import under_way
from tiercore.deeds.writer import Writer
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ingest.meant import did_you_mean

MORNING = dt_time(8, 30)
_PUT_OFF = timedelta(seconds=5)
_LOOKS = 400
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
    return f"{word[:40]} is no command of tierbot: {did_you_mean(word, commands)}It knows {', '.join(commands)}."


class World:
    """Who is there, which day it is, and what happens as time goes by. `learn` brings the data to another day."""

    def __init__(self, slack: Slack, core: Core, people: list[Somebody], day: date, learn: Learn | None) -> None:
        self.slack, self.core, self.day, self._learn = slack, core, day, learn
        self.people: dict[str, Somebody] = {}
        self._mornings = [(slack.state.clock(), day)]
        self.bot: Bot | None = None
        self.busy, self._stopping = asyncio.Lock(), False
        self.way: tuple[date, date] | None = None
        self.typed: dict[str, list[Json]] = {}
        self.welcome(people)

    def welcome(self, people: list[Somebody]) -> None:
        """Give everybody an account in Slack."""
        for each in people:
            self.slack.directory.person(each.as_person())
        self.people = {each.email: each for each in people}

    async def type(self, who: Somebody, line: str, channel: str, wait: float) -> Answer:
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
        """The time on that day: it goes on from the morning, and no further than to the day's end."""
        return self.moment_of(self.slack.state.clock())

    async def go_to(self, day: date) -> None:
        """Let it be another day: the data is what is known on it."""
        if day != self.day and self._learn:
            await asyncio.to_thread(self._learn, day)
        self.day = day
        self._mornings.append((self.slack.state.clock(), day))
        self.slack.state.last_post.clear()  # Slack's second between two messages was over long ago
        self.slack.state.screen.nudge()

    def moment_of(self, seconds: float) -> datetime:
        """The time it was here at a time of Slack's, in seconds since 1970."""
        at = bisect_right(self._mornings, seconds, key=lambda each: each[0])
        morning, day = self._mornings[max(0, at - 1)]
        return min(
            datetime.combine(day, MORNING, UTC) + timedelta(seconds=max(0.0, seconds - morning)),
            datetime.combine(day, dt_time.max, UTC),
        )

    async def advance(self, to: date) -> AsyncIterator[date]:
        """Let day after day pass, each when everything of it was sent. `way` says from where to where."""
        async with self.busy:
            self._stopping, self.way = False, (self.day, to)
            try:
                while self.day < to and not self._stopping:
                    await self.go_to(self.day + timedelta(1))
                    await self.told()
                    yield self.day
            finally:
                self.way = None
        self.slack.state.screen.nudge()

    def stop_moving(self) -> None:
        """Let no further day pass."""
        self._stopping = True

    def refuse(self, *kinds: str) -> None:
        """Let it be a workspace that knows these kinds of blocks not, and all others; to the bot it is a new one."""
        assert self.bot is not None
        assert self.bot.showing is not None
        self.slack.refuses.clear()
        self.slack.refuses.update(kinds)
        self.bot.showing.learn_anew()

    @property
    def learns(self) -> bool:
        """Whether the data comes to each day by itself, as the sample's does."""
        return self._learn is not None

    async def told(self) -> None:
        """Until everything that is due by now is sent, and what Slack put off for a second."""
        assert self.bot is not None
        assert self.bot.clockwork is not None
        await self.bot.clockwork.tick()
        writer = Writer(self.core.engine)
        for _ in range(_LOOKS):
            if not await writer.do(lambda connection, _: under_way(connection, self.moment() + _PUT_OFF)):
                return
            await asyncio.sleep(0.05)

    async def bring(self, folder: Path, *, replace: bool) -> Imported:
        """Import a folder of the operator's own, beside what is there or in its place; nothing of a bad one.

        From then on the data stays as it is when time passes.
        """
        program, engine = self.core.program, self.core.engine
        async with self.busy:
            imported = await asyncio.to_thread(import_folder, engine, program, folder, today=self.day, mirror=replace)
        if imported.stored:
            self._learn = None
            people = everybody(self.core, next(iter(self.people), ""))
            link_all(self.core, [each for each in people if each.email not in self.people])
            self.welcome(people)
            self.slack.state.screen.nudge()
        return imported
