"""Notice changes by polling."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

import structlog

log = structlog.get_logger()


async def watch(
    read: Callable[[], Awaitable[Hashable]], on_change: Callable[[], Awaitable[None]], seconds: float
) -> None:
    """Call `read` every so many seconds, forever, and `on_change` whenever its result has changed.

    A failure of either is logged; a failed `on_change` is called again the next time.
    """
    known = await _read_or(read, None)
    while True:
        await asyncio.sleep(seconds)
        current = await _read_or(read, known)
        if current == known:
            continue
        try:
            await on_change()
            known = current
        except Exception as error:
            log.warning("on_change_failed", error=type(error).__name__, reason=str(error)[:200])


async def _read_or(read: Callable[[], Awaitable[Hashable]], default: Hashable) -> Hashable:
    try:
        return await read()
    except Exception as error:
        log.warning("watch_read_failed", error=type(error).__name__, reason=str(error)[:200])
        return default
