"""Remove duplicates: where a message in doubt was sent again, Slack may still deliver the first one later."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.poster import Faulty, HistoryUnavailable, NotInstalled, PosterOf, Rejected, RetryLater, SearchLimited
from scheduler.search import Found, by_conversation, search, sought_copies
from tiercore.notifications.outbox_types import Posted, SendPolicy
from tiercore.notifications.sent import NextCheck, SentMessage

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox

log = structlog.get_logger()
_BATCH = 20
_MOST_PAGES = 25
Checks = dict[int, NextCheck | None]


class DuplicateRemoval:
    """One replica's removal of duplicates; replicas that find the same one at the same time remove it once."""

    def __init__(self, outbox: "Outbox", poster_of: PosterOf, policy: SendPolicy) -> None:
        self._outbox, self._poster_of, self._policy = outbox, poster_of, policy

    async def remove(self) -> int:
        """Check every message that is due for it; how many duplicates were removed. Where Slack doesn't answer for a
        workspace, or asks for a pause, the rest of that workspace is checked later.
        """
        removed, waiting = 0, set[str]()
        while True:
            due = await self._outbox.claim_for_duplicate_check(_BATCH, self._policy)
            if not due:
                return removed
            groups = by_conversation(due, lambda each: (each.team_id, each.posted.channel, each.root))
            for copies, checks in await asyncio.gather(*(self._check(group, waiting) for group in groups)):
                await self._outbox.schedule_duplicate_checks(checks)
                removed += copies

    async def _check(self, group: Sequence[SentMessage], waiting: set[str]) -> tuple[int, Checks]:
        """How many copies of these messages were removed from their conversation, and when to check each again, None
        for never. Nothing is checked in the workspaces `waiting`, and one in which a check fails becomes one of them.
        Never raises.
        """
        team_id = group[0].team_id
        left = {each.outbox_id: each for each in group}
        reached = {each.outbox_id: each.searched_to for each in group}
        checks: Checks = {}
        removed = 0
        try:
            for _ in range(_MOST_PAGES):
                if not left or team_id in waiting or not await self._outbox.may_search(team_id):
                    break
                found = await self._page([replace(each, searched_to=reached[each.outbox_id]) for each in left.values()])
                for outbox_id, each in found.items():
                    removed += await self._remove_copies(left[outbox_id], each.posted)
                    reached[outbox_id] = each.searched_to
                    if each.searched_to is None:
                        checks[outbox_id] = self._next_check(left.pop(outbox_id))
        except (HistoryUnavailable, NotInstalled, Rejected, Faulty) as error:
            log.info("duplicates_not_checked", messages=len(left), reason=str(error)[:200])
            return removed, checks | dict.fromkeys(left)
        except Exception as error:
            waiting.add(team_id)
            log.info("duplicate_check_deferred", messages=len(left), reason=str(error)[:200])
            return removed, checks | await self._deferred(left, reached, error)
        return removed, checks | await self._deferred(left, reached, None)

    async def _page(self, messages: Sequence[SentMessage]) -> dict[int, Found]:
        sought = [sought_copies(each, self._policy) for each in messages]
        poster = await self._poster_of(messages[0].team_id)
        return await search(poster, messages[0].posted.channel, messages[0].root, sought)

    async def _remove_copies(self, message: SentMessage, found: Sequence[Posted]) -> int:
        copies = [each for each in found if each != message.posted]
        for each in copies:
            await (await self._poster_of(message.team_id)).remove(each)
        if copies:
            log.warning("duplicates_removed", message=message.outbox_id, copies=len(copies))
        return len(copies)

    def _next_check(self, message: SentMessage) -> NextCheck | None:
        """The last check, if it is still to come."""
        last = message.done + self._policy.sweep
        return NextCheck(last) if self._outbox.now() < last else None

    async def _deferred(
        self, left: dict[int, SentMessage], reached: dict[int, str | None], error: Exception | None
    ) -> Checks:
        """The checks to go on with later, each from where it ended."""
        pause = self._policy.settle
        if isinstance(error, RetryLater):
            pause = max(pause, timedelta(seconds=error.seconds))
        if isinstance(error, SearchLimited):
            await self._outbox.slow_searches(next(iter(left.values())).team_id, error.seconds)
        again = self._outbox.now() + pause
        return {outbox_id: NextCheck(again, reached[outbox_id]) for outbox_id in left}
