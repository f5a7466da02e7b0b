"""What a line item says of its price is the MRR of its sale; what is paid once is none."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, select

from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of
from tests.support.portals import invented_rows
from tests.support.synced_portal import MAPPING, NO_LIMITS, sync_with
from tiercore.ingest.staging.runs import Outcome
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import SaleRow

FACTS = {**invented_rows(deals=1, lines=1), "subscriptions.csv": []}


class Item(NamedTuple):
    """A line item, and its MRR in cents."""

    price: str
    quantity: str
    frequency: str
    term: str
    cents: int
    mrr: str = "0"


ITEMS = {
    "own": Item("9", "1", "monthly", "P12M", 12_050, mrr="120.50"),
    "month": Item("100", "1", "monthly", "P1M", 10_000),
    "monthof36": Item("100", "1", "monthly", "P36M", 10_000),
    "quarter": Item("300", "2", "quarterly", "P3M", 20_000),
    "halfyear": Item("600", "1", "per_six_months", "P1Y", 10_000),
    "year": Item("1200", "1", "annually", "P12M", 10_000),
    "yearof3": Item("1200", "1", "annually", "P3Y", 10_000),
    "years": Item("3600", "1", "per_three_years", "P36M", 10_000),
    "decimals": Item("33.333333", "3", "monthly", "", 10_000),
    "nomrr": Item("12", "1", "annually", "P1Y", 100, mrr=""),
}


async def synced(engine: Engine, items: Mapping[str, Item], mapping: str = MAPPING) -> dict[str, int]:
    """The MRR of the sales, in cents, after a sync of the items."""
    portal = portal_of(FACTS)
    deal = next(iter(portal.records["deals"]))
    for number, each in items.items():
        line = {"name": "Sales Hub Professional", "house_sale_number": number, "hs_line_item_currency_code": "USD"}
        line |= {"price": each.price, "quantity": each.quantity, "hs_mrr": each.mrr}
        line |= {"recurringbillingfrequency": each.frequency, "hs_recurring_billing_period": each.term}
        portal.associate("line_items", portal.add("line_items", line), "deals", deal)
    async with HubSpot(portal, limits=Limits(**NO_LIMITS)) as hubspot:
        result = await sync_with(engine, hubspot).run()
    assert result.stored.outcome is Outcome.STORED, result.stored.message
    sale = table(SaleRow)
    with engine.connect() as connection:
        found = connection.execute(select(sale.c.sale_id, sale.c.mrr_minor)).all()
    return {sale_id: cents for sale_id, cents in found if sale_id in items}


async def test_a_price_is_for_each_payment_whatever_the_term(sqlite_engine: Engine):
    assert await synced(sqlite_engine, ITEMS) == {number: each.cents for number, each in ITEMS.items()}


@pytest.mark.parametrize("term", ["", "P12M"])
async def test_what_is_paid_once_is_no_sale(sqlite_engine: Engine, term: str):
    once = Item("5000", "1", "", term, 0)
    assert await synced(sqlite_engine, {"once": once, "month": ITEMS["month"]}) == {"month": 10_000}
