"""Days to come, as people type them after /gap (how-tiers-work#gap-on-a-day)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.commands import gap
from handlers.parsing.days_ahead import Ahead, as_ahead
from handlers.question import InvalidInput, ParseContext
from tiercore.program import load_program
from tiercore.questions.gap_on import last_day

DAY = date(2022, 9, 5)
CONTEXT = ParseContext(DAY, ("gold", "platinum", "diamond"))
PROGRAM = load_program()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-01-15", date(2023, 1, 15)),
        ("by 15 jan", date(2023, 1, 15)),
        ("on 15th January", date(2023, 1, 15)),
        ("until Jan 15", date(2023, 1, 15)),
        ("15 jan 2023", date(2023, 1, 15)),
        ("15 sep", date(2022, 9, 15)),
        ("5 sep", DAY),
        ("4 sep", date(2023, 9, 4)),
        ("today", DAY),
        ("tomorrow", date(2022, 9, 6)),
        ("in 3 months", date(2022, 12, 5)),
        ("90 days", date(2022, 12, 4)),
        ("next week", date(2022, 9, 12)),
        ("in a year", date(2023, 9, 5)),
        ("end of quarter", date(2022, 9, 30)),
        ("by the end of the year", date(2022, 12, 31)),
        ("end of january", date(2023, 1, 31)),
    ],
)
def test_a_day_to_come_can_be_typed_in_many_ways(text: str, day: date):
    assert as_ahead(text, DAY) == Ahead(day)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("by january", date(2023, 1, 1)),
        ("jan 2023", date(2023, 1, 1)),
        ("2023-01", date(2023, 1, 1)),
        ("september", date(2022, 9, 1)),
        ("august", date(2023, 8, 1)),
    ],
)
def test_a_month_is_the_next_one_of_that_name(text: str, month: date):
    assert as_ahead(text, DAY) == Ahead(month, is_month=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2022-09-04", "4 Sep 2022 is over. Choose a day from 5 Sep 2022 to 5 Sep 2023."),
        ("15 jan 2021", "15 Jan 2021 is over."),
        ("aug 2022", "Aug 2022 is over."),
        ("2024-01-01", "1 Jan 2024 is too far ahead: by then, all of today's sold points expire."),
        ("13 months", "5 Oct 2023 is too far ahead"),
        ("2023-02-30", "“2023-02-30” isn't a day."),
        ("99999 years", "isn't a day."),
    ],
)
def test_a_day_that_is_over_too_far_ahead_or_in_no_calendar_is_refused_with_what_to_choose(text: str, says: str):
    found = as_ahead(text, DAY)
    assert isinstance(found, InvalidInput)
    assert says in str(found)


@pytest.mark.parametrize("text", ["", "by", "in the", "90", "platinum", "15 platinum", "end", "acme jan", "1 2 3 4"])
def test_other_words_are_no_day(text: str):
    assert as_ahead(text, DAY) is None


@given(st.text(max_size=40))
def test_any_text_is_a_day_in_range_an_error_or_no_day(text: str):
    found = as_ahead(text, DAY)
    if isinstance(found, Ahead) and not found.is_month:
        assert DAY <= found.day <= last_day(DAY)


@given(st.dates(DAY, last_day(DAY)))
def test_a_request_is_read_again_as_it_would_be_typed(by: date):
    request = gap.GapRequest("platinum", Ahead(by))
    assert gap.parse(str(request), CONTEXT)[0].request == request


@pytest.mark.parametrize(
    ("text", "tier", "day", "partner"),
    [
        ("platinum by 15 jan", "platinum", date(2023, 1, 15), None),
        ("by 15 jan platinum", "platinum", date(2023, 1, 15), None),
        ("platinum by 15 jan Partner A", "platinum", date(2023, 1, 15), "Partner A"),
        ('"Partner A" platinum in 3 months', "platinum", date(2022, 12, 5), "Partner A"),
        ("by end of quarter", None, date(2022, 9, 30), None),
    ],
)
def test_tier_day_and_partner_come_in_any_order(text: str, tier: str | None, day: date, partner: str | None):
    first = gap.parse(text, CONTEXT)[0]
    assert (first.request, first.partner) == (gap.GapRequest(tier, Ahead(day)), partner)


def test_a_partner_named_like_a_day_comes_before_the_day_unless_a_word_introduces_the_day():
    assert [each.partner for each in gap.parse("May Flower", CONTEXT)] == ["May Flower", "Flower"]
    assert [each.partner for each in gap.parse("by May Flower", CONTEXT)] == ["Flower", "by May Flower"]
    assert gap.parse('"15 jan"', CONTEXT)[0].partner == "15 jan"
    assert len(gap.parse('"15 jan"', CONTEXT)) == 1


def test_figures_after_by_that_are_no_day_are_named_where_they_are_no_partner_either():
    *_, last = gap.parse("platinum by 15 foo", CONTEXT)
    assert isinstance(last.request, InvalidInput)
    assert "“15 foo” isn't a day" in str(last.request)


@pytest.mark.parametrize(
    ("month", "as_of", "day"),
    [
        (date(2023, 1, 1), DAY, date(2023, 1, 15)),
        (date(2022, 9, 1), DAY, date(2022, 9, 15)),
        (date(2022, 9, 1), date(2022, 9, 20), date(2023, 9, 15)),
        (date(2023, 9, 1), DAY, date(2023, 9, 5)),
    ],
)
def test_a_month_stands_for_the_day_in_it_on_which_tiers_are_credited(month: date, as_of: date, day: date):
    assert gap.day_of(Ahead(month, is_month=True), as_of, PROGRAM) == day


@given(st.dates(date(2022, 8, 1), date(2024, 12, 31)), st.integers(0, 12))
def test_the_day_of_a_month_is_always_one_that_can_be_asked_about(as_of: date, ahead: int):
    months = as_of.year * 12 + as_of.month - 1 + ahead
    month = date(months // 12, months % 12 + 1, 1)
    assert as_of <= gap.day_of(Ahead(month, is_month=True), as_of, PROGRAM) <= last_day(as_of)
    assert as_of - timedelta(31) < month


def test_next_month_is_the_whole_month_and_in_a_month_a_day():
    assert as_ahead("next month", date(2022, 12, 5)) == Ahead(date(2023, 1, 1), is_month=True)
    assert as_ahead("in a month", date(2022, 12, 5)) == Ahead(date(2023, 1, 5))
