"""A day to come as people type it: "by 15 jan", "2023-01-15", "in 3 months", "january", "end of the quarter"."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.parsing.days import full_day, named_day, named_month
from handlers.parsing.words import as_span
from handlers.question import InvalidInput
from handlers.views.parts import formats
from tiercore.access import plain
from tiercore.questions.gap_on import last_day, period_end

MAX_WORDS = 6
_FILLERS = frozenset("by until till before on in at the of for next this coming within a".split())
_UNITS = ("day", "week", "month", "quarter", "year")
_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
HOW = "Type a day, a month or a span of time, like 15 Jan, 2023-01-15, january, 3 months or end of quarter."


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day to come, or a whole month, named by its first day."""

    day: date
    is_month: bool = False

    def __str__(self) -> str:
        """The day or the month as it would be typed."""
        return f"{self.day:%Y-%m}" if self.is_month else self.day.isoformat()


def as_ahead(text: str, as_of: date) -> Ahead | InvalidInput | None:
    """The day or month to come that the words name; InvalidInput for one out of range, None for other words.

    Without a year, it is the next such day or month, today and this month included. Days go as far ahead as the data
    can say what counts then: twelve months (how-tiers-work#gap-on-a-day).
    """
    words = plain(text).split()
    named = [word for word in words if word not in _FILLERS]
    if not named:
        return None
    try:
        found = _next_month(named, words, as_of) or _day(named, words, as_of) or _month(named, as_of)
    except (ValueError, OverflowError):
        return InvalidInput(f"“{text[:40]}” isn't a day. {HOW}")
    return None if found is None else _checked(found, as_of)


def _day(named: list[str], words: list[str], as_of: date) -> Ahead | None:
    rest = " ".join(named)
    if rest in ("today", "now"):
        return Ahead(as_of)
    found = full_day(rest) or _of_month(named, as_of) or _end_of(named, as_of) or _after(rest, words, as_of)
    return Ahead(found) if found else None


def _of_month(named: list[str], as_of: date) -> date | None:
    found = named_day(named)
    if found is None:
        return None
    year, month, day = found
    return date(year or as_of.year + ((month, day) < (as_of.month, as_of.day)), month, day)


def _month(named: list[str], as_of: date) -> Ahead | None:
    found = named_month(named)
    if found is None:
        return None
    year, month = found
    return Ahead(date(year or as_of.year + (month < as_of.month), month, 1), is_month=True)


def _next_month(named: list[str], words: list[str], as_of: date) -> Ahead | None:
    """ "next month" is the month after this one; "in a month" is a day."""
    is_next = named == ["month"] and "next" in words
    return Ahead(period_end(1, as_of) + timedelta(1), is_month=True) if is_next else None


def _end_of(named: list[str], as_of: date) -> date | None:
    """The last day of this month, quarter or year, or of a month that is named."""
    if named[0] != "end" or len(named) < 2:
        return None
    if len(named) == 2 and (months := _MONTHS_IN.get(named[1])):
        return period_end(months, as_of)
    month = _month(named[1:], as_of)
    return period_end(1, month.day) if month else None


def _after(rest: str, words: list[str], as_of: date) -> date | None:
    """The day that is a span of time after `as_of`; a unit alone means one of it in "next week" or "in a month"."""
    if rest == "tomorrow":
        return as_of + timedelta(1)
    if rest in _UNITS and ("next" in words or "a" in words):
        rest = f"1 {rest}"
    span = None if rest.isdigit() else as_span(rest)
    return None if span is None else as_of + span


def _checked(found: Ahead, as_of: date) -> Ahead | InvalidInput:
    last = last_day(as_of)
    choose = f"Choose a day from {formats.day(as_of)} to {formats.day(last)}. {HOW}"
    if (period_end(1, found.day) if found.is_month else found.day) < as_of:
        return InvalidInput(f"{_named(found)} is over. {choose}")
    if found.day > last:
        return InvalidInput(f"{_named(found)} is too far ahead: by then, all of today's sold points expire. {choose}")
    return found


def _named(found: Ahead) -> str:
    return formats.month(found.day) if found.is_month else formats.day(found.day)
