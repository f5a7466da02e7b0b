"""Run a task of its own when it is due, beside everything else: the wiring says what and when."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class PeriodicTask:
    """One replica's part of a task, called `name` in the log: when it `is_due`, it is `run`, once at a time here. That
    only one replica runs it is the task's own business.
    """

    def __init__(self, name: str, is_due: Callable[[], Awaitable[bool]], run: Callable[[], Awaitable[object]]) -> None:
        self._name, self._is_due, self._run = name, is_due, run
        self._running: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Begin the task if it is due; it goes on by itself, so that no digest waits for it."""
        if self._running is not None and not self._running.done():
            return
        if await self._is_due():
            self._running = asyncio.create_task(self._logged())

    async def _logged(self) -> None:
        try:
            await self._run()
        except Exception as error:
            log.warning("task_failed", task=self._name, error=type(error).__name__, reason=str(error)[:200])

    async def finish(self) -> None:
        """Wait for the task that is under way, if there is one."""
        if self._running is not None:
            await asyncio.wait((self._running,))

    async def stop(self) -> None:
        """Break off the task that is under way, if there is one."""
        if self._running is not None:
            self._running.cancel()
        await self.finish()
