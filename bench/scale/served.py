"""A served bot that also works when told: python -m bench.scale.served URL API_URL PROGRAM KEEP.

It prints its port. Then each line of standard input names a piece of work, which is answered with a line of JSON: its
seconds of CPU and of the clock, and the longest time that it held the event loop.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bench.load import SECRET
from bench.scale.database import ADMIN, CAM, TEAM
from bench.scale.market import AS_OF
from bot.logs import set_up_logging
from bot.serving import Bot
from bot.settings import Settings
from bot.wiring import Core, create_core, create_services, open_conversation
from handlers.conversation import Conversation
from handlers.views.answers.partner_list import ROWS
from tiercore.access import SlackUser
from tiercore.answers import Answers
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.transactions import Transactions

_MORNING = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 8, 30, tzinfo=UTC)
_NINE = Schedule(AS_OF.weekday(), 9 * 60, "UTC")
_STEP_SECONDS, _IDLE, _PATIENCE = 0.002, 86_400.0, 1_200.0
Work = Callable[[], Awaitable[object]]


class ServedBot:
    """The bot, its time, and the work that it can be told to do."""

    def __init__(self, core: Core) -> None:
        self.core, self.now, self.day, self._nine = core, _MORNING, AS_OF, _MORNING + timedelta(minutes=31)
        self.bot = Bot(core, time.time, lambda: self.day, lambda: self.now)
        self._stack = AsyncExitStack()
        self._conversation: Conversation | None = None
        self.work: dict[str, Work] = {
            "subscribe alerts": lambda: self._subscribe(Topic.ALERTS),
            "subscribe digest": lambda: self._subscribe(Topic.DIGEST),
            "tick": self._tick,
            "next day": self._next_day,
            "digests": self._digests,
            "portfolio of a CAM": lambda: self._portfolio(CAM),
            "portfolio of an admin": lambda: self._portfolio(ADMIN),
            "week of a CAM": lambda: self._week(CAM),
        }

    async def _subscribe(self, topic: Topic) -> None:
        def all_of_them(connection: Connection, _now: datetime) -> None:
            for user in connection.scalars(select(table(LinkRow).c.user_id)).all():
                if user.startswith("UP"):
                    subscribe(connection, SlackUser(TEAM, user), (topic,), _NINE, None, self.now)

        await Transactions(self.core.engine).write(all_of_them)

    async def _tick(self) -> None:
        assert self.bot.scheduler is not None
        await self.bot.scheduler.tick()

    async def _next_day(self) -> None:
        """Look at every partner, because the day has changed."""
        self.day += timedelta(1)
        await self._tick()

    async def _digests(self) -> None:
        """Let it be nine, the next time a week later, and wait until everything that is due then has been sent."""
        self.now, self._nine = self._nine, self._nine + timedelta(days=7)
        await self._tick()
        outbox = create_services(self.core).outbox
        until = time.monotonic() + _PATIENCE
        while await outbox.due_before(self.now):
            if time.monotonic() > until:
                raise RuntimeError("the digests aren't sent: is there a failure in the log?")
            self.now += timedelta(seconds=1)  # Slack's second between two messages
            await asyncio.sleep(0.05)

    async def _portfolio(self, user: str) -> None:
        """The first page of all partners, by the bot's own answers: what it keeps of them is known the next time."""
        answers = await self._answers()
        await answers.reports.states(await answers.reach(SlackUser(TEAM, user)), AS_OF, count=ROWS)

    async def _answers(self) -> Answers:
        """Answers that stay open, with what they keep, until the process ends."""
        if self._conversation is None:
            opened = await self._stack.enter_async_context(open_conversation(self.core))
            self._conversation = opened[0]
        return self._conversation.answers

    async def _week(self, user: str) -> None:
        """What the digest of a user with many partners is made of."""
        answers = await self._answers()
        await answers.reports.portfolio(await answers.reach(SlackUser(TEAM, user)), AS_OF)

    async def measured(self, name: str) -> dict[str, float]:
        """Do the work; what it took."""
        held = asyncio.create_task(_longest_hold())
        cpu, clock = time.process_time(), time.perf_counter()
        await self.work[name]()
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        held.cancel()
        with suppress(asyncio.CancelledError):
            await held
        return {"cpu": cpu, "wall": clock, "hold": _HELD.pop()}


_HELD: list[float] = []


async def _longest_hold() -> None:
    longest = 0.0
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_STEP_SECONDS)
            longest = max(longest, time.perf_counter() - before - _STEP_SECONDS)
    finally:
        _HELD.append(longest)


async def main(url: str, api_url: str, program: str, keep: str) -> None:
    """Serve, and work as standard input says, until it ends."""
    set_up_logging("ERROR")
    given: dict[str, Any] = {"slack_bot_token": "xoxb-bench", "slack_signing_secret": SECRET}
    given |= {"keep_answers": int(keep), "native_blocks": "yes", "watch_seconds": _IDLE, "tick_seconds": _IDLE}
    given |= {"slack_api_url": api_url, "slack_response_url": api_url, "posts_a_second": 1_000_000}
    settings = Settings(database_url=url, program=Path(program), today=AS_OF, port=0, **given)
    served = ServedBot(create_core(settings))
    await served.bot.start()
    print(served.bot.port, flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(json.dumps(await served.measured(line)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
    os._exit(0)
