"""A sync ends in the ledger that an import of the same facts gives, whatever happens on the way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.hubspot.storing import SyncOptions
from bot.hubspot.sync import Portal
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.portals import invented_rows
from tests.support.synced_portal import NO_LIMITS, imports, ledger, ledger_of_files, sync_with
from tiercore.ingest.staging.runs import Outcome

FACTS = invented_rows(deals=7, lines=2)


@pytest.fixture
async def hubspot() -> AsyncIterator[HubSpot]:
    """A portal with the facts."""
    async with HubSpot(portal_of(FACTS), limits=Limits(**NO_LIMITS)) as hubspot:
        yield hubspot


async def test_a_sync_gives_the_ledger_that_the_import_of_the_same_facts_gives(
    engine: Engine, hubspot: HubSpot, tmp_path: Path
):
    synced = await sync_with(engine, hubspot).run()
    assert synced.stored.outcome is Outcome.STORED, synced.stored.message
    assert ledger(engine) == ledger_of_files(FACTS, tmp_path)


@pytest.mark.parametrize("full", [False, True])
async def test_a_second_sync_of_the_same_records_writes_nothing(engine: Engine, hubspot: HubSpot, full: bool):
    await sync_with(engine, hubspot).run()
    before = ledger(engine), imports(engine)
    synced = await sync_with(engine, hubspot).run(SyncOptions(full=full))
    assert synced.stored.outcome is Outcome.UNCHANGED
    assert (ledger(engine), imports(engine)) == before
    assert synced.run.is_full is full


def test_the_token_is_in_no_description_of_a_portal():
    assert "pat-secret" not in repr(Portal("pat-secret"))
