"""Noticing that something changed, by looking again and again."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

import structlog

log = structlog.get_logger()


async def watch(look: Callable[[], Awaitable[Hashable]], changed: Callable[[], Awaitable[None]], every: float) -> None:
    """Look every so many seconds, for ever, and call `changed` whenever there is something else to be seen.

    A failed look or call is logged and tried again: what was not told is told the next time.
    """
    known = await _looked(look, None)
    while True:
        await asyncio.sleep(every)
        now = await _looked(look, known)
        if now == known:
            continue
        try:
            await changed()
            known = now
        except Exception as error:
            log.warning("change_not_told", error=type(error).__name__, reason=str(error)[:200])


async def _looked(look: Callable[[], Awaitable[Hashable]], otherwise: Hashable) -> Hashable:
    try:
        return await look()
    except Exception as error:
        log.warning("look_failed", error=type(error).__name__, reason=str(error)[:200])
        return otherwise
