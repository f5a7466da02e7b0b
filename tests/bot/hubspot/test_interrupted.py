"""Faults, kills and limits: a sync goes on where it stopped, and ends in the same ledger."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import Engine

from bot.hubspot.errors import BudgetSpent, HubSpotError, InvalidPage, InvalidToken, MissingScope, TryLater
from bot.hubspot.storing import SyncOptions
from bot.hubspot.sync import MappingDoesNotFit
from bot.hubspot.wanted import wanted
from bot.playground.local_hubspot.faults import (
    CUT_SHORT,
    EMPTY_PAGE,
    INVALID_JSON,
    REPEATED_RECORD,
    RESET,
    SAME_CURSOR,
    Fault,
    lost_rows,
    meanwhile,
    rate_limited,
    refused,
    server_error,
    short_page,
    web_page,
)
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.portal.object_types import ALL_SCOPES
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.portals import invented_rows
from tests.support.synced_portal import MAPPING, NO_LIMITS, imports, ledger, ledger_of_files, sync_with
from tiercore.ingest.staging.runs import Outcome
from tiercore.ingest.staging.status import Syncs

FACTS = invented_rows(deals=7, lines=2)
CALLS = 34  # of a sync of these facts, with pages of five records
PASSING = [CUT_SHORT, EMPTY_PAGE, INVALID_JSON, RESET, server_error(), server_error(423), web_page(), rate_limited(0)]


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.hubspot.reader.LIST_LIMIT", 5)
    monkeypatch.setattr("bot.hubspot.reader.SEARCH_LIMIT", 5)


@pytest.fixture
async def hubspot() -> AsyncIterator[HubSpot]:
    """A portal with the facts."""
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        yield hubspot


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The ledger of the facts."""
    return ledger_of_files(FACTS, tmp_path_factory.mktemp("facts"))


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.name)
async def test_a_fault_that_passes_is_outlived(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]], fault: Fault
):
    for number in range(2, CALLS, 5):
        hubspot.faults.at(number, fault)
    synced = await sync_with(sqlite_engine, hubspot).run()
    assert (synced.stored.outcome, ledger(sqlite_engine)) == (Outcome.STORED, expected)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_goes_wrong_the_ledger_is_that_of_the_facts(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]], seed: int
):
    random = Random(seed)
    hubspot.faults.chooser = lambda method, number: random.choice(PASSING) if random.random() < 0.2 else None
    for _ in range(20):
        try:
            synced = await sync_with(sqlite_engine, hubspot).run()
            break
        except HubSpotError:
            continue
    assert (synced.stored.outcome, ledger(sqlite_engine)) == (Outcome.STORED, expected)


async def test_a_sync_cancelled_at_any_page_goes_on_where_it_was(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]]
):
    for attempt in range(60):
        task = asyncio.ensure_future(sync_with(sqlite_engine, hubspot).run())
        hubspot.faults.clear()
        hubspot.faults.at(6 + attempt % 4, meanwhile(task.cancel))  # the first five are about properties
        try:
            synced = await task
            break
        except asyncio.CancelledError:
            continue
    assert (synced.stored.outcome, ledger(sqlite_engine)) == (Outcome.STORED, expected)
    assert synced.run.sync_id == 1
    assert imports(sqlite_engine) == 1


async def test_the_same_record_on_two_pages_counts_once(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]]
):
    hubspot.faults.add("deals.list", REPEATED_RECORD, times=2)
    hubspot.faults.add("line_items.list", short_page(2), times=2)
    await sync_with(sqlite_engine, hubspot).run()
    assert ledger(sqlite_engine) == expected


async def test_a_cursor_that_repeats_itself_is_an_error_and_nothing_is_stored(sqlite_engine: Engine, hubspot: HubSpot):
    hubspot.faults.add("line_items.list", SAME_CURSOR, times=20)
    with pytest.raises(InvalidPage, match="line items can't be right: its cursor"):
        await sync_with(sqlite_engine, hubspot).run()
    assert imports(sqlite_engine) == 0


async def test_a_list_that_ends_too_early_is_an_error(sqlite_engine: Engine):
    portal = portal_of(invented_rows(deals=20, lines=1))
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot:
        hubspot.faults.add("deals.list", lost_rows(1), times=20)
        with pytest.raises(InvalidPage, match=r"the list ends after \d+ of 42"):
            await sync_with(sqlite_engine, hubspot).run()
        hubspot.faults.clear()
        synced = await sync_with(sqlite_engine, hubspot).run()
        assert synced.stored.counts["sales.csv"] == 20


async def test_the_share_of_the_days_calls_is_kept_over_all_syncs_and_the_next_day_goes_on(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]]
):
    hubspot.limits.in_a_day, used, clock = 40, [], [datetime(2026, 11, 28, 12, tzinfo=UTC)]
    for _ in range(2):
        with pytest.raises(BudgetSpent, match="20 of 20 that are ours") as stopped:
            await sync_with(sqlite_engine, hubspot, share=Fraction(1, 2), clock=lambda: clock[0]).run()
        used.append(hubspot.limits.calls_today)
    assert used == [20, 20]
    status = await Syncs(sqlite_engine, timedelta(hours=1), lambda: clock[0]).status()
    assert status is not None
    assert status.error == str(stopped.value)
    clock[0] += timedelta(days=1)
    hubspot.limits.calls_today, hubspot.limits.in_a_day = 0, 1_000
    synced = await sync_with(sqlite_engine, hubspot, clock=lambda: clock[0]).run()
    assert (synced.run.sync_id, ledger(sqlite_engine)) == (1, expected)


async def test_the_days_limit_ends_a_sync_and_no_call_is_made_before_hubspot_allows_it(
    sqlite_engine: Engine, hubspot: HubSpot
):
    hubspot.faults.at(9, rate_limited(3_600, "DAILY"))
    with pytest.raises(BudgetSpent):
        await sync_with(sqlite_engine, hubspot).run()
    calls = len(hubspot.journal.entries)
    with pytest.raises(TryLater):
        await sync_with(sqlite_engine, hubspot).run()
    assert len(hubspot.journal.entries) == calls
    later = datetime.now(UTC) + timedelta(hours=2)
    assert (await sync_with(sqlite_engine, hubspot, clock=lambda: later).run()).stored.outcome is Outcome.STORED


async def test_a_wrong_token_says_where_to_make_a_key(sqlite_engine: Engine, hubspot: HubSpot):
    hubspot.faults.at(1, refused(401, "INVALID_AUTHENTICATION"))
    with pytest.raises(InvalidToken, match="Service keys"):
        await sync_with(sqlite_engine, hubspot).run()


async def test_a_missing_scope_is_named(sqlite_engine: Engine, hubspot: HubSpot):
    hubspot.state.scopes = ALL_SCOPES - {"crm.objects.line_items.read"}
    with pytest.raises(MissingScope, match=r"crm\.objects\.line_items\.read"):
        await sync_with(sqlite_engine, hubspot).run()


async def test_a_property_that_the_portal_lacks_is_named_before_anything_is_read(
    sqlite_engine: Engine, hubspot: HubSpot
):
    mapping = wanted(MAPPING.replace('"house_account"', '"house_acount"'), "mapping.toml")
    with pytest.raises(MappingDoesNotFit, match="house_acount"):
        await sync_with(sqlite_engine, hubspot, mapping=mapping).run()
    assert not hubspot.journal.calls("line_items.list")


async def test_a_portal_without_partner_objects_is_synced_without_them(sqlite_engine: Engine, hubspot: HubSpot):
    hubspot.state.scopes = ALL_SCOPES - {"crm.objects.partner-services.read"}
    synced = await sync_with(sqlite_engine, hubspot).run()
    assert synced.stored.outcome is Outcome.STORED
    assert [each.partition(":")[0] for each in synced.left_out] == ["Without partner services"]


async def test_a_dry_run_stores_nothing_and_the_next_sync_stores_everything(
    sqlite_engine: Engine, hubspot: HubSpot, expected: dict[str, list[str]]
):
    synced = await sync_with(sqlite_engine, hubspot).run(SyncOptions(dry_run=True))
    assert (synced.stored.outcome, imports(sqlite_engine)) == (Outcome.TRIED, 0)
    await sync_with(sqlite_engine, hubspot).run()
    assert ledger(sqlite_engine) == expected
