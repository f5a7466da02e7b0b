"""How long the event loop is held: while it is, nobody gets an answer."""

import asyncio
import gc
import time
from collections.abc import Callable

import structlog

LIMIT_SECONDS = 0.05
_PERIOD_SECONDS = 0.02
_REPORTED_SECONDS = 0.25
log = structlog.get_logger()
Hold = Callable[[float, float], None]


async def watch_loop(on_hold: Hold) -> None:
    """Measure forever, fifty times a second: `on_hold` gets by how many seconds the loop was late, and how many seconds
    of CPU its thread has used meanwhile.
    """
    while True:
        due, used = time.monotonic() + _PERIOD_SECONDS, time.thread_time()
        await asyncio.sleep(_PERIOD_SECONDS)
        late = max(0.0, time.monotonic() - due)
        on_hold(late, time.thread_time() - used)
        if late > _REPORTED_SECONDS:
            log.warning("event_loop_held", ms=round(late * 1000))


def freeze_garbage_collector() -> None:
    """Exempt everything loaded so far from garbage collection: it stays for the life of the process."""
    gc.collect()
    gc.set_threshold(20_000, 20, 20)
    gc.freeze()
