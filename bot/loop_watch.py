"""How long the event loop is held: while it is, nobody gets an answer."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable

import structlog

LIMIT_SECONDS = 0.05
_PERIOD_SECONDS = 0.02
_REPORTED_SECONDS = 0.25
# A collection stops every thread, for a microsecond an object: the young ones are collected few at a time, and all
# objects as seldom as if the first number were twenty thousand.
_COLLECTED_AFTER = (2_000, 10, 400)
_SWITCH_SECONDS = 0.0001
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
    gc.set_threshold(*_COLLECTED_AFTER)
    gc.freeze()


def give_way_to_the_loop() -> None:
    """Have threads that compute hand over the interpreter soon. The event loop lets go of it at each row that it reads
    and each socket that it writes to, and by default gets it back after five milliseconds each time.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
