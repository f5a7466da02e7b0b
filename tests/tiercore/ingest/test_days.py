"""Days and months as people and programs write them: taken where there is one reading (data#dates)."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.entries import Sale, ToolUsage
from tiercore.ingest import Incoming
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.days import Days
from tiercore.ingest.problems import BadCell

ReadFiles = Callable[..., Incoming]
TODAY = date(2026, 1, 15)
DAY = date(2022, 9, 5)
SALES = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"


def outcome(parse: Callable[[str], date], text: str) -> date | BadCell:
    """The day, or why it is refused."""
    try:
        return parse(text)
    except BadCell as bad:
        return bad


def sales(*days: str) -> str:
    return SALES + "".join(f'S{n},P1,C1,Hub,net_new,sourced,{n}.50,USD,"{day}"\n' for n, day in enumerate(days, 1))


@pytest.mark.parametrize(
    "text",
    [
        "5 Sep 2022",
        "5th of September 2022",
        "lundi 5 septembre 2022",
        "Lunes, 5 de septiembre de 2022",
        "2022年9月5日",
        "2022. 9. 5.",
        "Mon Sep 05 2022 00:00:00 GMT+0200 (Central European Summer Time)",
        "5-Sep-2022",
        "Sep 5, 2022",
        "September 5, 2022",
        "5th September 2022",
        "Mon, 5 Sep 2022",
        "2022-Sep-05",
        "5. September 2022",
        "5 de septiembre de 2022",
        "2022/09/05",
        "2022-9-5",
        "2022.09.05",
        "20220905",
        "2022-09-05 14:30",
        "2022-09-05 2:30 PM",
        "2022-09-05T14:30:00Z",
        "2022-09-05T14:30:00.000+02:00",
        "44809",
        "44809.604",
        "1662336000000",
        "1662336000",
    ],
)
def test_a_day_with_one_reading_is_taken(text: str):
    assert Days(TODAY).parse_date(text) == DAY
    assert Days(TODAY).read_date(text).how
    assert Days(TODAY).parse_month(text) == date(2022, 9, 1)


@pytest.mark.parametrize("text", ["05/09/2022", "5.9.2022", "05-09-2022", "5 9 2022", "05/09/2022 14:30"])
def test_an_ambiguous_day_is_refused_until_the_order_is_said(text: str):
    with pytest.raises(BadCell, match="may have the day or the month first") as refused:
        Days(TODAY).parse_date(text)
    assert "2022-09-05 or 2022-05-09" in refused.value.remedy
    assert "--dates day-first" in refused.value.remedy
    assert Days(TODAY, DateOrder.DAY_FIRST).parse_date(text) == DAY
    assert Days(TODAY, DateOrder.MONTH_FIRST).parse_date(text) == date(2022, 5, 9)


@pytest.mark.parametrize(("text", "day"), [("13/09/2022", 13), ("9/13/2022", 13), ("9.9.2022", 9)])
def test_a_day_above_twelve_has_one_reading(text: str, day: int):
    assert Days(TODAY).parse_date(text) == date(2022, 9, day)


def test_a_day_of_the_other_order_than_was_said_is_refused():
    with pytest.raises(BadCell, match="can't be day-first, as was said"):
        Days(TODAY, DateOrder.DAY_FIRST).parse_date("09/13/2022")


@pytest.mark.parametrize(
    "text", ["05/09/22", "5-Sep-22", "Sep 2022", "2022", "5 Foo 2022", "5-9", "0", "123456", "12:30"]
)
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(BadCell):
        Days(TODAY).parse_date(text)


@pytest.mark.parametrize("text", ["12345", "99999", "1099511627776000", "253402300799", "20490101", "1/1/1999"])
def test_numbers_are_days_only_between_2000_and_ten_years_ahead(text: str):
    with pytest.raises(BadCell):
        Days(TODAY, DateOrder.DAY_FIRST).parse_date(text)


@pytest.mark.parametrize(
    "text", ["2022-9", "2022/09", "202209", "09/2022", "9.2022", "Sep 2022", "Sept. 2022", "2022 September"]
)
def test_a_month_with_one_reading_is_taken(text: str):
    assert Days(TODAY).parse_month(text) == date(2022, 9, 1)


@given(
    day=st.dates(date(2001, 9, 9), date(2036, 1, 1)),
    form=st.sampled_from(["%d %B %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M", "%A, %d %b %Y"]),
)
def test_every_day_is_read_back_from_any_form_with_one_reading(day: date, form: str):
    assert Days(TODAY).parse_date(day.strftime(form)) == day
    assert Days(TODAY).parse_date(str((day - date(1899, 12, 30)).days)) == day
    assert Days(TODAY, since_1904=True).parse_date(str((day - date(1904, 1, 1)).days)) == day
    seconds = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
    assert Days(TODAY).parse_date(str(seconds)) == Days(TODAY).parse_date(f"{seconds}000") == day


@given(
    day=st.dates(date(2000, 1, 1), date(2036, 1, 1)),
    separator=st.sampled_from("/.- "),
    order=st.sampled_from(DateOrder),
)
def test_every_day_is_read_back_in_the_order_that_was_said(day: date, separator: str, order: DateOrder):
    form = separator.join(["%d", "%m", "%Y"] if order is DateOrder.DAY_FIRST else ["%m", "%d", "%Y"])
    assert Days(TODAY, order).parse_date(day.strftime(form)) == day


@given(
    text=st.text(st.sampled_from("0123456789-/. :TZ,SepOktaugmai"), max_size=20),
    order=st.sampled_from([None, *DateOrder]),
)
def test_any_text_is_a_day_or_refused_with_a_remedy(text: str, order: DateOrder | None):
    for parse in (Days(TODAY, order).parse_date, Days(TODAY, order).parse_month):
        read = outcome(parse, text)
        assert read.remedy if isinstance(read, BadCell) else date(2000, 1, 1) <= read <= date(2036, 1, 15)


def test_each_form_of_days_is_noted_once_for_a_file(read_files: ReadFiles):
    incoming = read_files({"sales.csv": sales("2022-09-05", "5 Sep 2022", "6 Sep 2022", "44809", "7 Sep 2022")})
    notes = [each for each in incoming.warnings if each.kind.startswith("read")]
    assert [(each.file, each.line, each.column, each.value) for each in notes] == [
        ("sales.csv", 3, "sold_on", "5 Sep 2022"),
        ("sales.csv", 5, "sold_on", "44809"),
    ]
    assert "read as 2022-09-05" in str(notes[0])
    assert [sale.sold_on.day for sale in incoming.entries[Sale] if isinstance(sale, Sale)] == [5, 5, 6, 5, 7]


def test_two_orders_in_one_column_are_an_error_that_names_both_lines(read_files: ReadFiles):
    (problem,) = read_files({"sales.csv": sales("2022-09-05", "13/09/2022", "14/09/2022", "09/15/2022")}).problems
    assert (problem.line, problem.column, problem.value) == (5, "sold_on", "09/15/2022")
    assert "'13/09/2022' on line 3 can only be day-first" in problem.message


def test_a_month_from_a_day_is_noted(read_files: ReadFiles):
    incoming = read_files({"usage.csv": "client_id,month,tools_used\nC1,Sep 2022,3\nC1,2022-10-14,4\n"})
    assert incoming.entries[ToolUsage] == [ToolUsage("C1", date(2022, 9, 1), 3), ToolUsage("C1", date(2022, 10, 1), 4)]
    assert [(each.line, "2022-10" in each.message or "2022-09" in each.message) for each in incoming.warnings] == [
        (2, True),
        (3, True),
    ]
