"""Who is told that a partner's workspace has arrived, each once, and what it has of its first steps."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete, select

from tests.support.two_partners import ADMIN, fill
from tiercore.access import SlackUser
from tiercore.people.people import link_user
from tiercore.people.service import People
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, reading, writing
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.arriving import MOST_COLLEAGUES, somebody_was_linked
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledBy, InstalledToken, WorkspaceRole

NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
TOKEN = InstalledToken("A1", "B1", "U0BOT", frozenset({"commands"}), "sealed", None, None)
CARLA, BEA, INSTALLER = SlackUser("T01", "U0CARLA"), SlackUser("T77", "U0BEA"), SlackUser("T77", "U0NEW")


@pytest.fixture
def filled(databases) -> Engine:
    created = create_database_engine(databases.filled(fill))
    with writing(created) as connection:
        link_user(connection, CARLA, "carla@example.com")
    yield created
    created.dispose()


@pytest.fixture
def workspaces(filled: Engine) -> Workspaces:
    return Workspaces(Transactions(filled, lambda: NOW))


@pytest.fixture
def people(filled: Engine) -> People:
    return People(Transactions(filled, lambda: NOW), somebody_was_linked)


async def installed(workspaces: Workspaces, *partners: str, by: SlackUser | None = None) -> None:
    """The program's workspace, and T77 of the partners by an invitation."""
    for team, role, of, inviter in (
        ("T01", WorkspaceRole.PROGRAM, (), None),
        ("T77", WorkspaceRole.PARTNER, partners, by),
    ):
        state = await workspaces.begin(await workspaces.invite(inviter, role, of))
        installer = InstalledBy(team, None, f"Workspace {team}", False, "U0NEW")
        await workspaces.install(installer, TOKEN, await workspaces.use_state(state))


def told(engine: Engine) -> list[tuple[str, str, str]]:
    """Who is told of T77: what, and where they are."""
    outbox = table(OutboxRow)
    with reading(engine) as connection:
        rows = connection.execute(select(outbox.c.key, outbox.c.team_id, outbox.c.place)).all()
    kinds = ((row.key.partition(":T77:")[0], row.team_id, row.place) for row in rows if ":T77:" in row.key)
    return sorted(kinds)


FIRST = [("installed", "T77", "U0NEW"), ("workspace_news:installed", "T01", "U0CARLA")]


async def test_whoever_invited_a_partner_is_told_beside_its_cams(filled: Engine, workspaces: Workspaces):
    await installed(workspaces, "PB", by=ADMIN)
    assert told(filled) == [FIRST[0], ("workspace_news:installed", "T01", "U0ADMIN"), FIRST[1]]


async def test_a_cam_is_told_of_a_workspace_that_is_tied_later(filled: Engine, workspaces: Workspaces):
    await installed(workspaces)
    assert told(filled) == FIRST[:1]
    await workspaces.tie("T77", "PB")
    await workspaces.tie("T77", "PA")
    assert told(filled) == FIRST


async def test_an_installation_after_a_removal_is_told_again(filled: Engine, workspaces: Workspaces):
    await installed(workspaces, "PB")
    assert await workspaces.remove("T77", "slack")
    later = Workspaces(Transactions(filled, lambda: NOW.replace(hour=13)))
    for _ in range(2):
        await later.install(InstalledBy("T77", None, "Workspace T77", False, "U0NEW"), TOKEN, None)
    assert told(filled) == sorted(FIRST * 2)


async def test_only_the_first_person_who_is_linked_is_news(filled: Engine, workspaces: Workspaces, people: People):
    await installed(workspaces, "PB")
    await people.link(SlackUser("T77", "U0CARLA2"), "carla@example.com")
    assert told(filled) == FIRST, "a CAM is nobody there"
    await people.use_code(BEA, await people.create_code(None, "bea@example.com"))
    news = [*FIRST, ("workspace_news:linked", "T01", "U0CARLA")]
    assert told(filled) == news
    await people.link(SlackUser("T77", "U0BEA2"), "bea@example.com")
    for user in (BEA, SlackUser("T77", "U0BEA2")):
        await people.unlink(user)
    await people.link(BEA, "bea@example.com")
    assert told(filled) == news
    assert (await workspaces.arrived("T77")).linked == {"U0BEA": "Bea"}


async def test_links_in_the_programs_workspace_are_no_news(filled: Engine, workspaces: Workspaces, people: People):
    await installed(workspaces, "PB")
    await people.link(SlackUser("T01", "U0BEA"), "bea@example.com")
    assert told(filled) == FIRST


async def test_the_steps_are_as_each_person_there_sees_them(filled: Engine, workspaces: Workspaces, people: People):
    await installed(workspaces, "PB")
    assert await workspaces.arrival(CARLA) is None, "not in the program's workspace"
    await people.request_link(BEA, "bea@example.com")
    before = (await workspaces.arrival(BEA)).found
    assert (before.is_linked, before.asked, before.linked) == (False, "bea@example.com", 0)
    await people.link(BEA, "bea@example.com")
    await people.link(SlackUser("T77", "U0CARLA2"), "carla@example.com")
    after = await workspaces.arrival(BEA)
    assert (after.found.is_linked, after.found.linked, after.cams) == (True, 1, ("Carla",))
    assert after.counts_elsewhere is None
    assert (await workspaces.arrival(SlackUser("T77", "U0CARLA2"))).counts_elsewhere == "carla@example.com"


async def test_with_one_token_nobody_is_told_and_nobody_has_steps(
    filled: Engine, workspaces: Workspaces, people: People
):
    await people.link(SlackUser("T01", "U0BEA"), "bea@example.com")
    assert told(filled) == []
    assert await workspaces.arrival(SlackUser("T01", "U0BEA")) is None
    assert await workspaces.programs_team() is None


async def test_colleagues_are_asked_once_by_those_who_may(filled: Engine, workspaces: Workspaces, people: People):
    await installed(workspaces, "PB")
    assert await workspaces.invite_colleagues(INSTALLER, ["U1", "U1", "U0NEW"]) == 1
    with pytest.raises(NotAllowed, match="Link yourself first"):
        await workspaces.invite_colleagues(BEA, ["U2"])
    await people.link(BEA, "bea@example.com")
    assert await workspaces.invite_colleagues(BEA, ["U1", "U2"]) == 1
    assert (await workspaces.arrival(BEA)).found.has_invited
    with pytest.raises(InvalidChange, match="at most 20"):
        await workspaces.invite_colleagues(BEA, [f"U{each}" for each in range(MOST_COLLEAGUES + 1)])
    with pytest.raises(InvalidChange, match="in a partner's workspace"):
        await workspaces.invite_colleagues(CARLA, ["U1"])


async def test_a_cam_who_is_none_any_more_is_not_told(filled: Engine, workspaces: Workspaces):
    with writing(filled) as connection:
        rows = table(PersonRow)
        connection.execute(delete(rows).where(rows.c.email == "carla@example.com", rows.c.partner_id == "PB"))
    await installed(workspaces, "PB")
    assert told(filled) == FIRST[:1]
