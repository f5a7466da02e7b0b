"""Files that contradict each other: the figures stay, the import and the client's view say so (data#contradictions)."""

from sqlalchemy import Engine

from tests.support.cases import imported_case

ANA = "ana@example.com"


async def test_what_a_line_is_sold_for_beyond_what_it_pays_is_warned_of_with_the_figures(engine: Engine):
    with imported_case("more_sold_than_the_line_pays", engine) as asked:
        [warning] = asked.imported.warnings
        assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 3, "mrr", "500.00")
        assert "sold for 1500.00 USD a month" in str(warning)
        assert "pays 1000.00 USD: at most 30 of 45 points can stand behind it" in str(warning)
        shown = await asked.text("/clients C1", "2022-07-01", ANA)
        assert "Check these entries" in shown
        assert "sold for US$1,500 a month on 14 Jun 2022 but pays US$1,000: at most 30 of 45 points" in shown
        client = await asked.json("/clients C1", "2022-07-01", ANA)
        assert client["sold"] == "45.00"
        [found] = client["contradictions"]
        assert (found["kind"], found["sales"]) == ("sold_for_more_than_it_pays", ["S1", "S2"])
        assert (found["points"], found["at_most"]) == ("45.00", "30.00")


async def test_before_the_sale_nothing_contradicts_itself(engine: Engine):
    with imported_case("more_sold_than_the_line_pays", engine) as asked:
        assert "Check these entries" not in await asked.text("/clients C1", "2022-06-13", ANA)


async def test_one_deal_under_two_ids_is_warned_of_with_its_points_if_it_is_one(engine: Engine):
    with imported_case("one_deal_under_two_ids", engine) as asked:
        [warning] = asked.imported.warnings
        assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 3, "sale_id", "S1-copy")
        assert "the same deal as S1, line 2" in str(warning)
        assert "60 points as they stand, 30 if it is one deal" in str(warning)
        shown = await asked.text("/clients C1", "2022-07-01", ANA)
        assert "S1 and S1-copy may be one deal" in shown
        assert "60 points as they stand, 30 if it is one deal" in shown
        assert (await asked.json("/clients C1", "2022-07-01", ANA))["sold"] == "60.00"
