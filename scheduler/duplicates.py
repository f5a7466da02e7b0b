"""Taking away second copies: of what was in doubt and sent again, Slack may take the first one late."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.poster import HistoryUnavailable, Poster, Rejected
from tiercore.notifications.types import SendPolicy, SentMessage

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox

log = structlog.get_logger()
_AT_ONCE = 20
_EARLIER = timedelta(minutes=2)


class DuplicateRemoval:
    """One replica's looks for second copies; two that look for the same one take it away once."""

    def __init__(self, outbox: "Outbox", poster: Poster, policy: SendPolicy) -> None:
        self._outbox, self._poster, self._policy = outbox, poster, policy

    async def look(self) -> int:
        """Look for everything whose time has come; how many second copies were taken away."""
        removed = 0
        while True:
            due = await self._outbox.claim_for_duplicate_check(_AT_ONCE, self._policy.lease)
            if not due:
                return removed
            swept = await asyncio.gather(*(self._swept(each) for each in due))
            again = {each.outbox_id: moment for each, (_, moment) in zip(due, swept, strict=True)}
            await self._outbox.schedule_duplicate_checks(again)
            removed += sum(copies for copies, _ in swept)

    async def _swept(self, message: SentMessage) -> tuple[int, datetime | None]:
        """How many copies were taken away, and when to look again. Never raises."""
        now, last = self._outbox.now(), message.done + self._policy.sweep
        try:
            found = await self._poster.find(
                message.posted.channel, message.marker, message.first_tried - _EARLIER, message.root
            )
            copies = [each for each in found if each != message.posted]
            for each in copies:
                await self._poster.remove(each)
        except (HistoryUnavailable, Rejected) as error:
            log.info("not_swept", message=message.outbox_id, reason=str(error)[:200])
            return 0, None
        except Exception as error:
            log.info("not_swept_yet", message=message.outbox_id, reason=str(error)[:200])
            return 0, now + self._policy.settle
        if copies:
            log.warning("second_copy_removed", message=message.outbox_id, copies=len(copies))
        return len(copies), last if now < last else None
