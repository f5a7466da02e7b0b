"""Background work takes turns in the event loop: whoever asks something waits for one piece of it, not for all."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

# The event loop gets the interpreter back after each of the threads that compute has had it.
THREADS = 2
T = TypeVar("T")


class Turns:
    """At most one turn in a pass of the event loop, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._lock, self.threads = asyncio.Lock(), asyncio.Semaphore(THREADS)

    async def next(self) -> None:
        """Return when others have been served since the turn before."""
        async with self._lock:
            await asyncio.sleep(0)


_TURNS: ContextVar[Turns | None] = ContextVar("turns", default=None)


@contextmanager
def in_background(turns: Turns | None) -> Iterator[None]:
    """Every read that the block and the tasks that it starts make takes one of these turns (architecture#hot-path).

    With None it takes none: where others wait for what the block does, they don't wait for turns, too.
    """
    before = _TURNS.get()
    _TURNS.set(turns)
    try:
        yield
    finally:
        _TURNS.set(before)  # a request goes on in another context than it began in: see handlers.background.Begun


async def turn() -> None:
    """Wait for the turn of work in the background; anything else goes on at once."""
    if (turns := _TURNS.get()) is not None:
        await turns.next()


async def in_thread(work: Callable[..., T], *args: object) -> T:
    """The result of what a thread does: of the background's work THREADS at a time, of anything else at once."""
    if (turns := _TURNS.get()) is None:
        return await asyncio.to_thread(work, *args)
    async with turns.threads:
        return await asyncio.to_thread(work, *args)
