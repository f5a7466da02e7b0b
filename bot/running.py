"""One replica from its start to its end: until it is told to stop by a signal."""

import asyncio
import signal
from collections.abc import Callable

from bot.ending import END_SECONDS, end_by_force
from bot.serving import Bot
from bot.single_process import single_process
from bot.wiring import Core


async def serve(core: Core, started: Callable[[Bot], None]) -> None:
    """Run a bot until SIGTERM or SIGINT; call `started` when it is up. Raises ServedElsewhere, and as start() does."""
    with single_process(core.url):
        await _serve(core, started)


async def _serve(core: Core, started: Callable[[Bot], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        end_by_force(END_SECONDS)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    bot = Bot(core)
    starting, stopping = asyncio.ensure_future(bot.start()), asyncio.ensure_future(stop.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        return
    stopping.cancel()
    await starting
    started(bot)
    await stop.wait()
    await bot.stop()
