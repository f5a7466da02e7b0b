"""Remove duplicates: where a message in doubt was sent again, Slack may still deliver the first one later."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.poster import HistoryUnavailable, Poster, Rejected, RetryLater
from tiercore.notifications.types import SendPolicy, SentMessage

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox

log = structlog.get_logger()
_BATCH = 20
_CLOCK_SKEW = timedelta(minutes=2)


class DuplicateRemoval:
    """One replica's removal of duplicates; replicas that find the same one at the same time remove it once."""

    def __init__(self, outbox: "Outbox", poster: Poster, policy: SendPolicy) -> None:
        self._outbox, self._poster, self._policy = outbox, poster, policy

    async def remove(self) -> int:
        """Check every message that is due for it; how many duplicates were removed."""
        removed = 0
        while True:
            due = await self._outbox.claim_for_duplicate_check(_BATCH, self._policy.lease)
            if not due:
                return removed
            results = await asyncio.gather(*(self._remove_copies(message) for message in due))
            next_checks = {each.outbox_id: next_check for each, (_, next_check) in zip(due, results, strict=True)}
            await self._outbox.schedule_duplicate_checks(next_checks)
            removed += sum(copies for copies, _ in results)

    async def _remove_copies(self, message: SentMessage) -> tuple[int, datetime | None]:
        """How many copies were removed, and when to check again, None for never. Never raises."""
        now, last = self._outbox.now(), message.done + self._policy.sweep
        try:
            found = await self._poster.find(
                message.posted.channel, message.marker, message.first_tried - _CLOCK_SKEW, message.root
            )
            copies = [each for each in found if each != message.posted]
            for each in copies:
                await self._poster.remove(each)
        except (HistoryUnavailable, Rejected) as error:
            log.info("duplicates_not_checked", message=message.outbox_id, reason=str(error)[:200])
            return 0, None
        except Exception as error:
            log.info("duplicate_check_deferred", message=message.outbox_id, reason=str(error)[:200])
            retry_after = timedelta(seconds=error.seconds) if isinstance(error, RetryLater) else timedelta()
            return 0, now + max(retry_after, self._policy.settle)
        if copies:
            log.warning("duplicates_removed", message=message.outbox_id, copies=len(copies))
        return len(copies), last if now < last else None
