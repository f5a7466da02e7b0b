"""Rate-limited posts, updates, searches and deletions are retried when Slack allows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.delivery import Delivery, Draft
from scheduler.duplicates import DuplicateRemoval
from scheduler.poster import Page, RetryLater, SearchLimited
from tests.support.posters import for_every_workspace
from tiercore.notifications.delivery import Claims
from tiercore.notifications.outbox_types import ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.notifications.sent import NextCheck, SentMessage

NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
POLICY = SendPolicy(lease=timedelta(seconds=60), settle=timedelta(seconds=120))
ROOT = Posted("C1", "1662379200.000100")
MESSAGE = ClaimedMessage(1, "k1", "T1", "C1", {}, 0, None, NOON, NOON + POLICY.lease, ROOT)
SENT = SentMessage(1, "T1", ROOT, MESSAGE.marker, NOON, NOON, None)


class PutsOff:
    """A poster whose calls are all rate limited."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def post(self, *_: object) -> Posted:
        raise RetryLater("ratelimited", self._seconds)

    async def change(self, *_: object) -> Posted:
        raise RetryLater("ratelimited", self._seconds)

    async def search(self, *_: object) -> Page:
        raise SearchLimited("ratelimited", self._seconds)

    async def remove(self, *_: object) -> None:
        raise RetryLater("ratelimited", self._seconds)


class OneMessage:
    """An outbox at noon that hands out its one message once and records the outcome."""

    def __init__(self, claims: Claims, sent: Sequence[SentMessage] = ()) -> None:
        self._claims, self._sent = [claims], [list(sent)]
        self.outcomes: list[Outcome] = []
        self.next_checks: dict[int, NextCheck | None] = {}
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return NOON

    async def exchange(
        self, owner: str, outcomes: Sequence[Outcome], policy: SendPolicy, *, begin: Mapping[int, object], **_: object
    ) -> Claims:
        self.outcomes += outcomes
        begun = frozenset(begin)
        return self._claims.pop()._replace(begun=begun) if self._claims else Claims([], [], begun)

    async def claim_for_duplicate_check(self, *_: object) -> list[SentMessage]:
        return self._sent.pop() if self._sent else []

    async def schedule_duplicate_checks(self, checks: dict[int, NextCheck | None]) -> None:
        self.next_checks |= checks

    async def may_search(self, team_id: str) -> bool:
        return True

    async def slow_searches(self, team_id: str, seconds: float) -> None:
        self.pauses.append(seconds)


async def delivered(claims: Claims, seconds: float, *, changes: bool = False) -> Outcome:
    """Deliver the one message; answers its outcome."""

    async def compose(_: ClaimedMessage) -> Draft:
        return Draft({"text": "a"}, changes=changes)

    outbox = OneMessage(claims)
    delivery = Delivery(outbox, for_every_workspace(PutsOff(seconds)), compose, "one", POLICY)
    while await delivery.step():
        pass
    [outcome] = outbox.outcomes
    return outcome


@pytest.mark.parametrize("changes", [False, True], ids=["sent", "changed"])
@pytest.mark.parametrize("seconds", [1, 47, 3_600])
async def test_a_rate_limited_message_is_pending_until_the_retry(seconds: int, changes: bool):
    outcome = await delivered(Claims([MESSAGE], []), seconds, changes=changes)
    assert (outcome.state, outcome.reason) == (State.PENDING, "ratelimited")
    assert outcome.retry_at == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [1, 47, 3_600])
async def test_a_rate_limited_search_is_not_retried_before_slack_allows(seconds: int):
    outcome = await delivered(Claims([], [MESSAGE]), seconds)
    assert outcome.state is State.UNKNOWN
    assert outcome.retry_at == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "waits"), [(1, 120), (3_600, 3_600)])
async def test_a_rate_limited_search_for_duplicates_is_not_retried_before_slack_allows(seconds: int, waits: int):
    outbox = OneMessage(Claims([], []), [SENT])
    assert await DuplicateRemoval(outbox, for_every_workspace(PutsOff(seconds)), POLICY).remove() == 0
    assert outbox.next_checks == {1: NextCheck(NOON + timedelta(seconds=waits))}
    assert outbox.pauses == [seconds], "searches in every other conversation wait, too"
