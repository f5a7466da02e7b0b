"""Commands are parsed leniently: case, accents, plurals, quotes, time spans."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.commands import changes, convert, expiring, gap, progress, tier
from handlers.commands.help import wants_help
from handlers.parsing.days import as_since
from handlers.parsing.times import as_schedule, as_timezone
from handlers.parsing.words import MAX_TEXT, as_days, clean, words_of
from handlers.question import InvalidInput, ParseContext
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.notifications.timetable import Schedule
from tiercore.questions.convert import ToConvert

DAY = date(2022, 9, 5)
CONTEXT = ParseContext(DAY, ("silver", "gold", "platinum", "diamond", "elite"))


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
def test_gap_takes_tier_and_partner_in_either_order(text: str, wanted_tier: str | None, partner: str | None):
    first = gap.parse(text, CONTEXT)[0]
    assert (first.request.tier, first.request.by, first.partner) == (wanted_tier, None, partner)


@pytest.mark.parametrize(
    ("text", "days"),
    [("30", 30), ("30d", 30), ("30 days", 30), ("2 weeks", 14), ("6W", 42), ("3 months", 91), ("1 year", 365)],
)
def test_a_time_span_can_be_written_in_many_ways(text: str, days: int):
    assert as_days(text, DAY) == days
    for command in (text, f"{text} Partner A", f"Partner A {text}"):
        first = expiring.parse(command, CONTEXT)[0]
        assert first.request == days
        assert first.partner == (None if command == text else "Partner A")


def test_the_default_time_span_is_90_days():
    assert expiring.parse("", CONTEXT)[0].request == 90
    assert expiring.parse("Partner A", CONTEXT)[0].request == 90


def test_a_partner_with_a_number_in_its_name_is_the_second_reading():
    readings = expiring.parse("Studio 54", CONTEXT)
    assert [(ask.partner, ask.request) for ask in readings] == [("Studio", 54), ("Studio 54", 90)]


@pytest.mark.parametrize("text", ["0", "5000", "9999999 days", "2000 years"])
def test_a_time_span_out_of_range_is_refused_with_the_range(text: str):
    last = expiring.parse(text, CONTEXT)[-1]
    if text == "9999999 days":
        assert last.partner == text
    else:
        assert isinstance(last.request, InvalidInput)
        assert "1 to 1,096 days" in str(last.request)


def test_standing_takes_a_partner():
    assert tier.parse("  Partner   A ", CONTEXT)[0].partner == "Partner A"


def test_help_can_be_requested_in_several_words():
    assert wants_help("help")
    assert wants_help(" HELP ")
    assert not wants_help("")
    assert not wants_help('"help"')
    assert not wants_help("helpful partners inc")


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("30d", date(2022, 8, 6)),
        ("30", date(2022, 8, 6)),
        ("3 months", date(2022, 6, 5)),
        ("1 year", date(2021, 9, 5)),
        ("last week", date(2022, 8, 29)),
        ("the last 2 weeks", date(2022, 8, 22)),
        ("past month", date(2022, 8, 5)),
        ("-30d", date(2022, 8, 6)),
        ("yesterday", date(2022, 9, 4)),
        ("june", date(2022, 5, 31)),
        ("since June", date(2022, 5, 31)),
        ("Sept", date(2022, 8, 31)),
        ("october", date(2021, 9, 30)),
        ("june 2021", date(2021, 5, 31)),
        ("2022-06", date(2022, 5, 31)),
        ("2022", date(2021, 12, 31)),
        ("2022-06-15", date(2022, 6, 15)),
        ("since 2022-6-1", date(2022, 6, 1)),
        ("15 Jun", date(2022, 6, 15)),
        ("since June 15th", date(2022, 6, 15)),
        ("5 september 2021", date(2021, 9, 5)),
        ("6 Sep", date(2021, 9, 6)),
    ],
)
def test_a_past_date_can_be_written_in_many_ways(text: str, since: date):
    assert as_since(text, DAY) == since
    for command in (text, f"{text} Partner A", f"Partner A {text}"):
        first = changes.parse(command, CONTEXT)[0]
        assert first.request == since
        assert first.partner == (None if command == text else "Partner A")
        assert changes.parse(first.words, CONTEXT)[0].request == since


@pytest.mark.parametrize(
    "text", ["since 1 Aug as known on 1 Sep", "as we knew it on 2022-09-01 since 2022-08-01", "1 Aug known 1 September"]
)
@pytest.mark.parametrize("partner", [None, "Partner A"])
def test_changes_as_known_on_a_day_can_be_asked_in_many_ways(text: str, partner: str | None):
    for command in {text, f"{text} {partner or ''}", f"{partner or ''} {text}"}:
        first = changes.parse(command, CONTEXT)[0]
        assert first.request == changes.AsKnown(date(2022, 8, 1), date(2022, 9, 1))
        assert first.partner == (partner if command != text else None)
        assert changes.parse(first.words, CONTEXT)[0].request == first.request


def test_what_was_known_is_by_default_about_the_30_days_before():
    [first, *_] = changes.parse("as known on 1 Sep", CONTEXT)
    assert first.request == changes.AsKnown(date(2022, 8, 2), date(2022, 9, 1))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("as known on 2022-02-30", "isn't a day"),
        ("as known on 5 Sep", "Choose a day before 5 Sep 2022"),
        ("since 2022-09-01 as known on 1 Aug", "Choose a day before 1 Aug 2022"),
        ("as known", "Say which day it was known on"),
        ("as known on platinum", "Say which day it was known on"),
    ],
)
def test_a_day_on_which_nothing_can_be_known_is_refused_with_the_reason(text: str, why: str):
    refused = [str(ask.request) for ask in changes.parse(text, CONTEXT) if isinstance(ask.request, InvalidInput)]
    assert any(why in each for each in refused)


def test_a_partner_may_have_the_word_known_in_its_name():
    assert changes.parse("30d Known Partners", CONTEXT)[0].partner == "Known Partners"
    assert changes.parse('"Well Known on 1 Sep"', CONTEXT)[0].partner == "Well Known on 1 Sep"
    assert changes.parse("Known Partners", CONTEXT)[0].partner == "Known Partners"


def test_the_default_is_30_days_and_a_partner_can_be_named_like_a_month():
    assert changes.parse("", CONTEXT)[0].request == date(2022, 8, 6)
    readings = changes.parse("May Agency", CONTEXT)
    assert [(ask.partner, ask.request) for ask in readings] == [
        ("Agency", date(2022, 4, 30)),
        ("May Agency", date(2022, 8, 6)),
    ]
    assert changes.parse('"May"', CONTEXT)[0].partner == "May"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2022-02-30", "isn't a day"),
        ("2022-13", "isn't a day"),
        ("2022-09-05", "Choose a day before 5 Sep 2022"),
        ("2023-01", "Choose a day before 5 Sep 2022"),
        ("0", "Choose a day before 5 Sep 2022"),
        ("4 years", "more than 3 years"),
        ("2019-09-04", "more than 3 years"),
        ("9999 years", "isn't a day"),
        ("999999 days", "isn't a day"),
    ],
)
def test_an_invalid_date_is_refused_with_what_is_valid(text: str, why: str):
    refused = [str(ask.request) for ask in changes.parse(text, CONTEXT) if isinstance(ask.request, InvalidInput)]
    assert why in refused[0]
    assert "2022-06-15, june, 2022-06 or 3 months" in refused[0]


def test_a_past_time_span_follows_the_calendar():
    assert as_since("1 month", date(2022, 3, 31)) == date(2022, 2, 28)
    assert as_since("3 years", DAY) == date(2019, 9, 5)
    assert as_since("week", DAY) is None


POINTS_225 = ToConvert(225 * MICRO)
EUROS = ToConvert(Money(5_000_00, "EUR"))
DOLLARS = ToConvert(Money(5_000_00, "USD"))


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("225 points", POINTS_225),
        ("225points", POINTS_225),
        ("225 pts", POINTS_225),
        ("225.00 Points", POINTS_225),
        ("1 point", ToConvert(MICRO)),
        ("12.5 points", ToConvert(12_500_000)),
        ("225", ToConvert(225 * MICRO, bare_number=True)),
        ("5k points", ToConvert(5_000 * MICRO)),
        ("225 points in EUR", ToConvert(225 * MICRO, currency="EUR")),
        ("225 points to euros", ToConvert(225 * MICRO, currency="EUR")),
        ("€5,000", EUROS),
        ("€ 5000", EUROS),
        ("5000€", EUROS),
        ("5,000.00 €", EUROS),
        ("5'000 EUR", EUROS),
        ("5 000 EUR", EUROS),
        ("€ 5 000,00", EUROS),
        ("5.000,0 EUR", EUROS),
        ("5 k EUR", EUROS),
        ("12,5 points", ToConvert(12_500_000)),
        ("1,5k points", ToConvert(1_500 * MICRO)),
        ("1.250,50 €", ToConvert(Money(1_250_50, "EUR"))),
        ("1.234.567 EUR", ToConvert(Money(1_234_567_00, "EUR"))),
        ("1,00,000 USD", ToConvert(Money(100_000_00, "USD"))),
        ("US$2m", ToConvert(Money(2_000_000_00, "USD"))),
        ("EUR 5000", EUROS),
        ("eur5k", EUROS),
        ("5000 EUR in points", EUROS),
        ("US$5,000", DOLLARS),
        ("5000 USD", DOLLARS),
        ("$5,000", ToConvert(Money(5_000_00, "USD"), bare_dollar=True)),
        ("A$5k", ToConvert(Money(5_000_00, "AUD"))),
        ("£62.50", ToConvert(Money(62_50, "GBP"))),
        ("¥12,000", ToConvert(Money(12_000, "JPY"))),
        ("1.5k GBP", ToConvert(Money(1_500_00, "GBP"))),
        ("€5,000 assisted", ToConvert(EUROS.amount, (Source.ASSISTED,))),
        ("managed 5000 EUR", ToConvert(EUROS.amount, (Source.MANAGED,))),
        ("225 sold points", ToConvert(225 * MICRO, (Source.SOURCED, Source.ASSISTED))),
        ("5000 EUR managed growth", ToConvert(EUROS.amount, (Source.MANAGED,), growth_market=True)),
        ("5000 EUR in growth markets", ToConvert(EUROS.amount, growth_market=True)),
    ],
)
def test_an_amount_can_be_written_in_many_ways(text: str, request_: ToConvert):
    for command in (text, f"{text} Partner A", f"Partner A {text}", f'{text} "225"'):
        first = convert.parse(command, CONTEXT)[0]
        assert first.request == request_
        assert first.partner == (None if command == text else "225" if command.endswith('"') else "Partner A")
        assert convert.parse(first.words, CONTEXT)[0].request == request_


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Convert what?"),
        ("Partner A", "Convert what?"),
        ("5.000 €", "“5.000” could mean 5,000 or 5.00. Type 5000 or 5.00"),
        ("1,2,3 points", "isn't clear"),
        ("5,0000", "isn't clear"),
        ("-225 points", "above zero"),
        ("€-5", "above zero"),
        ("−5 EUR", "above zero"),
        ("0", "from 0.01"),
        ("0.00 EUR", "from 0.01"),
        ("99999999 points", "from 0.01 to 10,000,000"),
        ("999999999999 USD", "from 0.01 to 100,000,000,000"),
        ("¥12.50", "JPY has no cents: type a whole number, like 13 JPY"),
        ("5000 EUR in USD", "not between two currencies"),
    ],
)
def test_an_invalid_amount_is_refused_with_what_to_type(text: str, why: str):
    refused = [str(ask.request) for ask in convert.parse(text, CONTEXT) if isinstance(ask.request, InvalidInput)]
    assert why in refused[0]


def test_a_partner_with_a_number_or_currency_in_its_name_is_a_further_reading():
    assert ("Studio 54", POINTS_225) in [(a.partner, a.request) for a in convert.parse("225 points Studio 54", CONTEXT)]
    readings = convert.parse("225 points All Agency", CONTEXT)
    assert [(each.partner, each.request.currency) for each in readings[:2]] == [("Agency", "ALL"), ("All Agency", None)]


@given(st.text(max_size=5_000))
def test_no_text_crashes_the_parsers(text: str):
    cleaned = clean(text)
    assert len(cleaned) <= MAX_TEXT
    words_of(text)
    for parse in (tier.parse, gap.parse, expiring.parse, changes.parse, convert.parse):
        assert parse(text, CONTEXT)


@given(st.text(alphabet="0123456789.,'k$€ -EURsdpoint", max_size=60))
def test_no_amount_or_date_crashes_the_parsers(text: str):
    for parse in (expiring.parse, changes.parse, convert.parse):
        for ask in parse(text, CONTEXT):
            assert len(ask.words) < 100


@pytest.mark.parametrize(
    ("text", "numbers", "partner"),
    [
        ("", False, None),
        ("numbers", True, None),
        ("Table", True, None),
        ("numbers Partner A", True, "Partner A"),
        ("Partner A numbers", True, "Partner A"),
        ("Partner A", False, "Partner A"),
        ('"Numbers"', False, "Numbers"),
    ],
)
def test_progress_takes_partner_and_numbers_in_either_order(text: str, numbers: bool, partner: str | None):
    first = progress.parse(text, CONTEXT)[0]
    assert (first.request, first.partner) == (numbers, partner)


def test_a_partner_whose_name_ends_with_numbers_is_still_found():
    assert progress.parse("Good Numbers", CONTEXT)[-1].partner == "Good Numbers"


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("EST", "America/New_York"),
        ("edt", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("PST", "America/Los_Angeles"),
        ("HST", "Pacific/Honolulu"),
        ("CET", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
def test_what_people_call_their_time_is_the_places_time_summer_and_winter(said: str, zone: str):
    assert as_timezone(said) == zone
    assert as_schedule(["monday", "9:00", said.replace(" ", "_")], Schedule(0, 540, "Asia/Tokyo")).timezone == zone


@pytest.mark.parametrize("said", ["CST", "ist", "AST", "sst"])
def test_a_time_that_several_places_call_theirs_is_asked_about(said: str):
    assert as_timezone(said) is None
    with pytest.raises(InvalidInput, match="used in several places"):
        as_schedule(["monday", "9:00", said], Schedule(0, 540, "UTC"))


def test_no_zone_that_can_be_typed_by_a_short_name_ignores_its_places_summer_time():
    """tzdata has zones called EST, MST and HST that never change their clocks."""
    winter, summer = datetime(2022, 1, 15, tzinfo=UTC), datetime(2022, 7, 15, tzinfo=UTC)
    for said, place in (("EST", "America/New_York"), ("PST8PDT", "America/Los_Angeles"), ("WET", "Europe/Lisbon")):
        zone = ZoneInfo(as_timezone(said) or "")
        for moment in (winter, summer):
            assert moment.astimezone(zone).utcoffset() == moment.astimezone(ZoneInfo(place)).utcoffset()
