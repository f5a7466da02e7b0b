"""How long `/tier` takes while something large runs beside it, on the same database."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from bench.load import timed
from bench.scale.database import user_of
from bench.scale.processes import Server

_PAUSE_SECONDS = 0.02


async def answers_beside(port: int, user: Callable[[], str], work: Awaitable[object]) -> list[float]:
    """The seconds of each answer, ascending, asked fifty times a second until the work is done."""
    took, running = list[float](), asyncio.ensure_future(work)
    while not running.done():
        took.append(await timed(port, "/tier", "", user=user()))
        await asyncio.sleep(_PAUSE_SECONDS)
    await running
    return sorted(took)


async def slowest_beside(bot: Server, partners: int, work: Callable[[], Awaitable[object]]) -> float:
    """The seconds of the slowest of a hundred answers to random partners meanwhile."""
    random = Random(2)
    took = await answers_beside(bot.port, lambda: user_of(f"P{random.randint(1, partners):05d}"), work())
    return took[len(took) * 99 // 100]
