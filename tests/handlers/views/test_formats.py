"""Numbers, dates and notes as people write them, and a full answer for screen readers."""

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.parts.causes import ending
from handlers.views.parts.countries import country
from handlers.views.parts.formats import (
    SPOKEN_LIMIT,
    ahead,
    bar,
    due,
    escaped,
    listed,
    money,
    name,
    paragraphs,
    percent,
    points,
    possessive,
    prose,
    rule,
    signed,
    spoken,
    week,
)
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.rating.credits import Cause

DAY = date(2022, 9, 5)


@pytest.mark.parametrize(
    ("micropoints", "shown", "gained"),
    [
        (270 * MICRO, "270", "+270"),
        (12_500_000, "12.5", "+12.5"),
        (12_620_000, "12.62", "+12.62"),
        (50_000, "0.05", "+0.05"),
        (269_996_000, "270", "+270"),
        (-94_400_000, "−94.4", "−94.4"),
        (1_234_567 * MICRO, "1,234,567", "+1,234,567"),
        (4_000, "0", "±0"),
        (-4_000, "0", "±0"),
        (0, "0", "±0"),
    ],
)
def test_points_have_only_the_decimals_needed_and_a_real_minus_sign(micropoints: int, shown: str, gained: str):
    assert (points(micropoints), signed(micropoints)) == (shown, gained)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (750_000, "USD", "US$7,500"),
        (84_990, "EUR", "€849.90"),
        (5, "EUR", "€0.05"),
        (12_000, "JPY", "¥12,000"),
        (-750_000, "USD", "−US$7,500"),
    ],
)
def test_money_has_cents_only_if_there_are_any(minor: int, currency: str, shown: str):
    assert money(Money(minor, currency)) == shown


def test_a_percentage_is_rounded_down_and_has_no_space():
    assert (percent(644_999, 645_000), percent(645, 645), percent(0, 0)) == ("99%", "100%", "100%")


def test_a_future_date_says_how_far_away_it_is():
    shown = [due(each, DAY) for each in (DAY, date(2022, 9, 6), date(2022, 9, 21), date(2022, 9, 4))]
    assert shown == ["5 Sep 2022, today", "6 Sep 2022, tomorrow", "21 Sep 2022, in 16 days", "4 Sep 2022"]
    assert ahead(date(2023, 9, 5), DAY) == "in 365 days"
    assert week("2022-W36") == "week of 5 Sep 2022"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("under correction since 2022-09-01: May", "under correction since 1 Sep 2022: May"),
        ("thresholds.platinum.sold_minimum isn't set", "Platinum's sold minimum isn't set"),
        ("thresholds.gold.combined isn't set", "Gold's combined threshold isn't set"),
        ("currencies.SEK is not configured", "the SEK points table isn't set"),
        ("retention.elite isn't set", "Elite's retention target isn't set"),
        ("currencies.CHF isn't set on 2022-09-05", "the CHF points table isn't set on 5 Sep 2022"),
        ("2022-02-30 is no day, S-2022-01-01-X no date", "2022-02-30 is no day, S-2022-01-01-X no date"),
    ],
)
def test_notes_and_reasons_spell_dates_and_rules_for_people(text: str, shown: str):
    assert prose(text) == shown
    assert rule("requirements.tool_usage_median") == "the tool usage minimum"


def test_a_full_answer_is_cut_between_sentences_and_has_no_markup():
    text = spoken("<!channel> wins.", "", *(f"Sentence {number} of many." for number in range(100)))
    assert text.startswith("&lt;!channel&gt; wins. Sentence 0 of many.")
    assert text.endswith("of many.")
    assert len(text) <= SPOKEN_LIMIT + len("&lt;&gt;")
    assert len(spoken("x" * 5_000)) == SPOKEN_LIMIT
    assert spoken("12.5 points at 9:00 on US$1.5") == "12.5 points at 9:00 on US$1.5", "figures are read unchanged"


@pytest.mark.parametrize("text", ["evil.example", "https://evil.example", "a@b.c", "*bold* `code`", "9.com", "x.1y"])
def test_a_name_never_becomes_markup(text: str):
    assert text not in escaped(text)
    assert text not in spoken(text)


def test_a_name_is_one_line_of_visible_characters():
    assert name("a\n b\u202e\u200bc") == "a bc"
    assert listed(["Gold", "Platinum", "Diamond"], "or") == "Gold, Platinum or Diamond"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("US", "the US"),
        ("NL", "the Netherlands"),
        ("DE", "Germany"),
        ("BR", "Brazil"),
        ("GB", "the UK"),
        ("ZZ9", "ZZ9"),
    ],
)
def test_a_country_is_named_as_in_a_sentence(code: str, shown: str):
    assert country(code) == shown


def test_a_name_has_its_possessive_form():
    assert (possessive("Partner A"), possessive("Ivy Terrace Schools")) == ("Partner A's", "Ivy Terrace Schools'")


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        (Cause.SALE_EXPIRED, "12 months old"),
        (Cause.CANCELLATION, "lost: cancellation"),
        (Cause.DOWNGRADE, "lost: downgrade"),
        (Cause.RULE_CHANGED, "re-rated: program rules change"),
    ],
)
def test_points_are_worded_as_expiring_lost_or_re_rated(cause: Cause, shown: str):
    assert ending(cause) == shown


@pytest.mark.parametrize(
    "text", [":tada:", "5:tada:", "9:100:", "::1234:", ":wave::skin-tone-2:", "é:tada:", "1:a:2:b:"]
)
def test_an_emoji_code_is_inert_in_a_message_text(text: str):
    assert not re.search(r":[\w+'-]+:", spoken(text))
    assert not re.search(r":[\w+'-]+:", escaped(text))


def test_a_time_is_no_emoji_code():
    assert spoken("From 22:00 to 7:00.") == "From 22:00 to 7:00."


@given(st.text())
def test_what_someone_wrote_keeps_its_lines_and_no_control_or_format_characters(text: str):
    shown = paragraphs(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cf", "Co", "Cn") and each != "\n"]
    assert paragraphs(shown) == shown


def test_lines_of_feedback_stay_apart():
    assert paragraphs("One\u202e\x07\r\nTwo\n\n\n\nThree ") == "One\nTwo\n\nThree"


@given(st.integers(-(10**9), 10**12), st.integers(1, 10**12), st.booleans(), st.integers(1, 20))
def test_a_bar_has_all_its_squares_in_the_colour_of_its_state_only_once_it_is_reached(
    have: int, need: int, met: bool, squares: int
):
    drawn, colour = bar(have, need, met=met, squares=squares), "🟩" if met else "🟥"
    assert len(drawn) == squares
    assert set(drawn) <= {colour, "⬜"}
    assert (drawn == colour * squares) == (have >= need)
