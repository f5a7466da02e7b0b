"""How long `/tier` takes while something large runs beside it, on the same database."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from bench.load import timed
from bench.scale.database import user_of
from bench.scale.processes import Server

_PAUSE_SECONDS = 0.02


async def slowest_beside(bot: Server, partners: int, work: Callable[[], Awaitable[object]]) -> float:
    """The seconds of the slowest of a hundred answers to random partners, asked fifty times a second meanwhile."""
    random, took = Random(2), list[float]()
    running = asyncio.ensure_future(work())
    while not running.done():
        took.append(await timed(bot.port, "/tier", "", user=user_of(f"P{random.randint(1, partners):05d}")))
        await asyncio.sleep(_PAUSE_SECONDS)
    await running
    return sorted(took)[len(took) * 99 // 100]
