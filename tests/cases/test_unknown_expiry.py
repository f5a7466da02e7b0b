"""An expiry that the data can't tell is unknown, never none (how-tiers-work#what-cant-be-judged)."""

from sqlalchemy import Engine

from tests.support.cases import imported_case

ANA, DAY = "ana@example.com", "2024-05-02"


async def test_clients_whose_expiry_is_unknown_come_before_those_with_nothing_known(engine: Engine):
    with imported_case("an_expiry_that_is_unknown", engine) as asked:
        found = await asked.json("/clients by expiring", DAY, ANA)
        assert [each["client"] for each in found["clients"]] == ["Ending", "Both", "Unknown", "Going on"]


async def test_a_known_drop_does_not_hide_that_another_line_is_unknown(engine: Engine):
    with imported_case("an_expiry_that_is_unknown", engine) as asked:
        shown = await asked.text("/clients", DAY, ANA)
        assert "−3 on 10 Feb 2025, or sooner: another line's expiry is unknown" in shown


async def test_a_missing_minimum_makes_what_is_missing_a_lower_bound(engine: Engine):
    with imported_case("an_expiry_that_is_unknown", engine) as asked:
        assert "Alpha: at least 504 points to Platinum" in await asked.text("/gap platinum", DAY, ANA)
        assert "a mix, as far as the minimums are known" in await asked.text("/gap platinum", DAY, ANA)
