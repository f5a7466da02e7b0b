"""Only the sender with the lease records a message's outcome, and a rate-limited one is due when Slack allows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from tiercore.notifications import claims, outbox, outcomes
from tiercore.notifications.outbox_types import OutboxMessage, Outcome, Posted, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

POLICY = SendPolicy(per_second=1_000, lease=timedelta(seconds=60), settle=timedelta(seconds=120))
NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
FIRST, SECOND = Posted("C1", "1.1"), Posted("C1", "2.2")


class Senders:
    """An outbox with one message, and senders with their own clocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writer = engine, Transactions(engine, lock=NOTIFICATIONS_LOCK)
        self.put("k1", 0)

    def put(self, key: str, seconds: float) -> None:
        due = NOON + timedelta(seconds=seconds)
        message = OutboxMessage(key, "T1", "C1", {"says": key}, due)
        self._writer.write_now(lambda db, _: outbox.put(db, [message], due))

    def claim(self, owner: str, seconds: float, *, begins: bool = True) -> list[int]:
        at = NOON + timedelta(seconds=seconds)
        found = self._writer.write_now(lambda db, _: claims.claim(db, owner, at, 9, POLICY))
        ids = [each.outbox_id for each in found]
        if begins:
            assert self.begin(owner, ids, seconds) == set(ids)
        return ids

    def begin(self, owner: str, ids: list[int], seconds: float) -> set[int]:
        at = NOON + timedelta(seconds=seconds)
        return set(self._writer.write_now(lambda db, _: claims.begin(db, owner, ids, at, at, POLICY)))

    def claim_unconfirmed(self, owner: str, seconds: float) -> list[int]:
        at = NOON + timedelta(seconds=seconds)
        found = self._writer.write_now(lambda db, _: claims.claim_unconfirmed(db, owner, at, 9, POLICY))
        return [each.outbox_id for each in found]

    def settle(self, owner: str, outcome: Outcome, seconds: float) -> None:
        at = NOON + timedelta(seconds=seconds)
        self._writer.write_now(lambda db, _: outcomes.record_outcomes(db, owner, [outcome], at, POLICY))

    def row(self) -> tuple:
        """The message's state, owner, Slack timestamp and reason."""
        held = table(OutboxRow)
        with reading(self._engine) as connection:
            return tuple(connection.execute(select(held.c.state, held.c.owner, held.c.ts, held.c.reason)).one())


@pytest.fixture
def senders(engine: Engine) -> Senders:
    return Senders(engine)


LATE = [
    Outcome(1, State.SENT, FIRST),
    Outcome(1, State.DEAD, reason="channel_not_found"),
    Outcome(1, State.DROPPED, reason="unsubscribed"),
    Outcome(1, State.PENDING, reason="ratelimited", retry_at=NOON + timedelta(days=9)),
    Outcome(1, State.UNKNOWN, reason="no answer"),
]


@pytest.mark.parametrize("late", LATE, ids=lambda outcome: outcome.state.value)
def test_a_sender_without_its_lease_changes_nothing_another_sender_wrote(senders: Senders, late: Outcome):
    """The first sender's lease expires; the second one searches for the message, sends it again and finishes."""
    assert senders.claim("first", 0) == [1]
    assert senders.claim_unconfirmed("second", 61) == [], "it is left alone for a while"
    assert senders.claim_unconfirmed("second", 182) == [1]
    senders.settle("second", Outcome(1, State.SENT, SECOND), 183)
    senders.settle("first", late, 184)
    assert senders.row() == ("sent", None, SECOND.ts, None)


@pytest.mark.parametrize("late", LATE, ids=lambda outcome: outcome.state.value)
def test_a_sender_without_its_lease_takes_no_lease_from_another(senders: Senders, late: Outcome):
    """The second sender has claimed the message when the first one comes back."""
    senders.claim("first", 0)
    senders.claim_unconfirmed("second", 61)
    senders.claim_unconfirmed("second", 182)
    before = senders.row()
    senders.settle("first", late, 183)
    assert senders.row() == before
    assert before[1] == "second"


@pytest.mark.parametrize("late", LATE, ids=lambda outcome: outcome.state.value)
def test_a_sender_without_its_lease_changes_no_unclaimed_message(senders: Senders, late: Outcome):
    senders.claim("first", 0)
    senders.claim_unconfirmed("second", 61)
    before = senders.row()
    senders.settle("first", late, 62)
    assert senders.row() == before == ("unknown", None, None, "sending was interrupted")


def test_a_sender_without_its_lease_frees_no_channel_in_use_by_another(senders: Senders):
    """A second message for the channel waits while the first is being sent, whoever sends it."""
    assert senders.claim("first", 0) == [1]
    senders.claim_unconfirmed("second", 61)
    assert senders.claim_unconfirmed("second", 182) == [1]
    senders.settle("second", Outcome(1, State.PENDING, reason="not found"), 183)
    assert senders.claim("second", 185) == [1]
    senders.put("k2", 186)
    senders.settle("first", Outcome(1, State.SENT, FIRST), 187)
    assert senders.claim("third", 190) == []
    senders.settle("second", Outcome(1, State.SENT, SECOND), 191)
    assert senders.claim("third", 193) == [2]


def test_a_rate_limited_message_is_due_when_slack_allows_and_not_before(senders: Senders):
    assert senders.claim("first", 0) == [1]
    put_off = Outcome(1, State.PENDING, reason="ratelimited", retry_at=NOON + timedelta(seconds=47))
    senders.settle("first", put_off, 2)
    assert senders.claim("first", 46.9) == []
    assert senders.claim("second", 47) == [1]


def test_a_rate_limited_search_is_due_when_slack_allows_and_not_before(senders: Senders):
    senders.claim("first", 0)
    senders.settle("first", Outcome(1, State.UNKNOWN, reason="no answer"), 1)
    assert senders.claim_unconfirmed("first", 121) == [1]
    put_off = Outcome(1, State.UNKNOWN, reason="ratelimited", retry_at=NOON + timedelta(seconds=500))
    senders.settle("first", put_off, 122)
    assert senders.claim_unconfirmed("first", 499.9) == []
    assert senders.claim_unconfirmed("second", 500) == [1]
