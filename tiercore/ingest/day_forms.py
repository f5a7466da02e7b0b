"""The forms in which a day or a month is written other than 2026-01-31 and 2026-01, and what each says (data#dates)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from tiercore.ingest.month_names import MONTH_NAME, month_named
from tiercore.ingest.problems import BadCell

EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_WEEKDAY = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|die|mit|don|fre|sam|lun|mar|mer|mier|mi\u00e9r|jeu|jue|ven|vie|s\u00e1b|sab|dom|dim)"
    r"[^\W\d_]*\.?,? +)?"
)
_TIME = re.compile(
    r"(.{8,}?)(?:T|,? +)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
    r"(?: ?(?:Z|UTC|(?:GMT)?[+-]\d\d:?\d\d|GMT))?(?: \([^()]+\))?",
    re.ASCII,
)
_NUMBERS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(rf"\d{{1,2}}([-/. ])(?:\d{{1,2}}|{MONTH_NAME})\1\d{{2}}")


class DateOrder(StrEnum):
    """The order of days and months where a folder's dates have both as numbers."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as; `how` names its form, empty for the plain one. `proves`: the only order it allows."""

    value: Any
    how: str = ""
    proves: DateOrder | None = None
    shown: str = ""

    def __post_init__(self) -> None:
        """What messages show is the value, unless another text is given."""
        if not self.shown:
            object.__setattr__(self, "shown", str(self.value))


def read_day(text: str, order: DateOrder | None, epoch: date) -> Reading | None:
    """The day of a text, None if it has none of the forms.

    `order` is what was said of the folder, `epoch` the day from which serial numbers count. Raises BadCell where more
    than one reading is possible, and ValueError for a day that isn't in the calendar.
    """
    if timed := _TIME.fullmatch(text):
        day = _plain(timed[1]) or read_day(timed[1], order, epoch)
        return Reading(day.value, "a day with its time", day.proves) if day else None
    if numbers := _NUMBERS.fullmatch(text):
        return _in_order(int(numbers[1]), int(numbers[3]), int(numbers[4]), order)
    if _SHORT_YEAR.fullmatch(text):
        raise BadCell("bad date", "has a year of two digits", "write it as 2026-01-31")
    for form, how, day_of in _FORMS:
        if found := form.fullmatch(text):
            value = _counted(text, epoch) if day_of is None else day_of(found)
            return Reading(value, how) if value else None
    return None


def iso_day(text: str, order: DateOrder | None, *, since_1904: bool = False) -> str | None:
    """The day of a text as 2026-01-31, None if it has none, or more than one."""
    try:
        day = _plain(text) or read_day(text, order, EPOCH_1904 if since_1904 else EPOCH)
    except (BadCell, ValueError, OverflowError):
        return None
    return str(day.value) if day else None


def read_month(text: str, order: DateOrder | None, epoch: date) -> Reading | None:
    """The first day of the month of a text: see `read_day`. Of a whole day it is the day's month."""
    for form, how, year_and_month in _MONTH_FORMS:
        if found := form.fullmatch(text):
            year, month = year_and_month(found)
            return Reading(date(year, month, 1), how, shown=f"{year}-{month:02d}") if month else None
    day = _plain(text) or read_day(text, order, epoch)
    if day is None:
        return None
    return Reading(day.value.replace(day=1), "a day in place of its month", day.proves, f"{day.value:%Y-%m}")


def _plain(text: str) -> Reading | None:
    return Reading(date.fromisoformat(text)) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None


def _in_order(first: int, second: int, year: int, order: DateOrder | None) -> Reading:
    """The day of 05/09/2022; only one order is possible if a number is above 12. What was said needs no note."""
    if first == second:
        return Reading(date(year, first, second), "" if order else "a day with its year last")
    proves = DateOrder.DAY_FIRST if first > 12 else DateOrder.MONTH_FIRST if second > 12 else None
    if proves and order and proves is not order:
        raise BadCell("bad date", f"can't be {order}, as was said of these files", "correct it, or leave out --dates")
    if not (proves or order):
        day_first, month_first = date(year, second, first), date(year, first, second)
        remedy = f"write {day_first} or {month_first}, or say the order once: --dates day-first or --dates month-first"
        raise BadCell("bad date", "may have the day or the month first", remedy)
    day, month = (first, second) if (proves or order) is DateOrder.DAY_FIRST else (second, first)
    return Reading(date(year, month, day), "" if order else f"a day written {proves}", proves)


def _counted(text: str, epoch: date) -> date | None:
    """The day of a serial number, or of seconds or milliseconds since 1970, by the number of digits."""
    whole = text.partition(".")[0]
    if len(whole) == 5:
        return epoch + timedelta(int(whole))
    seconds = int(whole) // (1000 if len(whole) > 10 else 1)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()


def _named(year: str, name: str, day: str) -> date | None:
    month = month_named(name)
    return date(int(year), month, int(day)) if month else None


def _of_numbers(found: re.Match[str]) -> date:
    year, month, day = (int(each) for each in found.groups() if each.isdigit())
    return date(year, month, day)


_FORMS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], date | None] | None], ...] = (
    (re.compile(r"(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})", re.ASCII), "a day with its year first", _of_numbers),
    (re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII), "a day without separators", _of_numbers),
    (
        re.compile(r"(\d{4})\.? ?(?:年|\.) ?(\d{1,2}) ?(?:月|\.) ?(\d{1,2})(?:日|\.)", re.ASCII),
        "a day with its year first",
        _of_numbers,
    ),
    (re.compile(r"\d{5}(\.\d+)?", re.ASCII), "a spreadsheet's number of a day", None),
    (re.compile(r"\d{9,10}|\d{12,13}", re.ASCII), "a moment counted from 1970 (UTC)", None),
    (
        re.compile(
            rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[- ]*(?:de |of )?({MONTH_NAME})[-,. ]*(?:de )?(\d{{4}})",
            re.I,
        ),
        "a day with its month in words",
        lambda found: _named(found[3], found[2], found[1]),
    ),
    (
        re.compile(rf"{_WEEKDAY}({MONTH_NAME})[-. ]*(\d{{1,2}})(?:st|nd|rd|th)?(?:, ?|[- ])(\d{{4}})", re.I),
        "a day with its month in words",
        lambda found: _named(found[3], found[1], found[2]),
    ),
    (
        re.compile(rf"(\d{{4}})[- ]({MONTH_NAME})\.?[- ](\d{{1,2}})", re.I),
        "a day with its month in words",
        lambda found: _named(found[1], found[2], found[3]),
    ),
)
_MONTH_FORMS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], tuple[int, int]]], ...] = (
    (
        re.compile(r"(\d{4})[-/. ]?(\d{2})|(\d{4})[-/. ](\d)", re.ASCII),
        "a month with its year first",
        lambda found: (int(found[1] or found[3]), int(found[2] or found[4])),
    ),
    (
        re.compile(r"(\d{1,2})[-/. ](\d{4})", re.ASCII),
        "a month with its year last",
        lambda found: (int(found[2]), int(found[1])),
    ),
    (
        re.compile(rf"({MONTH_NAME})[-,. ]*(?:de )?(\d{{4}})", re.I),
        "a month in words",
        lambda found: (int(found[2]), month_named(found[1]) or 0),
    ),
    (
        re.compile(rf"(\d{{4}})[- ]({MONTH_NAME})\.?", re.I),
        "a month in words",
        lambda found: (int(found[1]), month_named(found[2]) or 0),
    ),
)
