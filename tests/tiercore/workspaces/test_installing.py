"""Installing by invitation, again, and removing: states and codes work once, and what is removed gets nothing more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from tests.support.installations import NOW, PARTNERS_OWN, PROGRAMS, TOKEN, Clock
from tests.support.two_partners import ADMIN, ANA, fill
from tiercore.access import SlackUser
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage, State
from tiercore.notifications.subscriptions import subscribe
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.people.audit import latest
from tiercore.people.people import link_user
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, reading, writing
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.tables.people import HomeViewRow, LinkRequestRow
from tiercore.storage.tables.workspaces import InvitationRow, WorkspaceTokenRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.invitations import UnknownState
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledBy, WorkspaceRole


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def filled(databases) -> Engine:
    created = create_database_engine(databases.filled(fill))
    yield created
    created.dispose()


@pytest.fixture
def workspaces(filled: Engine, clock: Clock) -> Workspaces:
    return Workspaces(Transactions(filled, clock))


async def installed(workspaces: Workspaces, by: InstalledBy, role: WorkspaceRole, *partners: str) -> None:
    """Install by an invitation of the operator."""
    state = await workspaces.begin(await workspaces.invite(None, role, partners))
    await workspaces.install(by, TOKEN, await workspaces.use_state(state))


async def test_an_invitation_ties_the_workspace_that_is_installed_with_it(workspaces: Workspaces):
    await installed(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    code = await workspaces.invite(ADMIN, WorkspaceRole.PARTNER, ["PB"])
    found = await workspaces.install(PARTNERS_OWN, TOKEN, await workspaces.use_state(await workspaces.begin(code)))
    assert (found.is_new, found.new_partners, found.invited_by) == (True, ("PB",), "T01/U0ADMIN")
    assert found.workspace.role is WorkspaceRole.PARTNER
    assert [(each.team_id, each.partners) for each in await workspaces.all()] == [("T01", ()), ("T77", ("PB",))]
    workspace, token = await workspaces.installation_for("T77", None)
    assert (workspace.name, token) == ("Zweite GmbH", TOKEN)


async def test_states_and_codes_work_once_and_not_for_ever(workspaces: Workspaces, clock: Clock):
    code = await workspaces.invite(None, WorkspaceRole.PARTNER, ["PB"])
    first, second = await workspaces.begin(code), await workspaces.begin(code)
    await workspaces.install(PARTNERS_OWN, TOKEN, await workspaces.use_state(first))
    with pytest.raises(UnknownState):
        await workspaces.use_state(first)
    invitation = await workspaces.use_state(second)
    with pytest.raises(InvalidChange, match="was used"):
        await workspaces.install(replace(PARTNERS_OWN, team_id="T78"), TOKEN, invitation)
    assert [each.team_id for each in await workspaces.all()] == ["T77"], "nothing is half installed"
    with pytest.raises(InvalidChange, match="was used"):
        await workspaces.begin(code)
    late = await workspaces.begin(None)
    clock.now += timedelta(minutes=10)
    with pytest.raises(UnknownState):
        await workspaces.use_state(late)
    unused = await workspaces.invite(None, WorkspaceRole.PARTNER, ["PA"])
    clock.now += timedelta(days=14)
    with pytest.raises(InvalidChange, match="expired"):
        await workspaces.begin(unused)


async def test_only_who_looks_after_a_partner_invites_it(filled: Engine, workspaces: Workspaces):
    carla = SlackUser("T01", "U0CARLA")
    with writing(filled) as connection:
        link_user(connection, carla, "carla@example.com")
    assert await workspaces.invite(carla, WorkspaceRole.PARTNER, ["PA", "PB"])
    for by, partners in ((carla, ["PA", "PC"]), (carla, []), (ANA, ["PA"]), (SlackUser("T01", "U9"), ["PA"])):
        with pytest.raises(NotAllowed):
            await workspaces.invite(by, WorkspaceRole.PARTNER, partners)
    with pytest.raises(NotAllowed):
        await workspaces.invite(carla, WorkspaceRole.PROGRAM, [])
    with pytest.raises(InvalidChange, match="no partner PX"):
        await workspaces.invite(ADMIN, WorkspaceRole.PARTNER, ["PX"])


async def test_a_cam_in_a_partners_workspace_invites_nobody(filled: Engine, workspaces: Workspaces):
    await installed(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    await installed(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    with writing(filled) as connection:
        link_user(connection, SlackUser("T77", "U0CARLA"), "carla@example.com")
    with pytest.raises(NotAllowed):
        await workspaces.invite(SlackUser("T77", "U0CARLA"), WorkspaceRole.PARTNER, ["PB"])


async def test_installing_again_renews_the_token_and_changes_nothing_else(workspaces: Workspaces):
    await installed(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    renewed = replace(TOKEN, token="sealed anew")
    again = await workspaces.install(replace(PARTNERS_OWN, user_id="U0OTHER"), renewed, None)
    assert (again.is_new, again.workspace.partners, again.workspace.installed_by) == (False, ("PB",), "U0OTHER")
    _, token = await workspaces.installation_for("T77", None)
    assert token == renewed


async def test_an_organizations_installation_serves_each_of_its_workspaces(workspaces: Workspaces):
    of_all = InstalledBy("E1", "E1", "Big Org", True, "W1")
    await workspaces.install(of_all, TOKEN, None)
    await workspaces.install(InstalledBy("T5", "E1", "One of them", False, "U1"), replace(TOKEN, token="own"), None)
    for team, token in (("T5", "own"), ("T6", "sealed"), (None, "sealed")):
        assert (await workspaces.installation_for(team, "E1"))[1].token == token
    for team, enterprise in (("T6", None), ("T6", "E2"), (None, None)):
        assert await workspaces.installation_for(team, enterprise) is None


async def test_after_a_removal_nothing_goes_there_and_later_nothing_is_known(
    filled: Engine, workspaces: Workspaces, clock: Clock
):
    await installed(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    await installed(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    bea = SlackUser("T77", "U0BEA")
    with writing(filled) as connection:
        link_user(connection, bea, "bea@example.com")
        subscribe(connection, bea, [Topic.DIGEST], Schedule(0, 540, "UTC"), None, NOW)
        subscribe(connection, ADMIN, [Topic.ALERTS], Schedule(0, 540, "UTC"), None, NOW)
        put(connection, [OutboxMessage(each, each, "U1", {}, NOW) for each in ("T77", "T01")], NOW)
        seen = {"team_id": "T77", "user_id": "U0BEA", "seen_at": NOW, "shown": ""}
        connection.execute(insert(table(HomeViewRow)), [seen])
        request = {"request_id": "r", "team_id": "T77", "user_id": "U2", "email": "x@example.com", "asked_at": NOW}
        connection.execute(insert(table(LinkRequestRow)), [request])
    assert await workspaces.remove("T77", "slack")
    assert not await workspaces.remove("T77", "slack"), "once"
    assert await workspaces.installation_for("T77", None) is None
    with reading(filled) as connection:
        outbox, subscription = table(OutboxRow), table(SubscriptionRow)
        states = dict(connection.execute(select(outbox.c.team_id, outbox.c.state)).all())
        ended = dict(connection.execute(select(subscription.c.team_id, subscription.c.ended)).all())
        tokens = connection.scalars(select(table(WorkspaceTokenRow).c.team_id)).all()
    assert states == {"T77": State.DROPPED.value, "T01": State.PENDING.value}
    assert ended == {"T77": True, "T01": False}
    assert tokens == ["T01"]
    clock.now += timedelta(days=29)
    assert await workspaces.purge_due() == 0
    clock.now += timedelta(days=1)
    assert await workspaces.purge_due() == 1
    with reading(filled) as connection:
        for model in (LinkRow, LinkRequestRow, HomeViewRow, SubscriptionRow, OutboxRow, InvitationRow):
            rows = table(model)
            if "team_id" in rows.c:
                assert connection.scalar(select(func.count()).where(rows.c.team_id == "T77")) == 0, rows.name
        changes = [entry.change for entry in latest(connection, 50)]
    assert [each.team_id for each in await workspaces.all()] == ["T01"]
    assert "purged" in changes
    assert "removed the app from" in changes


async def test_a_workspace_that_comes_back_in_time_is_what_it_was_of(workspaces: Workspaces, clock: Clock):
    await installed(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    await workspaces.remove("T77", "slack")
    clock.now += timedelta(days=29)
    back = await workspaces.install(PARTNERS_OWN, TOKEN, None)
    assert (back.is_new, back.workspace.partners, back.workspace.is_removed) == (True, ("PB",), False)
    clock.now += timedelta(days=2)
    assert await workspaces.purge_due() == 0


async def test_ties_are_changed_by_the_operator_but_for_the_last(workspaces: Workspaces):
    await installed(workspaces, PROGRAMS, WorkspaceRole.PROGRAM)
    await installed(workspaces, PARTNERS_OWN, WorkspaceRole.PARTNER, "PB")
    await workspaces.tie("T77", "PA")
    await workspaces.untie("T77", "PB")
    assert [each.partners for each in await workspaces.all()] == [(), ("PA",)]
    for change, said in (
        (workspaces.untie("T77", "PA"), "only partner"),
        (workspaces.untie("T77", "PB"), "isn't tied"),
        (workspaces.tie("T01", "PA"), "program's own"),
        (workspaces.tie("T77", "PX"), "no partner PX"),
        (workspaces.tie("T99", "PA"), "isn't installed"),
        (workspaces.set_role("T77", WorkspaceRole.PROGRAM), "tied to PA"),
    ):
        with pytest.raises(InvalidChange, match=said):
            await change


async def test_a_person_is_forgotten_with_all_that_was_theirs(filled: Engine, workspaces: Workspaces):
    with writing(filled) as connection:
        subscribe(connection, ANA, [Topic.DIGEST], Schedule(0, 540, "UTC"), None, NOW)
        put(connection, [OutboxMessage("a", ANA.team_id, ANA.user_id, {}, NOW)], NOW)
    gone = await workspaces.forget_person(" Ana@Example.com ")
    assert {"binding", "subscription", "outbox"} <= gone.keys()
    with reading(filled) as connection:
        assert connection.scalars(select(table(LinkRow).c.email)).all() == ["admin@example.com"]
    assert await workspaces.forget_person("ana@example.com") == {}
