"""What was corrected in hindsight, told apart from what happened, on small inputs (how-tiers-work#hindsight)."""

from datetime import date

import pytest
from sqlalchemy import Engine

from tests.support.cases import CaseInTurn, case_in_turn

ANA, CARLA = "ana@example.com", "carla@example.com"
MONDAYS = (date(2022, 9, 5), date(2022, 9, 12), date(2022, 9, 19))


@pytest.fixture
def deals(engine: Engine) -> CaseInTurn:
    """Acme has 380 points; on the second Monday a deal of August is added, on the third two deals are struck."""
    case = case_in_turn("a_deal_added_late_then_struck", engine)
    case.then("monday_1", MONDAYS[0])
    return case


@pytest.fixture
def country(engine: Engine) -> CaseInTurn:
    """A client of the US, which turns out to be one of Brazil."""
    case = case_in_turn("a_country_corrected", engine)
    case.then("before", date(2022, 6, 6))
    return case


async def test_each_digest_says_what_moved_and_what_was_corrected_and_two_in_a_row_add_up(deals: CaseInTurn):
    told = []
    for number, day in enumerate(MONDAYS, 1):
        deals.then(f"monday_{number}", day, mirror=True)
        told.append(await deals.json("/digest", str(day), ANA))
    assert [each["points"] for each in told] == ["380.00", "410.00", "305.00"]
    assert [each["corrected"] for each in told] == ["0.00", "30.00", "-105.00"]
    assert [each["change"] for each in told] == ["0.00", "0.00", "0.00"]
    assert [each["known_before"] for each in told] == [None, "380.00", "410.00"], "each begins where the last one ended"


async def test_a_digest_names_the_rows_through_which_it_was_corrected(deals: CaseInTurn):
    deals.then("monday_2", MONDAYS[1])
    late = await deals.text("/digest", str(MONDAYS[1]), ANA)
    assert "410 points, no change this week, +30 corrected in hindsight" in late
    assert "Corrected in hindsight: +30, through sales.csv S9 (added)." in late
    assert "5 Sep 2022: 380 points as first reported, 410 now." in late
    deals.then("monday_3", MONDAYS[2], mirror=True)
    struck = await deals.text("/digest", str(MONDAYS[2]), ANA)
    assert "−105 corrected in hindsight" in struck
    assert "through sales.csv S2 (removed) and sales.csv S9 (removed)" in struck


async def test_a_portfolio_tells_what_was_corrected_apart_for_each_partner(deals: CaseInTurn):
    deals.then("monday_2", MONDAYS[1])
    text = await deals.text("/digest portfolio", str(MONDAYS[1]), CARLA)
    assert "Acme Partners: no change, +30 corrected in hindsight, now 410 (through sales.csv S9 (added))" in text
    [acme, _] = (await deals.json("/digest portfolio", str(MONDAYS[1]), CARLA))["partners"]
    assert (acme["change"], acme["corrected"]) == ("0.00", "30.00")


async def test_changes_says_what_a_day_was_known_as_and_which_imports_corrected_it(deals: CaseInTurn):
    deals.then("monday_2", MONDAYS[1])
    deals.then("monday_3", MONDAYS[2], mirror=True)
    text = await deals.text("/changes since 8 Sep", str(MONDAYS[2]), ANA)
    assert "8 Sep 2022: 380 combined points as first reported" in text
    assert "Corrected in hindsight: −75 on 8 Sep 2022" in text
    assert "−105: import of 19 Sep 2022, through sales.csv S2 (removed) and sales.csv S9 (removed)" in text
    assert "+30: import of 12 Sep 2022, through sales.csv S9 (added)" in text
    answer = await deals.json("/changes since 8 Sep", str(MONDAYS[2]), ANA)
    assert answer["known"]["before"]["combined"] == "380.00"
    assert [each["points"] for each in answer["corrections"]] == ["30.00", "-105.00"]
    assert [row["key"] for row in answer["corrections"][1]["rows"]] == ["S2", "S9"]


@pytest.mark.parametrize("words", ["as known on 12 Sep", "as we knew it on 2022-09-12", "known on 12 September"])
async def test_changes_go_back_to_what_was_known_on_a_day(deals: CaseInTurn, words: str):
    deals.then("monday_2", MONDAYS[1])
    deals.then("monday_3", MONDAYS[2], mirror=True)
    text = await deals.text(f"/changes since 1 Aug {words}", str(MONDAYS[2]), ANA)
    assert "+30 points in 42 days, as known on 12 Sep 2022" in text
    assert "As known on 12 Sep 2022: 380 on 1 Aug 2022, 410 on 12 Sep 2022" in text
    answer = await deals.json(f"/changes since 1 Aug {words}", str(MONDAYS[2]), ANA)
    known = answer["known"]
    assert (known["before"]["combined"], known["after"]["combined"]) == ("380.00", "410.00")
    assert (answer["before"]["combined"], answer["after"]["combined"]) == ("305.00", "305.00")


async def test_what_was_known_before_the_first_import_on_record_is_unknown(deals: CaseInTurn):
    deals.then("monday_2", MONDAYS[1])
    text = await deals.text("/changes since 1 Aug as known on 1 Sep", str(MONDAYS[1]), ANA)
    assert "what was known on 1 Sep 2022 isn't recorded" in text
    assert "The record begins on 5 Sep 2022" in text
    answer = await deals.json("/changes since 1 Aug as known on 1 Sep", str(MONDAYS[1]), ANA)
    assert answer["known"]["before"] is None
    assert answer["known"]["reason"] == "the record of imports begins on 2022-09-05"


async def test_an_import_says_whose_past_it_changed_by_how_much_on_which_days_through_what(deals: CaseInTurn):
    [late] = deals.then("monday_2", MONDAYS[1]).past
    assert (late.partner_id, late.span.micropoints, late.now) == ("P1", 30_000_000, 410_000_000)
    assert (late.span.first, late.span.last, late.span.days) == (date(2022, 8, 10), date(2022, 9, 4), 26)
    assert [(row.file, row.key, row.change) for row in late.rows] == [("sales.csv", "S9", "added")]
    [struck] = deals.then("monday_3", MONDAYS[2], mirror=True).past
    assert (struck.span.micropoints, struck.span.first, struck.span.varies) == (-105_000_000, date(2022, 5, 1), True)


async def test_a_corrected_country_is_a_correction_of_the_past_in_the_summary_and_in_changes(country: CaseInTurn):
    [past] = country.then("after", date(2022, 6, 13)).past
    assert (past.span.micropoints, past.span.first, past.now) == (30_000_000, date(2022, 3, 1), 60_000_000)
    [row] = past.rows
    assert (row.file, row.key, row.columns) == ("clients.csv", "C1", {"country": ("US", "BR")})
    text = await country.text("/changes", "2022-06-13", ANA)
    assert "+30: import of 13 Jun 2022, through clients.csv C1 (country US → BR)" in text
    assert "The record begins on 6 Jun 2022, with 30 points for 14 May 2022" in text
    week = await country.json("/changes since 7 Jun", "2022-06-13", ANA)
    assert (week["known"]["before"]["combined"], week["before"]["combined"]) == ("30.00", "60.00")


async def test_a_correction_of_days_after_the_first_is_told_apart_from_what_was_gained(country: CaseInTurn):
    country.then("after", date(2022, 6, 13))
    answer = await country.json("/changes since 1 Feb", "2022-06-13", ANA)
    assert answer["combined"]["gained"] == "60.00"
    [correction] = answer["corrections"]
    assert (correction["at_the_beginning"]["combined"], correction["after_it"]["combined"]) == ("0.00", "30.00")
    assert "Corrected in hindsight: +30 after 1 Feb 2022" in await country.text(
        "/changes since 1 Feb", "2022-06-13", ANA
    )
