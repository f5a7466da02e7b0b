"""The scheduler: every replica plans what is due and delivers the outbox (digests-and-alerts#scheduling).

APScheduler only provides the tick. The database decides what is due, so any number of replicas does the same as one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.delivery import Delivery
from tiercore.turns import Turns, in_background

if TYPE_CHECKING:
    from tiercore.notifications.service import Notifications

log = structlog.get_logger()
_CLAIM_SECONDS = 3.0  # enough for a claim that is under way to finish
Tick = Callable[[], Awaitable[object]]


class Scheduler:
    """Plans every `tick_seconds` and delivers continuously, from start() to stop(). `ticks` run after planning; a slot
    missed by more than `late` is skipped.
    """

    def __init__(
        self, notifications: "Notifications", delivery: Delivery, late: timedelta, ticks: Sequence[Tick] = ()
    ) -> None:
        self._notifications, self.delivery, self._late, self._ticks = notifications, delivery, late, ticks
        self._ticker: AsyncIOScheduler | None = None
        self._due, self.ticking, self._turns = asyncio.Event(), asyncio.Lock(), Turns()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def start(self, tick_seconds: float, idle_seconds: float) -> None:
        """Tick now and every `tick_seconds`; deliver all the time, polling an idle outbox at `idle_seconds`."""
        self._ticker = AsyncIOScheduler(timezone="UTC")
        self._ticker.add_job(
            self._wake, "interval", seconds=tick_seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._ticker.start()
        self._tasks = (
            asyncio.create_task(self._tick_when_due()),
            asyncio.create_task(self.delivery.run(idle_seconds)),
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Tick only where tick() is called, until the context ends."""
        assert self._ticker is not None
        self._ticker.pause()
        try:
            yield
        finally:
            if self._ticker is not None:
                self._ticker.resume()

    async def _wake(self) -> None:
        self._due.set()

    async def _tick_when_due(self) -> None:
        while True:
            await self.tick()
            await self._due.wait()
            self._due.clear()

    async def tick(self) -> None:
        """Put everything that is due into the outbox, holding the lock `ticking`.

        A failure is logged, and the next tick catches up.
        """
        async with self.ticking:
            with in_background(self._turns):
                await self._tick()

    async def _tick(self) -> None:
        for run in (self.plan, *self._ticks):
            try:
                await run()
            except Exception as error:
                log.warning("tick_failed", error=type(error).__name__, reason=str(error)[:200])

    async def plan(self) -> None:
        """Plan everything that is due, a few hundred slots at a time."""
        while True:
            planned = await self._notifications.plan(self._late)
            if not any(planned):
                return
            log.info("planned", digests=planned.digests, late=planned.late)

    async def stop(self, seconds: float) -> int:
        """Stop planning and claiming, and finish what is being sent, within so many seconds; how many messages are left
        in doubt.
        """
        if self._ticker is not None:
            self._ticker.shutdown(wait=False)
            self._ticker = None
        self.delivery.stop_claiming()
        planning, *sending = self._tasks or (None,)
        if planning is not None:
            planning.cancel()
            await asyncio.wait((planning, *sending), timeout=max(seconds, _CLAIM_SECONDS))
        for task in sending:
            task.cancel()
        self._tasks = ()
        return await self.delivery.finish(seconds)
