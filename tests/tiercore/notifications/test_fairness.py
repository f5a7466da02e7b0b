"""Workspaces take turns in the outbox: one that is slow, throttled or refused takes nothing from the others
(digests-and-alerts#fairness).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, Select

from tiercore.notifications import claims, faults, outbox, outcomes, rate_limit, whose_turn
from tiercore.notifications.fault import Fault, Stops
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxMessage, Outcome, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, is_sqlite
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.workspaces import WorkspaceRow
from tiercore.storage.transactions import Transactions

NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
POLICY = SendPolicy(per_second=5)
REVOKED = Fault(Stops.WORKSPACE, "token_revoked")


class Senders:
    """An outbox and its senders, at so many seconds after noon."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.writer = Transactions(engine, lambda: NOON, NOTIFICATIONS_LOCK)

    def put(self, team_id: str, number: int, **more: object) -> None:
        """Messages to as many people of a workspace, due one after another, the last of them at noon."""
        messages = [
            OutboxMessage(f"{team_id}:{each}", team_id, f"U{each:05d}", {}, NOON - timedelta(seconds=number - each))
            for each in range(number)
        ]
        self.writer.write_now(lambda db, _: outbox.put(db, messages, NOON))

    def claim(self, limit: int = 100, after: float = 0, **under_way: int) -> list[ClaimedMessage]:
        at = NOON + timedelta(seconds=after)
        return self.writer.write_now(lambda db, _: claims.claim(db, "one", at, limit, POLICY, under_way))

    def record(self, found: list[ClaimedMessage], after: float, **outcome: object) -> None:
        at = NOON + timedelta(seconds=after)
        results = [Outcome(each.outbox_id, **outcome) for each in found]
        self.writer.write_now(lambda db, _: outcomes.record_outcomes(db, "one", results, at, POLICY))

    def in_doubt(self, team_id: str, number: int) -> None:
        """Messages to as many people of a workspace that are in doubt, and due to be looked for."""
        self.put(team_id, number)
        rows = table(OutboxRow)
        unknown = rows.update().where(rows.c.team_id == team_id).values(state="unknown", doubts=1, tried_at=1)
        self.writer.write_now(lambda db, _: db.execute(unknown))

    def search(self, limit: int = 4, after: float = 0, **under_way: int) -> list[ClaimedMessage]:
        at = NOON + timedelta(seconds=after)
        return self.writer.write_now(lambda db, _: claims.claim_unconfirmed(db, "one", at, limit, POLICY, under_way))


@pytest.fixture
def senders(engine: Engine) -> Senders:
    return Senders(engine)


def of_teams(found: list[ClaimedMessage]) -> Counter[str]:
    return Counter(each.team_id for each in found)


def test_each_workspace_has_its_own_allowance(senders: Senders):
    senders.put("T1", 50)
    senders.put("T2", 50)
    assert of_teams(senders.claim()) == {"T1": 5, "T2": 5}
    assert senders.claim() == []
    assert of_teams(senders.claim(after=0.5)) == {"T1": 2, "T2": 2}


def test_ten_thousand_messages_of_one_workspace_hold_up_nobody(senders: Senders):
    """The backlog has been due for hours, and everybody else's message for a moment."""
    senders.put("BAD", 10_000)
    for number in range(200):
        senders.put(f"T{number:03d}", 1)
    claimed, calls = list[ClaimedMessage](), 0
    while len(others := [each for each in claimed if each.team_id != "BAD"]) < 200:
        claimed += senders.claim(after=calls)
        calls += 1
    assert calls <= 3, "201 workspaces at 100 messages a claim"
    assert len({each.team_id for each in others}) == 200


def test_within_a_workspace_the_oldest_come_first(senders: Senders):
    senders.put("T1", 20)
    found = senders.claim(limit=3) + senders.claim(limit=2)
    assert [each.key for each in found] == [f"T1:{each}" for each in range(5)]


def test_where_not_all_fit_who_was_served_longest_ago_is_first(senders: Senders):
    for name in "ABCDE":
        senders.put(name, 9)
    assert of_teams(senders.claim(limit=2)) == {"A": 1, "B": 1}
    assert of_teams(senders.claim(limit=2, after=1)) == {"C": 1, "D": 1}
    assert of_teams(senders.claim(limit=2, after=2)) == {"E": 1, "A": 1}


def test_a_workspace_that_does_not_answer_leaves_room(senders: Senders):
    senders.put("HANGS", 100)
    senders.put("T1", 3)
    assert of_teams(senders.claim(HANGS=POLICY.at_once)) == {"T1": 3}
    assert of_teams(senders.claim(HANGS=POLICY.at_once - 1)) == {"HANGS": 1}


def test_a_revoked_token_stops_its_own_workspace_alone(senders: Senders):
    senders.put("REVOKED", 100)
    senders.put("T1", 20)
    first = senders.claim(limit=2)
    senders.record([each for each in first if each.team_id == "REVOKED"], 0, state=State.HELD, fault=REVOKED)
    senders.record([each for each in first if each.team_id == "T1"], 0, state=State.SENT)
    assert of_teams(senders.claim(after=10)) == {"T1": 5}
    assert of_teams(senders.claim(after=16)) == {"T1": 5, "REVOKED": 1}, "one of them is tried now and then"


def test_what_was_sent_in_one_workspace_mends_nothing_in_another(senders: Senders):
    for name in ("T1", "T2"):
        senders.put(name, 3)
    first = senders.claim(limit=2)
    senders.record(first, 0, state=State.HELD, fault=REVOKED)
    tried = {each.team_id: each for each in senders.claim(after=20)}
    senders.record([tried["T1"]], 20, state=State.SENT)
    senders.record([tried["T2"]], 20, state=State.HELD, fault=REVOKED)
    assert of_teams(senders.claim(after=22)) == {"T1": 2}


def test_a_fault_names_its_workspace_where_there_are_several(senders: Senders):
    for name in ("T1", "T2"):
        senders.put(name, 1)
    senders.record(senders.claim(), 0, state=State.HELD, fault=REVOKED)
    [found] = senders.writer.read_now(faults.counts)
    assert (found.messages, found.team_id) == (2, None)
    assert str(found) == "Slack refuses what is sent: token_revoked; 2 held: tierbot doctor"
    installed = {"team_id": "T1", "name": "One", "role": "partner", "installed_by": "U1", "installed_at": 0}
    rows = table(WorkspaceRow)
    senders.writer.write_now(lambda db, _: db.execute(rows.insert(), [{**installed, "is_org_wide": False}]))
    found = senders.writer.read_now(faults.counts)
    assert [(each.messages, each.team_id) for each in found] == [(1, "T1"), (1, "T2")]
    assert "sent to T1: token_revoked; 1 held" in str(found[0])


def test_the_same_channel_in_two_workspaces_is_two_targets(senders: Senders):
    for name in ("T1", "T2"):
        senders.put(name, 1)
    assert len(senders.claim()) == 2


def test_searches_are_shared_out_too(senders: Senders):
    senders.in_doubt("BAD", 500)
    for name in ("T1", "T2"):
        senders.in_doubt(name, 1)
    assert of_teams(senders.search(BAD=3)) == {"T1": 1, "T2": 1}
    assert of_teams(senders.search(limit=1)) == {"BAD": 1}


def test_a_pause_between_searches_is_of_one_workspace(senders: Senders):
    for name in ("T1", "T2"):
        senders.in_doubt(name, 9)
    senders.writer.write_now(lambda db, _: rate_limit.slow_searches(db, NOON, "T1", 60))
    assert of_teams(senders.search(limit=4)) == {"T2": 3}
    assert of_teams(senders.search(limit=4, after=61)) == {"T1": 1, "T2": 2}


@pytest.mark.parametrize(
    ("state", "kept"),
    [(State.SENT, "sent"), (State.HELD, "dropped"), (State.PENDING, "dropped"), (State.UNKNOWN, "dropped")],
)
def test_what_is_under_way_when_the_app_is_removed_is_dropped_unless_it_was_sent(
    senders: Senders, state: State, kept: str
):
    from tiercore.workspaces import removing

    installed = {"team_id": "T1", "name": "One", "role": "partner", "installed_by": "U1", "installed_at": 0}
    rows = table(WorkspaceRow)
    senders.writer.write_now(lambda db, _: db.execute(rows.insert(), [{**installed, "is_org_wide": False}]))
    senders.put("T1", 3)
    claimed = senders.claim(limit=1)
    senders.writer.write_now(lambda db, now: removing.remove(db, "T1", "slack", now))
    senders.record(claimed, 1, state=state, fault=REVOKED if state is State.HELD else None)
    found = senders.writer.read_now(
        lambda db: list(
            db.scalars(
                table(OutboxRow)
                .select()
                .with_only_columns(table(OutboxRow).c.state)
                .order_by(table(OutboxRow).c.outbox_id)
            )
        )
    )
    assert found == [kept, "dropped", "dropped"]
    assert senders.claim(after=700) == []


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(-3, 12)), st.integers(-1, 60))
def test_a_share_is_within_its_room_and_nobody_gets_two_more_than_another(room: Mapping[str, int], limit: int):
    shares = whose_turn.shared_out(room, limit)
    assert sum(shares.values()) == min(max(0, limit), sum(max(0, places) for places in room.values()))
    for team_id, share in shares.items():
        assert 0 < share <= room[team_id]
    for team_id, places in room.items():
        mine = shares.get(team_id, 0)
        assert mine >= min(max(0, places), max(shares.values(), default=0) - 1), "who has room isn't passed over"


def plan(statement: Select, engine: Engine) -> str:
    """The engine's plan of a statement."""
    compiled = statement.compile(engine)
    expanded = compiled.construct_expanded_state(PARAMETERS)
    given = tuple(expanded.positional_parameters) if compiled.positional else expanded.parameters
    asked = "EXPLAIN QUERY PLAN" if is_sqlite(engine.url) else "EXPLAIN"
    with engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{asked} {expanded.statement}", given))


PARAMETERS = {"now": 1_700_000_000_000, "team_ids": '["T001","T002"]', "limit": 10}
PARAMETERS |= {"stopped_teams": ["T009"], "stopped_targets": ["T003:C1"]}
SCANS = ("SCAN outbox", "SCAN inner", "Seq Scan on outbox", "Seq Scan on inner")


@pytest.mark.parametrize("queue", [whose_turn.TO_SEND, whose_turn.TO_VERIFY], ids=["to send", "to verify"])
def test_no_claim_reads_what_waits_in_other_workspaces(senders: Senders, queue: whose_turn.Queue):
    """By the index of state, workspace and moment."""
    senders.put("BAD", 20_000)
    for number in range(50):
        senders.put(f"T{number:03d}", 2)
    if not is_sqlite(senders.engine.url):
        senders.writer.write_now(lambda db, _: db.exec_driver_sql("ANALYZE outbox"))
    dialect = senders.engine.dialect.name
    for statement in (whose_turn.workspaces_with(queue), whose_turn.messages_of(queue, dialect)):
        found = plan(statement, senders.engine)
        assert "ix_outbox_state_team_due" in found, found
        assert not any(scan in found for scan in SCANS), found
