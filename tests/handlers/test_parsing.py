"""Command text is read leniently: case, accents, plurals, quotes, spans of time."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import expiring, gap, tier
from handlers.help import wants_help
from handlers.parsing import LONGEST_TEXT, as_days, clean, words_of
from handlers.question import BadWords, Setting

DAY = date(2022, 9, 5)
SETTING = Setting(DAY, frozenset({"silver", "gold", "platinum", "diamond", "elite"}))


@pytest.mark.parametrize(
    ("text", "wanted_tier", "partner"),
    [
        ("", None, None),
        ("platinum", "platinum", None),
        ("PLATINUM", "platinum", None),
        ("Platínum", "platinum", None),
        ("platinums", "platinum", None),
        ("platinum Partner A", "platinum", "Partner A"),
        ('platinum "Partner A"', "platinum", "Partner A"),
        ("Partner A platinum", "platinum", "Partner A"),
        ("“Partner A” gold", "gold", "Partner A"),
        ("Partner A", None, "Partner A"),
        ('"Gold"', None, "Gold"),
    ],
)
def test_a_gap_is_asked_by_tier_and_partner_in_either_order(text: str, wanted_tier: str | None, partner: str | None):
    first = gap.parse(text, SETTING)[0]
    assert (first.request, first.partner) == (wanted_tier, partner)


@pytest.mark.parametrize(
    ("text", "days"),
    [("30", 30), ("30d", 30), ("30 days", 30), ("2 weeks", 14), ("6W", 42), ("3 months", 91), ("1 year", 365)],
)
def test_a_span_of_time_may_be_written_in_many_ways(text: str, days: int):
    assert as_days(text, DAY) == days
    for asked in (text, f"{text} Partner A", f"Partner A {text}"):
        first = expiring.parse(asked, SETTING)[0]
        assert first.request == days
        assert first.partner == (None if asked == text else "Partner A")


def test_without_a_span_90_days_are_meant():
    assert expiring.parse("", SETTING)[0].request == 90
    assert expiring.parse("Partner A", SETTING)[0].request == 90


def test_a_partner_whose_name_has_a_number_is_the_second_reading():
    readings = expiring.parse("Studio 54", SETTING)
    assert [(ask.partner, ask.request) for ask in readings] == [("Studio", 54), ("Studio 54", 90)]


@pytest.mark.parametrize("text", ["0", "5000", "9999999 days", "2000 years"])
def test_a_span_out_of_range_is_refused_with_the_range(text: str):
    last = expiring.parse(text, SETTING)[-1]
    if text == "9999999 days":
        assert last.partner == text
    else:
        assert isinstance(last.request, BadWords)
        assert "1 to 1,096 days" in str(last.request)


def test_a_standing_is_asked_by_partner():
    assert tier.parse("  Partner   A ", SETTING)[0].partner == "Partner A"


def test_help_is_understood_in_a_few_words():
    assert wants_help("help")
    assert wants_help(" HELP ")
    assert not wants_help("")
    assert not wants_help('"help"')
    assert not wants_help("helpful partners inc")


@given(st.text(max_size=5_000))
def test_no_text_breaks_the_parsers(text: str):
    cleaned = clean(text)
    assert len(cleaned) <= LONGEST_TEXT
    words_of(text)
    for parse in (tier.parse, gap.parse, expiring.parse):
        assert parse(text, SETTING)
