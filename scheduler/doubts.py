"""Look messages in doubt up in Slack: one that is there was sent, one that isn't is pending again."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from scheduler.poster import HistoryUnavailable, NotInstalled, PosterOf, Rejected, RetryLater, SearchLimited
from scheduler.search import Found, search, sought_in_doubt
from tiercore.notifications.outbox_types import UNVERIFIED, ClaimedMessage, Outcome, SendPolicy, State

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox

log = structlog.get_logger()
IsUrgent = Callable[[ClaimedMessage], Awaitable[bool | Outcome]]


class Doubts:
    """Looks for messages in doubt, one page of their conversation at a time."""

    def __init__(self, outbox: "Outbox", poster_of: PosterOf, is_urgent: IsUrgent, policy: SendPolicy) -> None:
        self._outbox, self._poster_of, self._is_urgent, self._policy = outbox, poster_of, is_urgent, policy

    async def look_up(self, messages: Sequence[ClaimedMessage]) -> list[Outcome]:
        """The outcomes of messages in doubt in one conversation, from one page of it. Never raises."""
        try:
            sought = [sought_in_doubt(each, self._policy) for each in messages]
            poster = await self._poster_of(messages[0].team_id)
            found = await search(poster, messages[0].target, messages[0].root, sought)
            return [self._outcome(each, found[each.outbox_id]) for each in messages]
        except HistoryUnavailable as error:
            return [await self._unverifiable(each, str(error)) for each in messages]
        except NotInstalled as error:
            return [Outcome(each.outbox_id, State.DROPPED, reason=str(error)) for each in messages]
        except Rejected as error:
            return [Outcome(each.outbox_id, State.DEAD, reason=str(error)) for each in messages]
        except Exception as error:
            if isinstance(error, SearchLimited):
                await self._slow_searches(messages[0].team_id, error.seconds)
            return [self._put_off(each, error) for each in messages]

    def _outcome(self, message: ClaimedMessage, found: Found) -> Outcome:
        if found.posted:
            return Outcome(message.outbox_id, State.SENT, found.posted[0])
        if found.searched_to is None:
            return Outcome(message.outbox_id, State.PENDING)
        return Outcome(
            message.outbox_id,
            State.UNKNOWN,
            reason="still being looked for",
            retry_at=self._outbox.now(),
            is_searched=True,
            searched_to=found.searched_to,
        )

    def _put_off(self, message: ClaimedMessage, error: Exception) -> Outcome:
        """Still in doubt, and looked for again later from where the search is."""
        pause = self._policy.settle / 2
        if isinstance(error, SearchLimited):
            pause = timedelta(seconds=error.seconds)
        elif isinstance(error, RetryLater):
            pause = max(pause, timedelta(seconds=error.seconds))
        return Outcome(
            message.outbox_id,
            State.UNKNOWN,
            reason=f"not looked for: {error}",
            retry_at=self._outbox.now() + pause,
            is_searched=True,
            searched_to=message.searched_to,
        )

    async def _slow_searches(self, team_id: str, seconds: float) -> None:
        try:
            await self._outbox.slow_searches(team_id, seconds)
        except Exception as error:
            log.warning("pause_not_recorded", error=type(error).__name__, reason=str(error)[:200])

    async def _unverifiable(self, message: ClaimedMessage, why: str) -> Outcome:
        """Where the history can't be read: an urgent message, or one that the operator sends again, is sent again and
        says so; any other one is held.
        """
        urgent = message.unverified or await self._is_urgent(message)
        if isinstance(urgent, Outcome):
            return urgent
        return Outcome(message.outbox_id, State.PENDING if urgent else State.HELD, reason=f"{UNVERIFIED}{why}")
