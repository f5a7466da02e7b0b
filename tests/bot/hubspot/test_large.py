"""More records than one search gives, processes that are killed, and the event loop."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.hubspot.object_types import DEALS
from bot.hubspot.storing import SyncOptions
from bot.playground.local_hubspot.faults import CUT_SHORT, HANG, RESET, rate_limited
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.hubspot_reading import our_reader
from tests.support.portals import invented_rows
from tests.support.synced_portal import MAPPING, NO_LIMITS, imports, ledger, ledger_of_files, sync_with
from tests.support.waiting import wait_until
from tests.support.watchdog import no_hold
from tiercore.ingest.staging.runs import Outcome

pytestmark = pytest.mark.slow
NOON = 1_669_723_200_000  # milliseconds
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


async def test_10_001_records_are_read_beyond_the_end_of_a_search():
    portal = portal_of({})
    for number in range(10_001):
        portal.add("deals", {"dealname": f"Deal {number}"}, at=NOON)  # one moment for all of them
    async with (
        HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot,
        our_reader(hubspot.url, hubspot.token, searches_a_second=1_000) as reader,
    ):
        pages = [page async for page in reader.changed_pages(DEALS, ["dealname"], LONG_AGO)]
    ids = [record.record_id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) == 10_001


async def test_over_10_001_line_items_with_faults_end_in_the_ledger_of_their_files(
    sqlite_engine: Engine, tmp_path: Path
):
    facts = {**invented_rows(deals=334, lines=3), "subscriptions.csv": []}
    portal = portal_of(facts)
    deal = next(iter(portal.records["deals"]))
    for number in range(9_000):
        once = {"name": f"Training {number}", "price": "1", "quantity": "1", "hs_line_item_currency_code": "USD"}
        portal.associate("line_items", portal.add("line_items", once), "deals", deal)
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot:
        for number, fault in enumerate((CUT_SHORT, RESET, rate_limited(0)) * 10):
            hubspot.faults.at(7 + 3 * number, fault)
        synced = await sync_with(sqlite_engine, hubspot).run()
        assert hubspot.faults.waiting == []
    assert (synced.stored.outcome, synced.run.reading("line_items").records > 10_001) == (Outcome.STORED, True)
    assert ledger(sqlite_engine) == ledger_of_files(facts, tmp_path)


async def test_a_process_killed_while_it_waits_for_a_page_leaves_a_sync_that_goes_on(
    sqlite_engine: Engine, tmp_path: Path
):
    facts = invented_rows(deals=60, lines=1)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    async with HubSpot(portal_of(facts), limits=Limits(**NO_LIMITS)) as hubspot:
        given = {"DATABASE_URL": f"sqlite:///{sqlite_engine.url.database}", "TODAY": "2022-12-05"}
        given |= {"HUBSPOT_TOKEN": hubspot.token, "HUBSPOT_URL": hubspot.url}
        given["HUBSPOT_MAP"] = str(tmp_path / "mapping.toml")
        environment = os.environ | {f"TIERBOT_{name}": value for name, value in given.items()}
        command = [sys.executable, "-c", "from bot.cli.main import main; main()", "sync", "hubspot"]
        hubspot.faults.at(2, HANG, "deals.list")
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await wait_until(lambda: hubspot.faults.waiting == [], "the process asks for the second page of deals")
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        hubspot.journal.clear()
        synced = await sync_with(sqlite_engine, hubspot).run()
        assert synced.run.sync_id == 1
        assert hubspot.journal.calls("deals.list")[0].arguments["after"]
        assert not hubspot.journal.calls("companies.list")
    assert (ledger(sqlite_engine), imports(sqlite_engine)) == (ledger_of_files(facts, tmp_path), 1)


async def test_nothing_holds_the_event_loop_while_a_sync_runs(sqlite_engine: Engine):
    portal = portal_of(invented_rows(deals=300, lines=2))
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot, no_hold():
        await sync_with(sqlite_engine, hubspot).run()
        await sync_with(sqlite_engine, hubspot).run(SyncOptions(full=True))
