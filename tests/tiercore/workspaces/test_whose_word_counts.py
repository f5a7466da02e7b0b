"""Whose word counts between workspaces: of other organizations, of who owns one, of late events, what was removed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.support.databases import Databases
from tests.support.installations import PARTNERS_OWN, PROGRAMS, TOKEN, Clock
from tests.support.two_partners import fill
from tiercore.access import SlackUser
from tiercore.people.enterprise import enterprise_of
from tiercore.people.people import link_user, linked_staff
from tiercore.people.service import People
from tiercore.people.types import SLACK, InvalidChange
from tiercore.storage.engine import create_database_engine, reading, writing
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledBy, WorkspaceRole

ANA_ELSEWHERE, CARLA = SlackUser("T77", "U0ANA"), SlackUser("T01", "U0CARLA")


@pytest.fixture
def filled(databases: Databases) -> Iterator[Engine]:
    created = create_database_engine(databases.filled(fill))
    yield created
    created.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspaces(filled: Engine, clock: Clock) -> Workspaces:
    return Workspaces(Transactions(filled, clock))


@pytest.fixture
def people(filled: Engine, clock: Clock) -> People:
    return People(Transactions(filled, clock))


async def install(workspaces: Workspaces, by: InstalledBy, role: WorkspaceRole, *partners: str) -> None:
    """Install by an invitation of the operator."""
    state = await workspaces.begin(await workspaces.invite(None, role, partners))
    await workspaces.install(by, TOKEN, await workspaces.use_state(state))


async def test_who_is_of_another_organization_stays_in_it(filled: Engine, people: People):
    """A click tells an installation that somebody isn't of its enterprise, not of which one they are."""
    await people.record_team("T2", "E2")
    await people.record_team("T1", "E1")
    await people.record_outside("T2", "E1")
    await people.record_outside("T1", "E1")
    with reading(filled) as connection:
        assert [enterprise_of(connection, team) for team in ("T2", "T1")] == ["E2", None]


async def test_a_workspace_vouches_for_the_people_of_its_own_partners_alone(workspaces: Workspaces, people: People):
    """Whoever owns a workspace may give its people what e-mail they like."""
    await install(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    await workspaces.install(PARTNERS_OWN, TOKEN, None)
    assert await people.link_by_email(ANA_ELSEWHERE, "ana@example.com") is None, "a workspace that is of nobody"
    assert not (await people.request_link(ANA_ELSEWHERE, "ana@example.com")).is_vouched
    await workspaces.tie("T77", "PB")
    assert await people.link_by_email(ANA_ELSEWHERE, "ana@example.com") is None, "of another partner"
    await workspaces.tie("T77", "PA")
    for staff in ("carla@example.com", "admin@example.com"):
        assert await people.link_by_email(replace(ANA_ELSEWHERE, user_id="U0X"), staff) is None, "the program's people"
    linked = await people.link_by_email(ANA_ELSEWHERE, "ana@example.com")
    assert linked is not None
    assert linked.email == "ana@example.com"
    assert await people.link_by_email(CARLA, "carla@example.com") is not None, "in the program's own"


async def test_a_late_event_ends_no_later_installation(workspaces: Workspaces, clock: Clock):
    await workspaces.install(PARTNERS_OWN, TOKEN, None)
    removed_at = clock.now + timedelta(minutes=1)
    clock.now += timedelta(minutes=2)
    assert await workspaces.remove("T77", SLACK, removed_at)
    clock.now += timedelta(minutes=1)
    await workspaces.install(PARTNERS_OWN, TOKEN, None)
    assert not await workspaces.remove("T77", SLACK, removed_at), "Slack sends it once more"
    assert await workspaces.installation_for("T77", None) is not None
    assert await workspaces.remove("T77", SLACK, clock.now)


async def test_what_the_operator_removed_comes_back_by_an_invitation_alone(workspaces: Workspaces):
    await install(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    await workspaces.remove("T77")
    with pytest.raises(InvalidChange, match="has removed tierbot"):
        await workspaces.install(PARTNERS_OWN, TOKEN, None)
    assert await workspaces.installation_for("T77", None) is None
    with pytest.raises(InvalidChange, match="is a partner's workspace"):
        await install(workspaces, PARTNERS_OWN, WorkspaceRole.PROGRAM)
    await install(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    assert await workspaces.installation_for("T77", None) is not None


async def test_nobody_is_asked_in_a_workspace_that_the_app_was_removed_from(filled: Engine, workspaces: Workspaces):
    await install(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    second = replace(PROGRAMS, team_id="T02")
    await install(workspaces, second, WorkspaceRole.PROGRAM)
    with writing(filled) as connection:
        for team in ("T01", "T02"):
            link_user(connection, SlackUser(team, f"U0CARLA{team}"), "carla@example.com")
    await workspaces.remove("T02", SLACK)
    with reading(filled) as connection:
        found = linked_staff(connection, ["carla@example.com"], "T77")
    assert found == [SlackUser("T01", "U0CARLAT01")]
