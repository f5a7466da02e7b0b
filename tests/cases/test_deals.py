"""Deal-based credit from the files to the answers (how-tiers-work#deal-based)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.cases import ImportedCase, imported_case
from tests.support.documents import readme_table

ANA, BEA = "ana@example.com", "bea@example.com"
DAY = "2026-01-10"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The table that the operator's page shows as an example, without a rate for older lines."""
    table = tmp_path / "own.toml"
    table.write_text(readme_table("Deal-based credit").partition("[deal_based.older_line_rate]")[0])
    return table


@pytest.fixture
def asked(engine: Engine, table: Path) -> Iterator[ImportedCase]:
    with imported_case("upsells_by_another_partner", engine, table) as found:
        yield found


async def test_why_shows_the_net_upsell_and_the_purchase_without_a_deal(asked: ImportedCase):
    why = await asked.json("/why sold", DAY, BEA)
    assert [(each["opened_by"], each["mrr"], each["points"]) for each in why["credits"]] == [
        ("net_upsell", "1200.00", "60.00"),
        ("purchase", "300.00", "15.00"),
    ]
    assert why["credits"][1]["entry"] == "Marketing Hub Enterprise 2025-12-01"
    said = await asked.text("/why sold", DAY, BEA)
    assert "sourced net upsell S2 on 3 Nov 2025" in said
    assert "Net: what the line paid before is taken off" in said
    assert "sourced purchase without a deal on 1 Dec 2025" in said
    assert "Credited to the partner of the latest shared deal on this line" in said


async def test_the_clients_page_shows_what_counts_of_an_upsell(asked: ImportedCase):
    said = await asked.text("/clients C1", DAY, BEA)
    assert "sourced upsell, Marketing Hub Enterprise, US$2,000 (US$1,200 net): 🟢 60 active until 3 Nov 2026" in said
    assert "sourced purchase without a deal, Marketing Hub Enterprise, US$300: 🟢 15 active until 1 Dec 2026" in said
    upsell, purchase = sorted((await asked.json("/clients C1", DAY, BEA))["sales"], key=lambda each: each["sold_on"])
    assert (upsell["net_mrr"], upsell["without_deal"]) == ({"amount": "1200.00", "currency": "USD"}, False)
    assert (purchase["net_mrr"], purchase["without_deal"]) == (None, True)


async def test_the_partner_who_sold_first_keeps_its_own_credit(asked: ImportedCase):
    assert (await asked.json("/why sold", DAY, ANA))["total"] == "90.00"
    assert "US$800: 🟢 40 active" in await asked.text("/clients C1", DAY, ANA)


async def test_an_upsell_that_adds_nothing_says_why_it_earns_nothing(asked: ImportedCase):
    said = await asked.text("/clients C3", DAY, BEA)
    assert "sourced upsell, Service Hub Professional, US$900: earns no points, the line paid as much before" in said


async def test_an_unset_rate_is_named_and_not_counted(asked: ImportedCase):
    said = await asked.text("/clients C2", DAY, BEA)
    assert "not rated: the rate of an upsell on another partner's older line isn't set" in said
    assert "1 credit is not counted because the rules or the data can't rate it" in await asked.text("/tier", DAY, BEA)


async def test_an_upsell_that_states_the_difference_is_warned_of_and_its_rise_is_nobodys_purchase(
    engine: Engine, table: Path
):
    with imported_case("an_upsell_that_states_the_difference", engine, table) as asked:
        [warning] = asked.imported.warnings
        assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 3, "mrr", "1200.00")
        assert "states the difference, not the line's new MRR: Marketing Hub of Client One (C1) rises" in str(warning)
        assert "by it to 2000.00 USD from 2025-10-27 on" in str(warning)
        assert "write the line's new MRR: 2000.00" in str(warning)
        shown = await asked.text("/clients C1", DAY, BEA)
        assert "Check these entries" in shown
        assert "states the difference, not the line's new MRR: Marketing Hub pays US$2,000 from 27 Oct 2025 on" in shown
        [found] = (await asked.json("/clients C1", DAY, BEA))["contradictions"]
        assert (found["kind"], found["sales"]) == ("difference_in_place_of_new_mrr", ["S2"])
        assert (await asked.json("/why sold", DAY, ANA))["total"] == "40.00"


async def test_changes_name_the_deal(asked: ImportedCase):
    said = await asked.text("/changes 90d", DAY, BEA)
    assert "net upsell" in said
    assert "purchase without a deal" in said


async def test_under_the_shipped_rules_every_sale_counts_as_its_row_says(engine: Engine):
    with imported_case("upsells_by_another_partner", engine) as asked:
        why = await asked.json("/why sold", DAY, BEA)
        assert {each["entry"]: each["mrr"] for each in why["credits"]} == {
            "S2": "2000.00",
            "S4": "2000.00",
            "S6": "900.00",
        }
