"""Fails where something holds the event loop, measured as the bot itself measures it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.loop_watch import LIMIT_SECONDS, watch_loop


@asynccontextmanager
async def no_hold(seconds: float = LIMIT_SECONDS) -> AsyncIterator[list[float]]:
    """Fail if the block keeps the loop's thread busy for so many seconds at a stretch. CPU time is what counts: a busy
    machine may make anything late. What was loaded before isn't looked through for garbage meanwhile, as in `tierbot
    serve`. Gives the stretches measured so far.
    """
    stretches = list[float]()
    gc.freeze()
    watching = asyncio.create_task(watch_loop(lambda _late, cpu: stretches.append(cpu)))
    await asyncio.sleep(0)
    try:
        yield stretches
        await asyncio.sleep(0.05)
    finally:
        watching.cancel()
        gc.unfreeze()
    longest = max(stretches)
    assert longest < seconds, f"the event loop was held for {longest * 1000:.0f} ms"
