"""Open deals of a portal: synced with the chance of their stage, won with their sale, closed once two syncs agree."""

import pytest
from sqlalchemy import Engine, select

from bot.hubspot.storing import SyncOptions
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.portals import invented_rows
from tests.support.synced_portal import NO_LIMITS, sync_with
from tiercore.ingest.staging.runs import Outcome
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.ledger import PipelineDealRow, SaleRow

FACTS = invented_rows(deals=3, lines=1)
SOLD = FACTS["sales.csv"][0]
OPEN = {
    "deal_id": "D1",
    **{name: SOLD[name] for name in ("partner_id", "client_id", "product_line", "motion", "mrr", "currency")},
    "expected_on": "2022-12-20",
    "probability": "60",
}


def deals(engine: Engine) -> list[tuple[str, int, str]]:
    source = table(PipelineDealRow)
    with reading(engine) as connection:
        rows = connection.execute(select(source).order_by(source.c.deal_id)).all()
    return [(row.deal_id, row.probability, str(row.expected_on)) for row in rows]


async def test_an_open_deal_is_synced_then_won(sqlite_engine: Engine):
    portal = portal_of({**FACTS, "pipeline.csv": [OPEN]})
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot:
        await sync_with(sqlite_engine, hubspot).run()
        assert deals(sqlite_engine) == [("D1", 60, "2022-12-20")]
        [deal] = [each for each in portal.records["deals"] if each.properties["dealstage"] == "presentationscheduled"]
        portal.change("deals", deal, {"dealstage": "closedwon"})
        synced = await sync_with(sqlite_engine, hubspot).run()
        assert (synced.stored.outcome, synced.stored.message) == (Outcome.STORED, "")
    assert deals(sqlite_engine) == []
    with reading(sqlite_engine) as connection:
        assert "D1" in set(connection.scalars(select(table(SaleRow).c.sale_id)))


@pytest.mark.slow
async def test_a_lost_deal_is_closed_once_two_complete_syncs_agree(sqlite_engine: Engine):
    portal = portal_of({**FACTS, "pipeline.csv": [OPEN]})
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot:
        await sync_with(sqlite_engine, hubspot).run()
        [deal] = [each for each in portal.records["deals"] if each.properties["dealstage"] == "presentationscheduled"]
        portal.change("deals", deal, {"dealstage": "closedlost"})
        for expected in (1, 0):
            await sync_with(sqlite_engine, hubspot).run(SyncOptions(full=True, accept_removals=True))
            assert len(deals(sqlite_engine)) == expected
