"""Fill a portal with the rows of a folder: partners, clients, sales, subscriptions, agreements and open deals.

What HubSpot has no place for (usage, certifications, tiers, people) isn't in it.
"""

import csv
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from bot.playground.local_hubspot.portal.portal import Portal
from bot.playground.local_hubspot.portal.records import Record
from bot.playground.portal import vocabulary as words

Row = Mapping[str, str]
Rows = Mapping[str, Sequence[Row]]
IN_PORTAL = ("partners.csv", "clients.csv", "sales.csv", "subscriptions.csv", "agreements.csv", "pipeline.csv")
_MONTHS = 12
_AGE = 30 * 86_400_000  # milliseconds since the records were last changed


def rows_of(folder: Path) -> Rows:
    """The rows of those of a folder's files that a portal can hold."""
    rows = {}
    for name in IN_PORTAL:
        if (folder / name).is_file():
            with (folder / name).open(encoding="utf-8-sig", newline="") as file:
                rows[name] = list(csv.DictReader(file))
    return rows


def portal_of(rows: Rows, clock: Callable[[], float] = time.time) -> Portal:
    """A portal with these facts, and with deals that don't count: an open one, a lost one, an archived one."""
    portal = Portal(clock)
    words.describe(portal)
    _Filling(portal).fill(rows)
    return portal


class _Filling:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._at = int(portal.clock() * 1000) - _AGE
        self._partners: dict[str, Record] = {}
        self._clients: dict[str, Record] = {}
        self._items = 0

    def fill(self, rows: Rows) -> None:
        for row in rows.get("partners.csv", ()):
            self._partners[row["partner_id"]] = self._partner(row)
        for row in rows.get("clients.csv", ()):
            self._clients[row["client_id"]] = self._client(row)
        for row in rows.get("agreements.csv", ()):
            self._agreement(row)
        for sales in _together(rows.get("sales.csv", ()), _SAME_DEAL):
            self._deal(sales)
        for levels in _together(rows.get("subscriptions.csv", ()), _SAME_CHANGE):
            self._change(levels)
        for row in rows.get("pipeline.csv", ()):
            if row["client_id"]:
                self._deal([_as_sale(row)], _stage_of(row["probability"]))
        for row in list(rows.get("sales.csv", ()))[:1]:
            self._uncounted(row)

    def _add(self, object_type: str, properties: dict[str, str]) -> Record:
        return self._portal.add(object_type, properties, at=self._at)

    def _partner(self, row: Row) -> Record:
        return self._add(
            "companies",
            _filled(
                name=row["name"],
                type=words.PARTNER,
                hs_country_code=row["country"],
                house_partner_number=row["partner_id"],
                house_partner_currency=row["currency"],
                house_partner_since=row["joined_on"],
                house_elite_invitation=row.get("elite_invited_on"),
                house_membership_until=row.get("membership_until"),
            ),
        )

    def _client(self, row: Row) -> Record:
        domain = f"{row['client_id'].lower()}.example"
        client = self._add(
            "partner_clients",
            _filled(
                hs_partner_client_number=row["client_id"],
                hs_partner_client_name=row["name"],
                hs_partner_client_domain=domain,
                hs_partner_client_country=row["country"],
            ),
        )
        company = self._add("companies", _filled(name=row["name"], domain=domain, type=words.CLIENT))
        self._portal.associate("partner_clients", client, "companies", company)
        return client

    def _agreement(self, row: Row) -> None:
        service = self._add(
            "partner_services",
            _filled(
                hs_partner_service_number=row["agreement_id"],
                hs_partner_service_partner=row["partner_id"],
                hs_partner_service_client=row["client_id"],
                hs_partner_service_start=row["starts_on"],
                hs_partner_service_end=row.get("ends_on"),
            ),
        )
        self._portal.associate("partner_services", service, "partner_clients", self._clients[row["client_id"]])
        self._portal.associate("partner_services", service, "companies", self._partners[row["partner_id"]])

    def _deal(self, sales: Sequence[Row], stage: str = words.WON) -> Record:
        """A deal with a line item for each of the sales."""
        first = sales[0]
        deal = self._add(
            "deals",
            _filled(
                dealname=f"{first['client_id']} {first['product_line']}",
                amount=str(sum(Decimal(each["mrr"]) for each in sales) * _MONTHS),
                closedate=_midnight(first["sold_on"]),
                dealstage=stage,
                pipeline=words.SALES_PIPELINE,
                deal_currency_code=first["currency"],
                house_partner_number=first["partner_id"],
                house_client_number=first["client_id"],
                house_motion=words.MOTIONS[first["motion"]],
                house_deal_type=words.DEAL_TYPES[first["deal_type"]],
            ),
        )
        self._portal.associate("deals", deal, "partner_clients", self._clients[first["client_id"]])
        self._portal.associate("deals", deal, "companies", self._partners[first["partner_id"]])
        for each in sales:
            self._item(deal, each, _filled(house_sale_number=each["sale_id"]))
        return deal

    def _change(self, levels: Sequence[Row]) -> None:
        """A deal of the other pipeline, whose line items say the client's MRR of their product lines from that day."""
        first = levels[0]
        deal = self._add(
            "deals",
            _filled(
                dealname=f"{first['client_id']} from {first['effective_on']}",
                closedate=_midnight(first["effective_on"]),
                dealstage="changed",
                pipeline=words.LEVELS_PIPELINE,
                deal_currency_code=first["currency"],
                house_client_number=first["client_id"],
            ),
        )
        self._portal.associate("deals", deal, "partner_clients", self._clients[first["client_id"]])
        for each in levels:
            self._item(deal, each, _filled(house_renewal_date=each.get("renews_on")))

    def _item(self, deal: Record, row: Row, own: dict[str, str]) -> None:
        """A line item. Every third has no MRR of its own: its price is that of a year."""
        self._items += 1
        mrr = Decimal(row["mrr"])
        by_year = self._items % 3 == 0
        item = self._add(
            "line_items",
            own
            | _filled(
                name=row["product_line"],
                quantity="1",
                price=str(mrr * _MONTHS if by_year else mrr),
                hs_mrr="0" if by_year else str(mrr),
                hs_recurring_billing_period="P12M" if by_year else "P1M",
                recurringbillingfrequency="annually" if by_year else "monthly",
                hs_line_item_currency_code=row["currency"],
                house_account=row.get("account"),
            ),
        )
        self._portal.associate("line_items", item, "deals", deal)

    def _uncounted(self, row: Row) -> None:
        for stage in (words.OPEN, words.LOST):
            self._deal([{**row, "sale_id": f"{row['sale_id']}-{stage}"}], stage)
        archived = self._deal([{**row, "sale_id": f"{row['sale_id']}-archived"}])
        for item in self._portal.associated("deals", archived.id, "line_items"):
            self._portal.archive("line_items", item)
        self._portal.archive("deals", archived)


_SAME_DEAL = ("partner_id", "client_id", "sold_on", "deal_type", "motion", "currency")
_SAME_CHANGE = ("client_id", "effective_on", "currency")


def _as_sale(row: Row) -> Row:
    """An open deal as the row of a sale; what it would be is for people to say."""
    return {**row, "sale_id": row["deal_id"], "sold_on": row["expected_on"], "deal_type": "net_new"}


def _stage_of(probability: str) -> str:
    """The stage whose chance comes closest; the first one for a deal without a probability."""
    chance = int(probability or 0)
    return words.OPEN if chance >= 75 else words.PRESENTED if chance >= 50 else words.QUALIFIED


def _together(rows: Iterable[Row], columns: Sequence[str]) -> Iterable[list[Row]]:
    """The rows with the same cells in these columns."""
    cells = itemgetter(*columns)
    for _, group in groupby(sorted(rows, key=cells), key=cells):
        yield list(group)


def _filled(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _midnight(day: str) -> str:
    return f"{datetime.fromisoformat(day).replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
