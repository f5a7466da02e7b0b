"""Open deals of an export: rows of the pipeline alone, with the chance of their stage (pipeline#sources)."""

from datetime import date

import pytest

from tests.support.exports import problems, read, records, source_of
from tiercore.facts.entries import Client, Motion, PipelineDeal, Sale
from tiercore.facts.money import Money
from tiercore.ingest.mapping import MappingError

STAGES = """
[[rows]]
column = "Stage"
count = ["Won"]
open = ["Proposal", "Contract"]
skip = ["Lost"]
"""
SALES = """
[clients]
client_id = { id_from = "Company" }
name = "Company"
country = { value = "DE" }

[sales]
sale_id = "ID"
partner_id = { value = "P001" }
client_id = { id_from = "Company" }
product_line = "Product"
deal_type = { value = "net_new" }
motion = { value = "sourced" }
mrr = "MRR"
currency = { value = "USD" }
sold_on = "Close"
"""
PIPELINE = """
[pipeline]
deal_id = "ID"
partner_id = { value = "P001" }
client_id = { id_from = "Company" }
product_line = "Product"
motion = { value = "sourced" }
mrr = "MRR"
currency = { value = "USD" }
expected_on = "Close"
probability = { column = "Stage", values = { "Proposal" = "40", "Contract" = "90" } }
"""
DEALS = """
ID | Stage | Company | Product | MRR | Close
1 | Won | Acme | Sales Hub | 100 | 2026-10-01
2 | Contract | Acme | Marketing Hub | 200 | 2026-12-01
3 | Proposal | Bolt | Sales Hub | 300 | 2027-01-01
4 | Lost | Core | Sales Hub | 400 | 2026-10-01
5 | Proposal | Dune | | | 2027-01-01
6 | Contract | Elm | Sales Hub | 500 |
"""


def deal(deal_id: str, client_id: str, line: str, dollars: int, day: date, chance: int) -> PipelineDeal:
    money = Money(dollars * 100, "USD")
    return PipelineDeal(deal_id, "P001", client_id, None, None, line, Motion.SOURCED, money, day, chance)


def test_open_rows_become_deals_and_no_sales_and_won_ones_the_other_way_round():
    source = source_of(STAGES + SALES + PIPELINE, records("deals", DEALS))
    incoming = read(source)
    assert [str(each) for each in incoming.problems] == []
    assert [each.sale_id for each in incoming.entries[Sale] if isinstance(each, Sale)] == ["1"]
    assert incoming.entries[PipelineDeal] == [
        deal("2", "acme", "Marketing Hub", 200, date(2026, 12, 1), 90),
        deal("3", "bolt", "Sales Hub", 300, date(2027, 1, 1), 40),
    ]
    assert {"acme", "bolt"} <= {each.client_id for each in incoming.entries[Client] if isinstance(each, Client)}


def test_an_open_deal_that_lacks_something_is_passed_over_and_counted():
    source = source_of(STAGES + SALES + PIPELINE, records("deals", DEALS))
    assert read(source).problems == []
    assert "  skipped for pipeline.csv: 1 row, an open deal without expected_on" in source.summary
    assert "  skipped for pipeline.csv: 1 row, an open deal without product_line" in source.summary


def test_a_mapping_without_a_pipeline_leaves_open_deals_out():
    incoming = read(source_of(STAGES + SALES, records("deals", DEALS)))
    assert incoming.problems == []
    assert PipelineDeal not in incoming.entries
    assert [each.client_id for each in incoming.entries[Client] if isinstance(each, Client)] == ["acme"]


def test_line_items_of_an_open_deal_are_open():
    toml = (STAGES + SALES + PIPELINE).replace("[[rows]]", "[[inputs.deals.rows]]")
    for column in ("Stage", "Company", "Close"):
        toml = toml.replace(f'"{column}"', f'"deals.{column}"')
    toml = toml.replace('column = "deals.Stage"\ncount', 'column = "Stage"\ncount')
    toml = toml.replace("[clients]", '[clients]\nfrom = "items"').replace("[sales]", '[sales]\nfrom = "items"')
    toml = toml.replace("[pipeline]", '[pipeline]\nfrom = "items"')
    inputs = '[inputs.deals]\ntables = ["deals*"]\nid = "Deal"\n[inputs.items]\ntables = ["items*"]\n'
    inputs += 'join = { deals = "Of" }\n'
    deals = records(
        "deals", "Deal | Stage | Company | Close\n7 | Won | Acme | 2026-10-01\n8 | Contract | Acme | 2026-12-01"
    )
    items = records(
        "items", "ID | Of | Product | MRR\n1 | 7 | Sales Hub | 10\n2 | 8 | Sales Hub | 20\n3 | 8 | Service Hub | 30"
    )
    incoming = read(source_of(inputs + toml, deals, items))
    assert [str(each) for each in incoming.problems] == []
    assert [each.sale_id for each in incoming.entries[Sale] if isinstance(each, Sale)] == ["1"]
    found = [each for each in incoming.entries[PipelineDeal] if isinstance(each, PipelineDeal)]
    assert [(each.deal_id, each.probability) for each in found] == [("2", 90), ("3", 90)]


def test_a_stage_that_is_open_and_won_is_a_mistake():
    both = STAGES.replace('skip = ["Lost"]', 'skip = ["Proposal"]')
    with pytest.raises(MappingError) as error:
        problems(source_of(both + SALES, records("deals", DEALS)))
    assert "is in open, and in count or skip" in str(error.value.problems[0])
