"""How syncs are doing, and when the next one is due: for the clockwork, the command line, doctor, metrics and Home."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot.cli.main import app
from bot.hubspot.errors import HubSpotError
from bot.hubspot.storing import SyncOptions
from bot.playground.local_hubspot.faults import HANG, server_error
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from bot.settings import Settings
from bot.syncing import run_sync
from bot.wiring import create_core
from scheduler.periodic import PeriodicTask
from tests.support.portal_in_thread import InThread
from tests.support.portals import invented_rows
from tests.support.synced_portal import MAPPING, NO_LIMITS, ledger, ledger_of_files, sync_with
from tests.support.waiting import wait_until
from tiercore.ingest.staging.leases import AnotherSync
from tiercore.ingest.staging.status import INTERRUPTED, Syncs

FACTS = invented_rows(deals=3, lines=1)
RUN = CliRunner()
EVERY = timedelta(hours=6)


def a_portal() -> HubSpot:
    return HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS))


async def test_the_next_sync_is_due_so_many_hours_after_the_last(sqlite_engine: Engine):
    now = [datetime.now(UTC)]
    syncs = Syncs(sqlite_engine, EVERY, lambda: now[0])
    assert await syncs.is_due()
    async with a_portal() as hubspot:
        await sync_with(sqlite_engine, hubspot).run()
    assert not await syncs.is_due()
    now[0] += EVERY + timedelta(minutes=1)
    assert await syncs.is_due()
    assert not await Syncs(sqlite_engine, clock=lambda: now[0]).is_due()


async def test_a_sync_that_failed_is_due_again_after_a_quarter_of_an_hour(sqlite_engine: Engine):
    now = [datetime.now(UTC)]
    syncs = Syncs(sqlite_engine, EVERY, lambda: now[0])
    async with a_portal() as hubspot:
        hubspot.faults.add("deals.list", server_error(), times=10)
        with pytest.raises(HubSpotError, match="fails with status 500"):
            await sync_with(sqlite_engine, hubspot).run()
    status = await syncs.status()
    assert status is not None
    assert "fails with status 500" in status.error
    assert not await syncs.is_due()
    now[0] += timedelta(minutes=16)
    assert await syncs.is_due()


async def test_a_sync_that_broke_off_without_a_word_is_an_error(sqlite_engine: Engine):
    syncs = Syncs(sqlite_engine, EVERY)
    async with a_portal() as hubspot:
        hubspot.faults.add("deals.list", HANG)
        running = asyncio.create_task(sync_with(sqlite_engine, hubspot).run())
        await wait_until(lambda: hubspot.faults.waiting == [], "the sync reads deals")
        while_it_runs = await syncs.status()
        running.cancel()
        await asyncio.wait((running,))
    after = await syncs.status()
    assert while_it_runs
    assert after
    assert (while_it_runs.error, after.error) == ("", INTERRUPTED)


async def test_while_one_process_syncs_no_other_does(sqlite_engine: Engine):
    async with a_portal() as hubspot:
        hubspot.faults.add("deals.list", HANG)
        running = asyncio.create_task(sync_with(sqlite_engine, hubspot).run())
        await wait_until(lambda: hubspot.faults.waiting == [], "the sync reads deals")
        with pytest.raises(AnotherSync, match="another sync is running"):
            await sync_with(sqlite_engine, hubspot).run()
        assert not await Syncs(sqlite_engine, EVERY).is_due()
        running.cancel()
        await asyncio.wait((running,))
        await sync_with(sqlite_engine, hubspot).run()


async def test_a_periodic_task_runs_once_at_a_time_and_a_failure_ends_only_itself():
    begun, go = [], asyncio.Event()

    async def is_due() -> bool:
        return True

    async def run() -> None:
        begun.append(1)
        await go.wait()
        raise HubSpotError("broken")

    task = PeriodicTask("test", is_due, run)
    await task.check()
    await asyncio.sleep(0)
    await task.check()
    assert begun == [1]
    go.set()
    await task.finish()
    await task.check()
    await task.stop()
    assert len(begun) <= 2


@pytest.fixture
def hubspot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpot]:
    """A portal that the settings name, and a folder to work in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    with InThread(a_portal()) as hubspot:
        monkeypatch.setenv("TIERBOT_HUBSPOT_TOKEN", hubspot.token)
        monkeypatch.setenv("TIERBOT_HUBSPOT_URL", hubspot.url)
        monkeypatch.setenv("TIERBOT_TODAY", "2022-12-05")
        yield hubspot


def test_the_command_syncs_and_says_how_it_went(hubspot: HubSpot, tmp_path: Path):
    tried = RUN.invoke(app, ["sync", "hubspot", "--map", "mapping.toml", "--dry-run"])
    assert (tried.exit_code, "Dry run: nothing was stored." in tried.output) == (0, True)
    stored = RUN.invoke(app, ["sync", "hubspot", "--map", "mapping.toml", "--share", "100%"])
    assert stored.exit_code == 0, stored.output
    assert "Stored from HubSpot." in stored.output
    again = RUN.invoke(app, ["sync", "hubspot", "--map", "mapping.toml"])
    assert "Nothing is new: nothing was stored." in again.output
    status = RUN.invoke(app, ["sync", "hubspot", "--status"])
    assert "The last complete sync began at" in status.output
    doctor = RUN.invoke(app, ["doctor"])
    assert "✓ HubSpot: as of" in doctor.output
    assert hubspot.token not in tried.output + stored.output + again.output + status.output + doctor.output
    assert ledger(create_core(Settings()).engine) == ledger_of_files(FACTS, tmp_path)


def test_the_command_says_what_is_missing(hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch):
    assert "give --map FILE" in RUN.invoke(app, ["sync", "hubspot"]).output
    refused = RUN.invoke(app, ["sync", "hubspot", "--share", "half"])
    assert (refused.exit_code, "--share" in refused.output) == (2, True)
    monkeypatch.setenv("TIERBOT_HUBSPOT_TOKEN", "another")
    failed = RUN.invoke(app, ["sync", "hubspot", "--map", "mapping.toml"])
    assert (failed.exit_code, "Service keys" in failed.output) == (1, True)
    doctor = RUN.invoke(app, ["doctor"])
    assert "✗ HubSpot: the last sync isn't complete (failed): HubSpot refuses the token" in doctor.output


async def test_the_clockwork_syncs_by_the_settings(hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TIERBOT_SYNC_HOURS", "6")
    monkeypatch.setenv("TIERBOT_HUBSPOT_MAP", "mapping.toml")
    core = create_core(Settings(), may_create=True)
    task = PeriodicTask("hubspot_sync", Syncs(core.engine, EVERY).is_due, lambda: run_sync(core))
    await task.check()
    await task.finish()
    assert ledger(core.engine) == ledger_of_files(FACTS, tmp_path)
    calls = len(hubspot.journal.entries)
    await task.check()
    await task.finish()
    assert len(hubspot.journal.entries) == calls


async def test_a_dry_run_is_followed_by_a_sync_at_once(sqlite_engine: Engine):
    async with a_portal() as hubspot:
        await sync_with(sqlite_engine, hubspot).run(SyncOptions(dry_run=True))
    assert await Syncs(sqlite_engine, EVERY).is_due()
