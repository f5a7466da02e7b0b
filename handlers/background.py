"""Work that continues after its request was acknowledged."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any, Generic, TypeVar

FAREWELL_SECONDS = 1.0
T = TypeVar("T")


class Begun(Generic[T]):
    """Work that was run until it had to wait for something: it may have ended without a task of its own, which would
    cost it 50 microseconds. It must not limit its own time before it waits, because a task of its own does the rest.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.ended = False
        try:
            self._waits_for = work.send(None)
        except StopIteration as end:
            self.ended, self.result = True, end.value
        self._work = work

    async def rest(self) -> T:
        """The result of work that has not ended."""
        return await _rest(self._work, self._waits_for)


@coroutine
def _rest(work: Coroutine[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    go_on: Callable[[], Any]
    while True:
        try:
            go_on = partial(work.send, (yield waits_for))
        except BaseException as error:
            go_on = partial(work.throw, error)
        try:
            waits_for = go_on()
        except StopIteration as end:
            result: T = end.value
            return result


class BackgroundTasks:
    """Tasks that outlive their request, kept referenced until they end (running#starting-and-stopping)."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the work in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> int:
        """Wait up to `seconds` for the running tasks, then cancel the rest; how many were cancelled.

        The cancelled ones have FAREWELL_SECONDS to tell whoever waits for them.
        """
        if not self._tasks:
            return 0
        _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=FAREWELL_SECONDS)
        return len(unfinished)
