"""Nothing disappears before two complete syncs agree, and a great fall is held."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.hubspot.storing import SyncOptions
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.databases import SqliteFiles
from tests.support.portals import invented_rows
from tests.support.synced_portal import NO_LIMITS, imports, ledger, sync_with
from tiercore.ingest.staging.records import count_staged, settle_missing
from tiercore.ingest.staging.runs import Outcome
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import ClientRow, SaleRow

DEALS = 12
FACTS = {**invented_rows(deals=DEALS, lines=1), "subscriptions.csv": []}
FULL = SyncOptions(full=True)


@pytest.fixture
async def hubspot() -> AsyncIterator[HubSpot]:
    """A portal with a dozen sales."""
    async with a_portal() as hubspot:
        yield hubspot


def a_portal() -> HubSpot:
    return HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS))


def sales(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(table(SaleRow).c.sale_id)))


def record_of(hubspot: HubSpot, name: str, sale_id: str) -> Record:
    """The line item of a sale, or its deal."""
    records = hubspot.portal.records
    item = next(each for each in records["line_items"] if each.properties.get("house_sale_number") == sale_id)
    if name == "line_items":
        return item
    deal_id = hubspot.portal.associated("line_items", item.id, "deals")[0]
    return next(each for each in records["deals"] if each.id == deal_id)


@pytest.mark.parametrize("name", ["deals", "line_items"])
@pytest.mark.parametrize("how", ["hide", "archive"])
async def test_a_record_that_is_gone_takes_its_sale_away_at_the_second_complete_sync(
    sqlite_engine: Engine, hubspot: HubSpot, name: str, how: str
):
    await sync_with(sqlite_engine, hubspot).run()
    before = sales(sqlite_engine)
    getattr(hubspot.portal, how)(name, record_of(hubspot, name, "S00003-0"))
    first = await sync_with(sqlite_engine, hubspot).run(FULL)
    assert first.stored.marked == {"sales.csv": 1}
    assert sales(sqlite_engine) == before
    await sync_with(sqlite_engine, hubspot).run()  # of what has changed: it says nothing about what is missing
    assert sales(sqlite_engine) == before
    second = await sync_with(sqlite_engine, hubspot).run(FULL)
    assert second.stored.removed == {"sales.csv": 1}
    assert sales(sqlite_engine) == before - {"S00003-0"}
    third = await sync_with(sqlite_engine, hubspot).run(FULL)
    assert third.stored.outcome is Outcome.UNCHANGED


async def test_a_deal_that_is_no_longer_won_takes_its_sale_away_at_the_second_complete_sync(
    sqlite_engine: Engine, hubspot: HubSpot
):
    await sync_with(sqlite_engine, hubspot).run()
    before = sales(sqlite_engine)
    hubspot.portal.change("deals", record_of(hubspot, "deals", "S00003-0"), {"dealstage": "closedlost"})
    first = await sync_with(sqlite_engine, hubspot).run()
    assert (first.stored.marked, sales(sqlite_engine)) == ({"sales.csv": 1}, before)
    await sync_with(sqlite_engine, hubspot).run(FULL)
    assert sales(sqlite_engine) == before - {"S00003-0"}


async def test_a_changed_record_changes_its_sale_in_the_next_sync(sqlite_engine: Engine, hubspot: HubSpot):
    await sync_with(sqlite_engine, hubspot).run()
    hubspot.portal.change("line_items", record_of(hubspot, "line_items", "S00002-0"), {"hs_mrr": "777.00"})
    synced = await sync_with(sqlite_engine, hubspot).run()
    assert synced.stored.imported is not None
    assert synced.stored.imported.counts["sales.csv"].changed == 1
    assert not synced.run.is_full


async def test_a_record_that_comes_back_loses_its_mark(sqlite_engine: Engine, hubspot: HubSpot):
    await sync_with(sqlite_engine, hubspot).run()
    before, deal = ledger(sqlite_engine), record_of(hubspot, "deals", "S00003-0")
    for hidden in (True, False, True):
        hubspot.portal.hide("deals", deal, hidden=hidden)
        await sync_with(sqlite_engine, hubspot).run(FULL)
        assert ledger(sqlite_engine) == before


async def test_a_sync_that_two_processes_end_counts_once(sqlite_engine: Engine, hubspot: HubSpot):
    await sync_with(sqlite_engine, hubspot).run()
    hubspot.portal.hide("deals", record_of(hubspot, "deals", "S00003-0"))
    synced = await sync_with(sqlite_engine, hubspot).run(FULL)
    assert synced.stored.missing == 1
    with sqlite_engine.begin() as connection:
        before = count_staged(connection, "deals")
        settle_missing(connection, synced.run.sync_id, ["deals"])
        assert count_staged(connection, "deals") == before


async def test_a_client_that_is_gone_stays_because_other_rows_may_refer_to_it(sqlite_engine: Engine, hubspot: HubSpot):
    await sync_with(sqlite_engine, hubspot).run()
    client = next(iter(hubspot.portal.records["partner_clients"]))
    hubspot.portal.archive("partner_clients", client)
    for _ in range(3):
        await sync_with(sqlite_engine, hubspot).run(FULL)
    with sqlite_engine.connect() as connection:
        assert len(connection.execute(select(table(ClientRow))).all()) == DEALS


async def test_a_fall_by_more_than_a_fifth_is_held_until_it_is_accepted(sqlite_engine: Engine, hubspot: HubSpot):
    await sync_with(sqlite_engine, hubspot).run()
    before, on_record = sales(sqlite_engine), imports(sqlite_engine)
    lost = {f"S{number:05}-0" for number in range(1, 5)}
    for sale_id in lost:
        hubspot.portal.archive("line_items", record_of(hubspot, "line_items", sale_id))
    held = await sync_with(sqlite_engine, hubspot).run(FULL)
    assert held.stored.outcome is Outcome.HELD
    assert "line_items fell from 14 to 10" in held.stored.message
    assert "--accept-removals" in held.stored.message
    for _ in range(2):  # held again and again, and nothing is marked meanwhile
        await sync_with(sqlite_engine, hubspot).run(FULL)
    assert (sales(sqlite_engine), imports(sqlite_engine)) == (before, on_record)
    await sync_with(sqlite_engine, hubspot).run(SyncOptions(full=True, accept_removals=True))
    assert sales(sqlite_engine) == before
    await sync_with(sqlite_engine, hubspot).run(FULL)
    assert sales(sqlite_engine) == before - lost


@pytest.mark.slow
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.frozensets(st.integers(1, DEALS), max_size=2), min_size=2, max_size=4),
    st.sampled_from(["deals", "line_items"]),
)
def test_a_sale_is_removed_exactly_when_two_complete_syncs_in_a_row_missed_it(
    sqlite_files: SqliteFiles, vanishings: list[frozenset[int]], name: str
):
    engine = create_database_engine(sqlite_files.filled(upgrade))
    asyncio.run(_vanish(engine, vanishings, name))
    engine.dispose()


async def _vanish(engine: Engine, vanishings: list[frozenset[int]], name: str) -> None:
    async with a_portal() as hubspot:
        await sync_with(engine, hubspot).run()
        records = {number: record_of(hubspot, name, f"S{number:05}-0") for number in range(1, DEALS + 1)}
        before: frozenset[int] = frozenset()
        for hidden in vanishings:
            for number, record in records.items():
                hubspot.portal.hide(name, record, hidden=number in hidden)
            synced = await sync_with(engine, hubspot).run(FULL)
            assert synced.stored.outcome in (Outcome.STORED, Outcome.UNCHANGED)
            gone = {f"S{number:05}-0" for number in hidden & before}
            assert sales(engine) == {f"S{number:05}-0" for number in records} - gone
            before = hidden
