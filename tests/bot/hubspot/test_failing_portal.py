"""Whether a portal fails, loses or repeats records, or a sync is killed: the ledger is the same in the end."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.hubspot.errors import HubSpotError
from bot.hubspot.storing import SyncOptions
from bot.hubspot.sync import Synced
from bot.playground.local_hubspot import faults
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.portals import invented_rows
from tests.support.synced_portal import NO_LIMITS, ledger, ledger_of_files, sync_with
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

FACTS = invented_rows(deals=31, lines=2)
SEEDS = range(1, 5)
CHANGED, FULL = SyncOptions(), SyncOptions(full=True)
PASSING = (
    faults.rate_limited(0),
    faults.server_error(502),
    faults.server_error(503, retry_after=0),
    faults.server_error(423),
    faults.server_error(477, retry_after=0),
    faults.web_page(),
    faults.CUT_SHORT,
    faults.RESET,
    faults.INVALID_JSON,
    faults.EMPTY_PAGE,
    faults.SAME_CURSOR,
    faults.REPEATED_RECORD,
    faults.short_page(7),
)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.hubspot.reader.LIST_LIMIT", 25)
    monkeypatch.setattr("bot.hubspot.reader.SEARCH_LIMIT", 25)


class Killed(BaseException):
    """The process ends in the middle of a sync."""


@contextmanager
def new_ledger(folder: Path, name: str) -> Iterator[Engine]:
    engine = create_database_engine(database_url(f"sqlite:///{folder / name}.db"))
    upgrade(engine)
    yield engine
    engine.dispose()


async def run_until_complete(engine: Engine, hubspot: HubSpot, options: SyncOptions = CHANGED) -> Synced:
    """Sync again and again, as the clockwork does, until a sync gets through."""
    for _ in range(50):
        try:
            return await sync_with(engine, hubspot).run(options)
        except HubSpotError:
            continue
    raise AssertionError("no sync got through")


def failing(seed: int, share: float) -> Callable[[str, int], faults.Fault | None]:
    """Fails this share of the calls, each time in another way."""
    chance = random.Random(seed)
    return lambda method, number: chance.choice(PASSING) if chance.random() < share else None


@pytest.mark.slow
async def test_failures_of_every_kind_mixed_leave_the_ledger_of_the_files(tmp_path: Path) -> None:
    async def ledger_after(seed: int, share: float) -> dict[str, list[str]]:
        async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
            hubspot.faults.chooser = failing(seed, share)
            with new_ledger(tmp_path, f"seed{seed}") as engine:
                await run_until_complete(engine, hubspot)
                assert hubspot.journal.errors
                return ledger(engine)

    expected = ledger_of_files(FACTS, tmp_path)
    ledgers = await asyncio.gather(*(ledger_after(seed, 0.1 + seed / 25) for seed in SEEDS))
    assert [seed for seed, found in zip(SEEDS, ledgers, strict=True) if found != expected] == []


@pytest.mark.slow
async def test_a_sync_that_is_killed_at_every_page_reads_each_page_once(tmp_path: Path) -> None:
    def killed(*_: object) -> None:
        raise Killed

    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        with new_ledger(tmp_path, "killed") as engine:
            kills = 0
            for _ in range(50):
                try:
                    await sync_with(engine, hubspot).run(on_page=killed)
                    break
                except Killed:
                    kills += 1
            pages = [each for each in hubspot.journal.entries if each.method.endswith(".list")]
            assert len({(each.method, each.arguments.get("after")) for each in pages}) == len(pages) == kills
            assert ledger(engine) == ledger_of_files(FACTS, tmp_path)


@pytest.mark.slow
async def test_rows_that_a_page_lost_are_not_removed_and_come_with_the_next_sync_of_everything(tmp_path: Path) -> None:
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        with new_ledger(tmp_path, "lost") as engine:
            await sync_with(engine, hubspot).run()
            before = ledger(engine)
            for _ in range(2):
                hubspot.faults.add("line_items.list", faults.lost_rows(20))
                synced = await run_until_complete(engine, hubspot, FULL)
                assert synced.stored.outcome.is_complete
                assert ledger(engine) == before
                await sync_with(engine, hubspot).run(FULL)
                assert ledger(engine) == before


async def test_what_changes_while_pages_are_read_is_there_after_the_next_sync(tmp_path: Path) -> None:
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        with new_ledger(tmp_path, "changing") as engine:
            first = next(iter(hubspot.portal.records["partner_clients"]))
            change = {"hs_partner_client_country": "FR"}
            hubspot.faults.at(
                2,
                faults.meanwhile(lambda: hubspot.portal.change("partner_clients", first, change)),
                "partner_clients.list",
            )
            await sync_with(engine, hubspot).run()
            await sync_with(engine, hubspot).run()
            moved = [{**FACTS["clients.csv"][0], "country": "FR"}, *FACTS["clients.csv"][1:]]
            assert ledger(engine) == ledger_of_files({**FACTS, "clients.csv": moved}, tmp_path)
