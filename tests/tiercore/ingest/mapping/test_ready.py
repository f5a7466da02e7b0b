"""The ready mappings, on export files with the headers that these have."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.exports import CATALOGUE, mapping_of, problems, read, records, source_of
from tiercore.facts.entries import Agreement, Client, DealType, Motion, PipelineDeal, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.ingest.mapping import MappedSource, MappingError
from tiercore.ingest.mapping.exports import tables_of
from tiercore.ingest.mapping.ready import ready_mappings, ready_text

EXPORTS = Path(__file__).parent / "exports"
HUBSPOT = "hubspot-crm-exports-all-deals.csv"


def ready(name: str, file: str, **settings: str) -> MappedSource:
    """An export read through a ready mapping."""
    return MappedSource(mapping_of(ready_text(name), **settings), tables_of(EXPORTS / file), file, CATALOGUE)


def test_a_hubspot_export_of_deals_with_line_items() -> None:
    source = ready("hubspot-deals", HUBSPOT, partner_id="P001")
    incoming = read(source)
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [
        Client("9011", "Alder and Finch", "US"),
        Client("9012", "Bright Harbor", "IE"),
        Client("9014", "Delta Foods", "CA"),
    ]
    first = Sale(
        "18273645001-marketing-hub-professional",
        "P001",
        "9011",
        "Marketing Hub Professional",
        DealType.NET_NEW,
        Motion.SOURCED,
        _usd(890),
        date(2026, 2, 27),
    )
    starter = replace(
        first, sale_id="18273645001-sales-hub-starter", product_line="Sales Hub Starter", mrr=_usd(20)
    )  # an ARR of 240, where the portal has 0 for the monthly amount
    bright = replace(
        first,
        sale_id="18273645044-service-hub-professional",
        client_id="9012",
        product_line="Service Hub Professional",
        motion=Motion.ASSISTED,
        mrr=Money(20_000, "EUR"),
        sold_on=date(2026, 3, 1),
    )
    assert incoming.entries[Sale] == [first, starter, bright]
    assert source.summary[0] == f"{HUBSPOT}: 5 rows → 3 clients.csv, 3 sales.csv, 1 pipeline.csv"
    assert "  skipped: 1 row, Deal Stage is Closed Lost" in source.summary
    assert incoming.entries[PipelineDeal] == [
        PipelineDeal(
            "18273645060-sales-hub-starter",
            "P001",
            "9014",
            None,
            None,
            "Sales Hub Starter",
            Motion.ASSISTED,
            _usd(75),
            date(2026, 4, 15),
            90,
        )
    ]


def test_a_hubspot_amount_is_never_taken_for_a_monthly_one() -> None:
    table = records(
        "deals",
        "Record ID | Deal Stage | Close Date | Amount | Associated Company | Deal Type | Product | Currency | Country"
        "\n1 | closedwon | 2026-03-01 | 1200 | Acme | newbusiness | Sales Hub | EUR | DE",
    )
    found = problems(source_of(ready_text("hubspot-deals"), table, partner_id="P001", motion="sourced"))
    assert len(found) == 1
    assert "'Monthly recurring revenue or" in found[0]


def test_existing_business_is_asked_about_and_not_guessed() -> None:
    text = (
        (EXPORTS / HUBSPOT)
        .read_text()
        .replace("New Business", "Existing Business")
        .replace('","', "|")
        .replace('"', "")
    )
    found = problems(source_of(ready_text("hubspot-deals"), records("deals", text), partner_id="P001"))
    assert [each.split(";")[0] for each in found] == [
        "deals.csv:2 Deal Type: has 1 value that the mapping doesn't translate: Existing Business (3 rows)"
    ]


def test_hubspot_exports_of_deals_line_items_and_companies() -> None:
    incoming = read(ready("hubspot-line-items", "line-items", partner_id="P001"))
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [Client("9011", "Alder & Finch", "FR")]
    sales = [each for each in incoming.entries[Sale] if isinstance(each, Sale)]
    assert [(each.sale_id, each.mrr) for each in sales] == [("7001", _usd(40)), ("7002", _usd(50))]


def test_a_sales_list() -> None:
    incoming = read(ready("sales-list", "sales 2026.csv", partner_id="P001"))
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [Client("acme-gmbh", "Acme GmbH", "DE"), Client("bolt-oy", "Bolt Oy", "FI")]
    sales = [each for each in incoming.entries[Sale] if isinstance(each, Sale)]
    assert [(each.client_id, each.mrr.minor, each.deal_type, each.motion) for each in sales] == [
        ("acme-gmbh", 2_000, "net_new", "sourced"),
        ("bolt-oy", 120_000, "upsell", "assisted"),
    ]


def test_an_export_of_partner_clients() -> None:
    incoming = read(ready("partner-clients", "partner_clients.csv"))
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [Client("811", "Alder", "US"), Client("812", "Bolt", "FI")]
    assert incoming.entries[Agreement] == [
        Agreement("agreement-811-2024-03-01", "P001", "811", date(2024, 3, 1), None),
        Agreement("agreement-812-2023-01-15", "P001", "812", date(2023, 1, 15), date(2026, 12, 31)),
    ]
    assert len(incoming.entries[SubscriptionLevel]) == 3


def test_an_export_of_partner_clients_without_amounts_says_that_it_makes_no_levels() -> None:
    table = records("partner_clients", "Hub ID | Name | Country\n811 | Alder | US")
    source = source_of(ready_text("partner-clients"), table, partner_id="P001")
    assert read(source).problems == []
    assert "  no subscriptions.csv: there is no column Product or Product line or Subscription" in source.summary


@pytest.mark.parametrize(
    ("name", "file"),
    [("hubspot-deals", HUBSPOT), ("hubspot-line-items", "line-items"), ("sales-list", "sales 2026.csv")],
)
def test_a_ready_mapping_asks_for_the_partner_whose_data_it_is(name: str, file: str) -> None:
    found = problems(ready(name, file))
    assert len(found) == 1
    assert found[0].endswith("or give it with --set partner_id=…")


@pytest.mark.parametrize("name", ready_mappings())
def test_a_ready_mapping_knows_its_settings_only(name: str) -> None:
    with pytest.raises(MappingError, match="Did you mean partner_id"):
        mapping_of(ready_text(name), partner_ids="P001")


def _usd(dollars: int) -> Money:
    return Money(dollars * 100, "USD")
