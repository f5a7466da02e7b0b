"""Ticking: every replica alike looks at the timetable and delivers the outbox (digests-and-alerts#scheduling).

APScheduler is the ticker alone: what is due is decided by the database, so any number of tickers is as good as one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.delivery import Delivery

if TYPE_CHECKING:
    from tiercore.notifications.service import Notifications

log = structlog.get_logger()
_STEP_SECONDS = 3.0  # what is being claimed is claimed by then
Tick = Callable[[], Awaitable[object]]


class Scheduler:
    """Start it, stop it. `ticks` are done besides planning, at every look."""

    def __init__(
        self, notifications: "Notifications", delivery: Delivery, late: timedelta, ticks: Sequence[Tick] = ()
    ) -> None:
        self._notifications, self.delivery, self._late, self._ticks = notifications, delivery, late, ticks
        self._ticker: AsyncIOScheduler | None = None
        self._due, self.looking = asyncio.Event(), asyncio.Lock()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def start(self, tick_seconds: float, idle_seconds: float) -> None:
        """Look at the timetable every so many seconds, beginning now; deliver all the while."""
        self._ticker = AsyncIOScheduler(timezone="UTC")
        self._ticker.add_job(
            self._ring, "interval", seconds=tick_seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._ticker.start()
        self._tasks = (
            asyncio.create_task(self._look_when_due()),
            asyncio.create_task(self.delivery.run(idle_seconds)),
        )

    async def _ring(self) -> None:
        self._due.set()

    async def _look_when_due(self) -> None:
        while True:
            await self.tick()
            await self._due.wait()
            self._due.clear()

    async def tick(self) -> None:
        """Put everything that is due into the outbox, while nobody else is `looking`.

        A failure is logged: the next look makes up for it.
        """
        async with self.looking:
            for each in (self.plan, *self._ticks):
                try:
                    await each()
                except Exception as error:
                    log.warning("tick_failed", error=type(error).__name__, reason=str(error)[:200])

    async def plan(self) -> None:
        """Plan what is due, in turns of some hundred, until nothing is left."""
        while True:
            planned = await self._notifications.plan(self._late)
            if not any(planned):
                return
            log.info("planned", digests=planned.digests, late=planned.late)

    async def stop(self, seconds: float) -> int:
        """Claim and plan nothing more, finish what is being sent; how many messages had to be left in doubt."""
        if self._ticker is not None:
            self._ticker.shutdown(wait=False)
            self._ticker = None
        self.delivery.stop_claiming()
        looking, *sending = self._tasks or (None,)
        if looking is not None:
            looking.cancel()
            await asyncio.wait((looking, *sending), timeout=max(seconds, _STEP_SECONDS))
        for task in sending:
            task.cancel()
        self._tasks = ()
        return await self.delivery.finish(seconds)
