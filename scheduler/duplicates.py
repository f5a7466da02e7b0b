"""Taking away second copies: of what was in doubt and sent again, Slack may take the first one late."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from scheduler.poster import HistoryUnavailable, Poster, Rejected
from tiercore.notifications import duplicates
from tiercore.notifications.duplicates import SentMessage
from tiercore.notifications.rate_limit import SendPolicy
from tiercore.storage.transactions import Transactions

log = structlog.get_logger()
_AT_ONCE = 20
_EARLIER = timedelta(minutes=2)


def _settled(again: dict[int, datetime | None], connection: Any, _now: datetime) -> None:
    duplicates.settle(connection, again)


class DuplicateRemoval:
    """One replica's looks for second copies; two that look for the same one take it away once."""

    def __init__(self, writer: Transactions, poster: Poster, policy: SendPolicy) -> None:
        self._writer, self._poster, self._policy = writer, poster, policy

    async def look(self) -> int:
        """Look for everything whose time has come; how many second copies were taken away."""
        removed = 0
        while True:
            due = await self._writer.do(
                lambda connection, now: duplicates.take(connection, now, _AT_ONCE, self._policy.lease)
            )
            if not due:
                return removed
            swept = await asyncio.gather(*(self._swept(each) for each in due))
            again = {each.outbox_id: moment for each, (_, moment) in zip(due, swept, strict=True)}
            await self._writer.do(partial(_settled, again))
            removed += sum(copies for copies, _ in swept)

    async def _swept(self, letter: SentMessage) -> tuple[int, datetime | None]:
        """How many copies were taken away, and when to look again. Never raises."""
        now, last = self._writer.clock(), letter.done + self._policy.sweep
        try:
            found = await self._poster.find(letter.posted.channel, letter.mark, letter.tried - _EARLIER, letter.root)
            copies = [each for each in found if each != letter.posted]
            for each in copies:
                await self._poster.remove(each)
        except (HistoryUnavailable, Rejected) as error:
            log.info("not_swept", letter=letter.outbox_id, reason=str(error)[:200])
            return 0, None
        except Exception as error:
            log.info("not_swept_yet", letter=letter.outbox_id, reason=str(error)[:200])
            return 0, now + self._policy.settle
        if copies:
            log.warning("second_copy_removed", letter=letter.outbox_id, copies=len(copies))
        return len(copies), last if now < last else None
