"""A Slack user is a team and a user ID: the same ID in another team is someone else (architecture#access)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, insert, select

from tests.support.sample_folder import write_folder
from tiercore.access import NotLinked, SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.home_views import recent_home_views, record_home_view
from tiercore.people.people import identity_of, link_user, linked_staff, unlink_user
from tiercore.people.preferences import channel_partner
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.reader import create_reader
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.people import ChannelRow

HERE, THERE, NOWHERE = SlackUser("T1", "U1", "C1"), SlackUser("T2", "U1", "C1"), SlackUser("T3", "U1", "C1")
PROGRAM = load_program()
NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)


@pytest.fixture
def linked(engine: Engine, tmp_path) -> Engine:
    """User ID U1 is Ana in one team and Carla in another; channel ID C1 is set to a different partner in each."""
    assert not import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=date(2022, 9, 5)).problems
    with writing(engine) as connection:
        link_user(connection, HERE, "ana@example.com")
        link_user(connection, THERE, "carla@example.com")
        channels = [("T1", "PA"), ("T2", "PB")]
        rows = [{"team_id": team, "channel_id": "C1", "partner_id": partner} for team, partner in channels]
        connection.execute(insert(table(ChannelRow)), rows)
    return engine


@pytest.fixture
async def ledger(linked: Engine) -> AsyncIterator[Ledger]:
    reader = create_reader(linked.url)
    await reader.open()
    yield Ledger(reader, PROGRAM)
    await reader.close()


async def test_the_same_user_id_in_different_teams_has_different_access(ledger: Ledger):
    here, there = await ledger.reach(HERE), await ledger.reach(THERE)
    assert (here.email, [each.partner_id for each in here.partners]) == ("ana@example.com", ["PA"])
    assert (there.email, {each.partner_id for each in there.partners}) == ("carla@example.com", {"PA", "PB", "PD"})
    with pytest.raises(NotLinked):
        await ledger.reach(NOWHERE)


async def test_a_channel_id_belongs_to_the_partner_chosen_in_its_own_team(ledger: Ledger, linked: Engine):
    assert [(await ledger.reach(user)).here for user in (HERE, THERE)] == ["PA", "PB"]
    with reading(linked) as connection:
        assert [channel_partner(connection, user) for user in (HERE, THERE, NOWHERE)] == ["PA", "PB", None]


async def test_a_cam_is_mentioned_only_in_the_team_where_they_are_linked(ledger: Ledger):
    grant = (await ledger.reach(HERE)).grant_of("PA")
    assert [each.user_id for each in await ledger.contacts(grant, "T1")] == [None]
    assert [each.user_id for each in await ledger.contacts(grant, "T2")] == ["U1"]


def test_the_author_of_a_change_is_looked_up_by_team_and_user(linked: Engine):
    with reading(linked) as connection:
        found = [identity_of(connection, user) for user in (HERE, THERE, NOWHERE)]
        assert [each and each.email for each in found] == ["ana@example.com", "carla@example.com", None]
        both = ["ana@example.com", "carla@example.com"]
        assert [[each.user_id for each in linked_staff(connection, both, team)] for team in ("T1", "T2", "T3")] == [
            ["U1"],
            ["U1"],
            [],
        ]
        assert linked_staff(connection, ["ana@example.com"], "T2") == []


def test_a_link_removed_or_replaced_in_one_team_stays_in_another(linked: Engine):
    link = table(LinkRow)
    with writing(linked) as connection:
        assert unlink_user(connection, NOWHERE) is None
        assert unlink_user(connection, HERE) == "ana@example.com"
        assert link_user(connection, HERE, "bea@example.com") is None
        assert link_user(connection, HERE, "ana@example.com") == "bea@example.com"
        held = {tuple(row) for row in connection.execute(select(link.c.team_id, link.c.email))}
    assert held == {("T1", "ana@example.com"), ("T2", "carla@example.com")}


def test_home_preferences_are_stored_by_team_and_user(linked: Engine):
    with writing(linked) as connection:
        assert record_home_view(connection, HERE, "one", NOW)
        assert record_home_view(connection, THERE, "two", NOW)
        assert not record_home_view(connection, HERE, "three", NOW)
        seen = [recent_home_views(connection, NOW, team) for team in ("T1", "T2", "T3")]
    assert seen == [[(SlackUser("T1", "U1"), "three")], [(SlackUser("T2", "U1"), "two")], []]
