"""Fails where something holds the event loop, measured as the bot itself measures it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.loop_watch import LIMIT_SECONDS, watch_loop


@asynccontextmanager
async def no_hold(seconds: float = LIMIT_SECONDS) -> AsyncIterator[list[float]]:
    """Fail if the block keeps the loop's thread busy for so many seconds at a stretch. CPU time is what counts: a busy
    machine may make anything late. Gives the stretches measured so far.
    """
    stretches = list[float]()
    watching = asyncio.create_task(watch_loop(lambda _late, cpu: stretches.append(cpu)))
    await asyncio.sleep(0)
    yield stretches
    await asyncio.sleep(0.05)
    watching.cancel()
    longest = max(stretches)
    assert longest < seconds, f"the event loop was held for {longest * 1000:.0f} ms"
