"""In a partner's workspace nobody sees more than that partner, whatever they may see in the program's
(slack#workspaces).

The answers' statement, the changes' look-up and PostgreSQL's policies are three ways to the same: a naive model of the
rule says what each of them has to find.
"""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text

from tests.support.examples import share_of_examples
from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.enterprise import record_team
from tiercore.people.people import identity_of, link_user, linked_staff
from tiercore.storage import reach_statements
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import LinkRow, PartnerRow, PersonRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow, WorkspaceRow

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
TEAMS, ENTERPRISES, PARTNERS = ("T1", "T2", "T3"), ("E1", "E2"), ("PA", "PB", "PC")
ROWS = [
    *(("ana@example.com", "PA", "partner"), ("ana@example.com", "PB", "partner"), ("cora@example.com", "PA", "cam")),
    *(("cora@example.com", "PC", "partner"), ("cc@example.com", "PB", "cc"), ("admin@example.com", "", "admin")),
]
ROLES = {
    "program": {"role": "program", "removed_at": None},
    "partner": {"role": "partner", "removed_at": None},
    "removed": {"role": "program", "removed_at": 1},
}
EMAILS = sorted({row[0] for row in ROWS})
teams = st.sampled_from((*TEAMS, *ENTERPRISES))
worlds = st.fixed_dictionaries(
    {
        "roles": st.dictionaries(teams, st.sampled_from(sorted(ROLES)), max_size=4),
        "ties": st.sets(st.tuples(teams, st.sampled_from(PARTNERS)), max_size=4),
        "enterprises": st.dictionaries(st.sampled_from(TEAMS), st.sampled_from(ENTERPRISES), max_size=3),
        "links": st.dictionaries(teams, st.sampled_from(EMAILS), min_size=1, max_size=4),
    }
)


@pytest.fixture
def people(engine: Engine) -> Engine:
    """Three partners, and people of every role."""
    with writing(engine) as connection:
        partner = {"country": "DE", "currency": "EUR", "joined_on": NOW.date()}
        connection.execute(insert(table(PartnerRow)), [{"partner_id": p, "name": p, **partner} for p in PARTNERS])
        rows = [{"email": email, "partner_id": of, "name": email, "role": role} for email, of, role in ROWS]
        connection.execute(insert(table(PersonRow)), rows)
    return engine


def make(connection: Connection, world: dict) -> None:
    """Store the world's workspaces, enterprises and links."""
    for team, enterprise in world["enterprises"].items():
        record_team(connection, team, enterprise, NOW)
    workspace = {"name": "x", "is_org_wide": False, "installed_by": "U1", "installed_at": 0}
    if world["roles"]:
        rows = [{"team_id": team, **ROLES[role], **workspace} for team, role in world["roles"].items()]
        connection.execute(insert(table(WorkspaceRow)), rows)
    if world["ties"]:
        rows = [{"team_id": team, "partner_id": partner} for team, partner in sorted(world["ties"])]
        connection.execute(insert(table(WorkspacePartnerRow)), rows)
    for team, email in world["links"].items():
        link_user(connection, SlackUser(team, "U1"), email)


def same_enterprise(world: dict, team: str) -> set[str]:
    """The team, and those that are of the same enterprise."""
    part_of = {**world["enterprises"], **{each: each for each in world["enterprises"].values()}}
    return {team, *(each for each in part_of if team in part_of and part_of[each] == part_of[team])}


def counting(world: dict, team: str, email: str) -> set[tuple[str, str]]:
    """By the rule: the person's rows, as (role, partner), that count in the team."""
    same = same_enterprise(world, team)
    rows = {(role, partner) for each, partner, role in ROWS if each == email}
    if not world["roles"] or any(world["roles"].get(each) == "program" for each in same):
        return rows
    tied = {partner for each, partner in world["ties"] if each in same}
    return {(role, partner) for role, partner in rows if role == "partner" and (not tied or partner in tied)}


def found_by_policies(connection: Connection, user: SlackUser) -> tuple[bool, set[str]]:
    """What PostgreSQL's policies would show: everything or not, and the partners."""
    connection.execute(text("SELECT tierbot_see(:team, :who, '', '')"), {"team": user.team_id, "who": user.user_id})
    settings_ = text("SELECT current_setting('tierbot.everything', true), current_setting('tierbot.partners', true)")
    everything, partners = connection.execute(settings_).one()
    connection.execute(text("SELECT set_config('tierbot.everything', 'on', true)"))
    return everything == "on", set(filter(None, partners.split("\x1f")))


@settings(max_examples=share_of_examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds)
def test_a_row_counts_where_the_rule_says_and_nowhere_else(people: Engine, world: dict):
    with people.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('tierbot.everything', 'on', true)"))
        make(connection, world)
        for team in (*TEAMS, *ENTERPRISES, "T9"):
            user = SlackUser(team, "U1")
            links = connection.execute(select(table(LinkRow))).all()
            email = min((row.email for row in links if row.team_id in same_enterprise(world, team)), default=None)
            expected = counting(world, team, email) if email else set()
            key = {"team_id": team, "user_id": "U1", "channel_id": None}
            reached = connection.execute(reach_statements.REACH_OF_SLACK_USER, key).all()
            assert {(row.role, row.partner_id or "") for row in reached} == expected
            person = identity_of(connection, user)
            assert (person.access if person else set()) == {f"{role} {partner}" for role, partner in expected}
            if connection.dialect.name == "postgresql":
                partners = {partner for _, partner in expected if partner}
                assert found_by_policies(connection, user) == (("admin", "") in expected, partners)
        transaction.rollback()


@settings(max_examples=share_of_examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds)
def test_the_programs_people_are_found_in_its_own_workspaces_only(people: Engine, world: dict):
    """Whoever is asked to decide something is somebody whose roles count where they are asked."""
    with people.connect() as connection, connection.begin() as transaction:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('tierbot.everything', 'on', true)"))
        make(connection, world)
        for team, email in product(TEAMS, EMAILS):
            for user in linked_staff(connection, [email], team):
                person = identity_of(connection, user)
                assert person is not None
                assert {f"{role} {of}" for each, of, role in ROWS if each == email} == person.access
                assert world["roles"] or user.team_id in same_enterprise(world, team)
        transaction.rollback()


def test_without_workspaces_by_oauth_everything_counts_everywhere(people: Engine):
    with writing(people) as connection:
        for team, email in (("T1", "cora@example.com"), ("T2", "admin@example.com")):
            link_user(connection, SlackUser(team, "U1"), email)
        roles = [identity_of(connection, SlackUser(team, "U1")).roles for team in ("T1", "T2")]
    assert roles == [{Role.CAM, Role.PARTNER}, {Role.ADMIN}]
