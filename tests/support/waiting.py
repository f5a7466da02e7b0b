"""Waiting in tests, always with a timeout and a message about what didn't happen."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")
TIMEOUT = 30.0  # seconds: everything that will happen happens sooner, however busy the machine is


async def wait_until(holds: Callable[[], object], what: str) -> None:
    """Wait until the condition holds, checked twenty times a second. Fails after TIMEOUT seconds."""
    ends = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < ends, f"not within {TIMEOUT:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def within(awaited: Awaitable[T], what: str, seconds: float = TIMEOUT) -> T:
    """Await the result. Fails after that many seconds without one."""
    async with time_limit(what, seconds):
        return await awaited


@asynccontextmanager
async def time_limit(what: str, seconds: float = TIMEOUT) -> AsyncIterator[None]:
    """Limit the time of the block. Fails if it takes longer than that many seconds."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from error
