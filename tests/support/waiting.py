"""Waiting in tests: always with an end, and with a word on what didn't come."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")
ENOUGH = 30.0  # seconds: what is going to happen takes less, however busy the machine is


async def until(holds: Callable[[], object], what: str) -> None:
    """Wait until it holds, asked twenty times a second. Fails where it doesn't within ENOUGH seconds."""
    ends = time.monotonic() + ENOUGH
    while not holds():
        assert time.monotonic() < ends, f"not within {ENOUGH:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def within(awaited: Awaitable[T], what: str, seconds: float = ENOUGH) -> T:
    """What is awaited. Fails where it isn't there within so many seconds."""
    async with ending(what, seconds):
        return await awaited


@asynccontextmanager
async def ending(what: str, seconds: float = ENOUGH) -> AsyncIterator[None]:
    """Within it so many seconds may pass at most. Fails where it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from error
