"""Inside an Enterprise Grid organization a Slack user's ID names one person; outside of it, a team and an ID do
(slack#grid).
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from tests.support.examples import share_of_examples
from tiercore.access import SlackUser
from tiercore.notifications.subscription_rows import subscriptions_of
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.people.audit import latest
from tiercore.people.enterprise import record_team
from tiercore.people.home_views import recent_home_view_of, recent_home_views, record_home_view
from tiercore.people.linking import decide, link, pending_link_emails, request_link, unlink
from tiercore.people.people import identity_of, linked_staff
from tiercore.people.preferences import channel_partner
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage import reach_statements
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.people import ChannelRow

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
EMAILS = ("ana@example.com", "bea@example.com", "admin@example.com")
TEAMS, ENTERPRISES, USERS = ("T1", "T2", "T3", "T4"), ("E1", "E2"), ("U1", "U2")
FORGED = ("", "None", "T9", "t1", "%", "T1 OR 1=1")
teams, users = st.sampled_from(TEAMS), st.sampled_from(USERS)
linked_teams = st.sampled_from((*TEAMS, *ENTERPRISES))
changes = st.one_of(
    st.tuples(st.just("joins"), teams, st.sampled_from((*ENTERPRISES, None))),
    st.tuples(st.just("links"), st.tuples(linked_teams, users), st.sampled_from(EMAILS)),
)


@pytest.fixture
def people(engine: Engine) -> Engine:
    """Three people, no links."""
    roles = ("partner", "partner", "admin")
    rows = [
        {"email": email, "partner_id": "" if role == "admin" else "PA", "name": email, "role": role}
        for email, role in zip(EMAILS, roles, strict=True)
    ]
    with writing(engine) as connection:
        connection.execute(insert(table(PersonRow)), rows)
    return engine


@pytest.fixture
def connection(people: Engine) -> Iterator[Connection]:
    """T1 and T2 are of enterprise E1, T3 of E2, T4 of none."""
    with writing(people) as opened:
        for team, enterprise in (("T1", "E1"), ("T2", "E1"), ("T3", "E2"), ("T4", None)):
            record_team(opened, team, enterprise, NOW)
        yield opened


def email_of(connection: Connection, user: SlackUser) -> str | None:
    """The person's e-mail as changes find it, which is the one that answers find."""
    person = identity_of(connection, user)
    key = {"team_id": user.team_id, "user_id": user.user_id, "channel_id": None}
    answered = {row.email for row in connection.execute(reach_statements.REACH_OF_SLACK_USER, key)}
    assert answered == ({person.email} if person else set())
    return person.email if person else None


@settings(max_examples=share_of_examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(changes, max_size=12))
def test_a_person_is_found_only_by_their_user_id_in_the_same_team_or_enterprise(people: Engine, changed: list):
    """In whatever order workspaces join and leave enterprises and people are linked: someone is found if and only if
    there is a link of the same user ID in the same workspace, or in one that is recorded in the same enterprise.
    """
    part_of: dict[str, str] = {}
    with people.connect() as connection, connection.begin() as transaction:
        for kind, what, value in changed:
            if kind == "links":
                link(connection, SlackUser(*what), value, NOW)
                continue
            record_team(connection, what, value, NOW)
            part_of.pop(what, None)
            if value:
                part_of |= {what: value, value: value}
        rows = connection.execute(select(table(LinkRow))).all()
        for team in (*TEAMS, *ENTERPRISES, *FORGED):
            same = [each for each in (*TEAMS, *ENTERPRISES) if each in part_of and part_of[each] == part_of.get(team)]
            for user in (*USERS, "U9", ""):
                expected = {row.email for row in rows if row.user_id == user and row.team_id in (team, *same)}
                found = email_of(connection, SlackUser(team, user))
                assert found == min(expected, default=None)
                assert len(expected) <= 1, "one person, one link"
        transaction.rollback()


def test_a_link_made_in_one_workspace_counts_in_every_workspace_of_the_enterprise(connection: Connection):
    link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    found = [email_of(connection, SlackUser(team, "U1")) for team in ("T1", "T2", "E1", "T3", "E2", "T4", "T9")]
    assert found == [EMAILS[0]] * 3 + [None] * 4
    assert [linked_staff(connection, EMAILS, team) for team in ("T2", "T3", "T4")] == [[SlackUser("T1", "U1")], [], []]


def test_a_link_made_for_the_enterprise_counts_in_its_workspaces(connection: Connection):
    link(connection, SlackUser("E1", "U1"), EMAILS[0], NOW)
    assert [email_of(connection, SlackUser(team, "U1")) for team in ("T1", "T2", "T3")] == [EMAILS[0], EMAILS[0], None]


def test_a_new_link_replaces_the_one_made_in_another_workspace(connection: Connection):
    link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    assert link(connection, SlackUser("T2", "U1"), EMAILS[1], NOW)[1] == EMAILS[0]
    assert email_of(connection, SlackUser("T1", "U1")) == EMAILS[1]
    assert unlink(connection, SlackUser("T1", "U1"), NOW) == EMAILS[1]
    assert email_of(connection, SlackUser("T2", "U1")) is None


def test_links_from_before_are_merged_when_a_workspace_joins_and_the_enterprises_own_wins(connection: Connection):
    link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    link(connection, SlackUser("T4", "U1"), EMAILS[2], NOW)
    link(connection, SlackUser("T4", "U2"), EMAILS[1], NOW)
    record_team(connection, "T4", "E1", NOW)
    assert [email_of(connection, SlackUser(team, "U1")) for team in ("T1", "T4")] == [EMAILS[0], EMAILS[0]]
    assert email_of(connection, SlackUser("T1", "U2")) == EMAILS[1]
    entry = latest(connection, 1)[0]
    assert (entry.change, entry.subject) == ("unlinked", "T4/U1")
    assert entry.detail == "admin@example.com: linked in another workspace of the enterprise"


def test_each_change_of_a_workspaces_enterprise_is_in_the_audit_log(connection: Connection):
    for enterprise in ("E1", "E1", "E2", None, None):
        record_team(connection, "T4", enterprise, NOW)
    entries = [each for each in reversed(latest(connection, 100)) if each.subject == "T4"]
    assert [(each.change, each.subject, each.detail) for each in entries] == [
        ("put in an enterprise", "T4", "E1"),
        ("took out of its enterprise", "T4", "E1"),
        ("put in an enterprise", "T4", "E2"),
        ("took out of its enterprise", "T4", "E2"),
    ]


def test_a_workspace_that_leaves_its_enterprise_is_on_its_own_again(connection: Connection):
    link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    record_team(connection, "T2", None, NOW)
    assert email_of(connection, SlackUser("T2", "U1")) is None
    record_team(connection, "T2", "E2", NOW)
    assert [email_of(connection, SlackUser(team, "U1")) for team in ("T1", "T2", "T3")] == [EMAILS[0], None, None]


def test_nobody_approves_their_own_request_from_another_workspace(connection: Connection):
    link(connection, SlackUser("T1", "U1"), EMAILS[2], NOW)
    request = request_link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    with pytest.raises(NotAllowed, match="your own link"):
        decide(connection, SlackUser("T2", "U1"), request.request_id, approve=True, now=NOW)


def test_a_request_is_decided_in_another_workspace_of_the_enterprise_and_in_no_other(connection: Connection):
    link(connection, SlackUser("T2", "U2"), EMAILS[2], NOW)
    link(connection, SlackUser("T3", "U2"), EMAILS[2], NOW)
    request = request_link(connection, SlackUser("T1", "U1"), EMAILS[0], NOW)
    assert [each.user_id for each in request.approvers] == ["U2"]
    assert list(pending_link_emails(connection, SlackUser("T2", "U1"))) == [EMAILS[0]]
    assert not pending_link_emails(connection, SlackUser("T3", "U1"))
    with pytest.raises(InvalidChange, match="no longer exists"):
        decide(connection, SlackUser("T3", "U2"), request.request_id, approve=True, now=NOW)
    assert decide(connection, SlackUser("T2", "U2"), request.request_id, approve=True, now=NOW).approved
    assert email_of(connection, SlackUser("T2", "U1")) == EMAILS[0]


def test_home_is_one_in_the_whole_enterprise(connection: Connection):
    assert record_home_view(connection, SlackUser("T1", "U1"), "one", NOW)
    assert not record_home_view(connection, SlackUser("T2", "U1"), "two", NOW)
    assert record_home_view(connection, SlackUser("T3", "U1"), "three", NOW)
    found = [recent_home_view_of(connection, NOW, SlackUser(team, "U1")) for team in ("T1", "T2", "T3", "T4")]
    assert found == ["two", "two", "three", None]
    assert [shown for _, shown in recent_home_views(connection, NOW, "T1")] == ["two"]


def test_a_channel_of_the_enterprise_is_about_one_partner(connection: Connection):
    rows = [{"team_id": "T1", "channel_id": "C1", "partner_id": "PA"}]
    connection.execute(insert(table(ChannelRow)), rows)
    found = [channel_partner(connection, SlackUser(team, "U1", "C1")) for team in ("T1", "T2", "T3", "T4")]
    assert found == ["PA", "PA", None, None]


def test_a_subscription_is_changed_not_doubled_from_another_workspace(connection: Connection):
    for team in ("T1", "T3", "T4"):
        link(connection, SlackUser(team, "U1"), EMAILS[0], NOW)
    for team in ("T1", "T2", "T3", "T4"):
        subscribe(connection, SlackUser(team, "U1"), [Topic.ALERTS], Schedule(0, 540, "UTC"), None, NOW)
    [mine] = subscriptions_of(connection, "T1", "U1")
    assert [each.subscription_id for each in subscriptions_of(connection, "T2", "U1")] == [mine.subscription_id]
    assert len(subscriptions_of(connection, "T3", "U1")) == 1
    record_team(connection, "T4", "E1", NOW)
    assert [each.subscription_id for each in subscriptions_of(connection, "T4", "U1")] == [mine.subscription_id]
