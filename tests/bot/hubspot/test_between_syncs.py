"""Between two syncs, and while one reads, portals, tokens, mappings and processes change: the ledger stays right."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, update

from bot.hubspot.errors import BudgetSpent, InvalidToken, MissingScope
from bot.hubspot.object_types import LINE_ITEMS, PARTNER_CLIENTS
from bot.hubspot.storing import SyncOptions
from bot.hubspot.sync import MappingDoesNotFit, Synced
from bot.hubspot.wanted import wanted
from bot.playground.local_hubspot.faults import meanwhile, refused
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.portal.definitions import Property
from bot.playground.local_hubspot.portal.object_types import ALL_SCOPES
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.hubspot_reading import our_reader
from tests.support.portals import invented_rows
from tests.support.synced_portal import MAPPING, NO_LIMITS, imports, ledger, ledger_of_files, sync_with
from tiercore.ingest.staging.leases import LEASE, AnotherSync
from tiercore.ingest.staging.runs import Outcome
from tiercore.ingest.staging.status import Syncs
from tiercore.storage.bulk import table
from tiercore.storage.tables.synced import SyncLeaseRow
from tiercore.storage.transactions import utc_now

FACTS = {**invented_rows(deals=7, lines=1), "subscriptions.csv": []}
CHANGED, FULL = SyncOptions(), SyncOptions(full=True)
Ledger = dict[str, list[str]]


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.hubspot.reader.LIST_LIMIT", 5)
    monkeypatch.setattr("bot.hubspot.reader.SEARCH_LIMIT", 5)


@pytest.fixture
async def hubspot() -> AsyncIterator[HubSpot]:
    """A portal with seven sales."""
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        yield hubspot


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The ledger of the facts."""
    return ledger_of_files(FACTS, tmp_path_factory.mktemp("facts"))


def items(hubspot: HubSpot) -> list[Record]:
    return list(hubspot.portal.records["line_items"])


def change(hubspot: HubSpot, *records: Record, mrr: str) -> None:
    for each in records:
        hubspot.portal.change("line_items", each, {"hs_mrr": mrr})


async def sync(engine: Engine, hubspot: HubSpot, options: SyncOptions = CHANGED) -> Synced:
    return await sync_with(engine, hubspot).run(options)


async def test_a_token_that_is_revoked_in_the_middle_stops_the_sync_and_a_new_one_goes_on(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    hubspot.faults.at(9, refused(401, "INVALID_AUTHENTICATION"))
    with pytest.raises(InvalidToken, match="Service keys"):
        await sync(sqlite_engine, hubspot)
    hubspot.faults.at(10, refused(401, "INVALID_AUTHENTICATION"))  # the first call of the next
    with pytest.raises(InvalidToken):
        await sync(sqlite_engine, hubspot)
    assert imports(sqlite_engine) == 0
    synced = await sync(sqlite_engine, hubspot)
    assert (synced.run.sync_id, ledger(sqlite_engine), imports(sqlite_engine)) == (1, expected, 1)


@pytest.mark.parametrize("scope", [PARTNER_CLIENTS.scope, LINE_ITEMS.scope])
async def test_a_type_that_may_no_longer_be_read_stops_the_sync_and_takes_nothing_away(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger, scope: str
):
    await sync(sqlite_engine, hubspot)
    hubspot.state.scopes = ALL_SCOPES - {scope}
    for options in (CHANGED, FULL):
        with pytest.raises(MissingScope, match=scope):
            await sync(sqlite_engine, hubspot, options)
    hubspot.state.scopes = ALL_SCOPES
    await sync(sqlite_engine, hubspot, FULL)
    assert ledger(sqlite_engine) == expected


async def test_a_type_that_may_be_read_now_is_read_whole_by_the_next_sync(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    hubspot.state.scopes = ALL_SCOPES - {"crm.objects.partner-services.read"}
    assert (await sync(sqlite_engine, hubspot)).left_out
    hubspot.state.scopes = ALL_SCOPES
    synced = await sync(sqlite_engine, hubspot)
    assert (synced.run.is_full, ledger(sqlite_engine)) == (True, expected)


async def test_a_property_that_is_removed_from_the_portal_is_named_and_nothing_is_stored(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    await sync(sqlite_engine, hubspot)
    change(hubspot, items(hubspot)[0], mrr="999")
    removed = hubspot.portal.properties["deals"].pop("house_motion")
    with pytest.raises(MappingDoesNotFit, match="house_motion"):
        await sync(sqlite_engine, hubspot)
    assert ledger(sqlite_engine) == expected
    hubspot.portal.describe("deals", removed)
    assert (await sync(sqlite_engine, hubspot)).stored.outcome is Outcome.STORED


async def test_a_property_that_comes_to_the_portal_and_that_the_mapping_prefers_is_read_of_every_record(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    mapping = wanted(
        MAPPING.replace('"hs_line_item_currency_code"', '["new_currency", "hs_line_item_currency_code"]'), "m"
    )
    await sync_with(sqlite_engine, hubspot, mapping=mapping).run()
    hubspot.portal.describe("line_items", Property("new_currency", "New currency"))
    for each in items(hubspot):
        hubspot.portal.change("line_items", each, {"new_currency": "USD"}, at=each.updated_at)
    synced = await sync_with(sqlite_engine, hubspot, mapping=mapping).run()
    assert (synced.run.is_full, ledger(sqlite_engine)) == (True, expected)


async def test_another_mapping_reads_everything_again(sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger):
    other = wanted(MAPPING.replace('"Partner Collab" = "sourced"', '"Partner Collab" = "assisted"'), "other.toml")
    await sync_with(sqlite_engine, hubspot, mapping=other).run()
    assert ledger(sqlite_engine) != expected
    synced = await sync(sqlite_engine, hubspot)
    assert (synced.run.is_full, ledger(sqlite_engine)) == (True, expected)


@pytest.mark.parametrize("hours", [-30, 3])
async def test_a_clock_that_differs_from_hubspots_misses_no_change(sqlite_engine: Engine, hubspot: HubSpot, hours: int):
    def clock() -> datetime:
        return utc_now() + timedelta(hours=hours)

    await sync_with(sqlite_engine, hubspot, clock=clock).run()
    change(hubspot, items(hubspot)[0], mrr="999")
    synced = await sync_with(sqlite_engine, hubspot, clock=clock).run()
    assert synced.stored.imported is not None
    assert synced.stored.imported.counts["sales.csv"].changed == 1


async def test_records_deleted_or_changed_while_a_search_is_read_hide_no_other(sqlite_engine: Engine, hubspot: HubSpot):
    portal = hubspot.portal
    await sync(sqlite_engine, hubspot)
    before = ledger(sqlite_engine)
    changed = [each for each in items(hubspot) if not each.is_archived]
    change(hubspot, *changed, mrr="999")
    hubspot.faults.at(3, meanwhile(lambda: portal.hide("line_items", changed[0])), "line_items.search")
    await sync(sqlite_engine, hubspot)
    portal.hide("line_items", changed[0], hidden=False)
    after = ledger(sqlite_engine)
    assert after["sale"] != before["sale"]
    assert (await sync(sqlite_engine, hubspot, FULL)).run.changed == 0
    assert ledger(sqlite_engine) == after


async def test_a_deal_that_is_lost_won_again_and_lost_again_needs_two_syncs_once_more(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    await sync(sqlite_engine, hubspot)
    deal = next(iter(hubspot.portal.records["deals"]))
    for stage in ("closedlost", "closedwon", "closedlost"):
        hubspot.portal.change("deals", deal, {"dealstage": stage})
        await sync(sqlite_engine, hubspot, FULL)
        assert ledger(sqlite_engine) == expected
    assert (await sync(sqlite_engine, hubspot, FULL)).stored.removed == {"sales.csv": 1}
    hubspot.portal.change("deals", deal, {"dealstage": "closedwon"})
    await sync(sqlite_engine, hubspot)
    assert ledger(sqlite_engine) == expected


async def test_a_deal_that_is_deleted_and_restored_is_as_before(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    await sync(sqlite_engine, hubspot)
    deal = next(iter(hubspot.portal.records["deals"]))
    for syncs in (1, 2):  # restored before its sale is removed, and after
        hubspot.portal.archive("deals", deal)
        for _ in range(syncs):
            await sync(sqlite_engine, hubspot, FULL)
        assert (ledger(sqlite_engine) == expected) is (syncs == 1)
        hubspot.portal.restore("deals", deal)
        await sync(sqlite_engine, hubspot, FULL)
        assert ledger(sqlite_engine) == expected


async def test_an_empty_currency_is_named_and_nothing_is_stored(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    await sync(sqlite_engine, hubspot)
    hubspot.portal.change("line_items", items(hubspot)[0], {"hs_line_item_currency_code": ""})
    synced = await sync(sqlite_engine, hubspot)
    assert (synced.stored.outcome, ledger(sqlite_engine)) == (Outcome.REFUSED, expected)
    assert f"HubSpot line items:{items(hubspot)[0].id}" in synced.stored.message
    assert "currency" in synced.stored.message


async def test_a_record_with_over_a_thousand_associations_is_read_with_all_of_them(hubspot: HubSpot):
    portal = hubspot.portal
    client = next(iter(portal.records["partner_clients"]))
    for number in range(1_001):
        portal.associate("partner_clients", client, "deals", portal.add("deals", {"dealname": str(number)}))
    async with our_reader(hubspot.url, hubspot.token, searches_a_second=1_000) as reader:
        pages = [page async for page in reader.all_pages(PARTNER_CLIENTS, ["hs_partner_client_number"])]
        again = await reader.associated(PARTNER_CLIENTS, "deals", [str(client.id)])
    found = next(each for page in pages for each in page.records if each.record_id == str(client.id))
    assert set(found.associated["deals"]) == set(again[str(client.id)])
    assert len(found.associated["deals"]) == len(portal.associated("partner_clients", client.id, "deals")) > 1_001


async def test_the_days_calls_that_end_exactly_with_the_last_page_are_enough(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as other:
        await sync(sqlite_engine, other)
        calls = other.limits.calls_today
    hubspot.limits.in_a_day = 2 * calls  # those of the other are counted, too
    await sync(sqlite_engine, hubspot, FULL)
    assert (hubspot.limits.calls_today, ledger(sqlite_engine)) == (calls, expected)
    with pytest.raises(BudgetSpent):
        await sync(sqlite_engine, hubspot)
    assert ledger(sqlite_engine) == expected


async def test_a_full_disk_ends_the_sync_and_it_goes_on_when_there_is_room(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    def no_room(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    event.listen(sqlite_engine, "checkout", no_room)
    with pytest.raises(Exception, match="full"):
        await sync(sqlite_engine, hubspot)
    event.remove(sqlite_engine, "checkout", no_room)
    sqlite_engine.dispose()
    assert imports(sqlite_engine) == 0
    await sync_with(sqlite_engine, hubspot, clock=lambda: utc_now() + LEASE).run()
    assert ledger(sqlite_engine) == expected


async def test_of_two_replicas_that_start_at_once_one_syncs(engine: Engine, hubspot: HubSpot, expected: Ledger):
    both = await asyncio.gather(*(sync(engine, hubspot) for _ in range(2)), return_exceptions=True)
    assert [each for each in both if not isinstance(each, Synced | AnotherSync)] == []
    assert any(isinstance(each, Synced) for each in both)
    assert (ledger(engine), imports(engine)) == (expected, 1)


async def test_a_replica_that_dies_with_the_lease_holds_no_sync_up_for_longer_than_the_lease(
    sqlite_engine: Engine, hubspot: HubSpot, expected: Ledger
):
    await sync(sqlite_engine, hubspot)
    begun = utc_now()
    held = {"owner": "another-host:1:abcd", "leased_until": int((begun + LEASE).timestamp() * 1000)}
    with sqlite_engine.begin() as connection:
        connection.execute(update(table(SyncLeaseRow)).values(**held))
    with pytest.raises(AnotherSync, match="another-host"):
        await sync(sqlite_engine, hubspot)

    def clock() -> datetime:
        return begun + timedelta(hours=7)

    assert await Syncs(sqlite_engine, timedelta(hours=6), clock).is_due()
    await sync_with(sqlite_engine, hubspot, clock=clock).run()
    assert ledger(sqlite_engine) == expected


async def test_a_client_that_is_merged_into_another_takes_its_sales_along(
    sqlite_engine: Engine, hubspot: HubSpot, tmp_path: Path
):
    by_association = MAPPING.replace('"deals.house_client_number"', '"deals.partner_clients.hs_partner_client_number"')
    joined = by_association.replace(
        "[inputs.deals]", '[inputs.deals]\njoin = { partner_clients = "associated_partner_clients" }'
    ).replace('\nid = "hs_partner_client_number"', '\nid = "hs_object_id"')
    mapping = wanted(joined.replace('"hs_partner_service_client"', '"associated_partner_clients"', 1), "mapping.toml")
    await sync_with(sqlite_engine, hubspot, mapping=mapping).run()
    portal = hubspot.portal
    winner, loser = list(portal.records["partner_clients"])[:2]
    for deal in portal.associated("partner_clients", loser.id, "deals"):
        portal.associate("partner_clients", winner, "deals", deal)
    portal.archive("partner_clients", loser)
    for _ in range(2):
        await sync_with(sqlite_engine, hubspot, mapping=mapping).run(FULL)
    merged = [{**each, "client_id": "C00001"} if each["client_id"] == "C00002" else each for each in FACTS["sales.csv"]]
    assert ledger(sqlite_engine) == ledger_of_files({**FACTS, "sales.csv": merged}, tmp_path)
