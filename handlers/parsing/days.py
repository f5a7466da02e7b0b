"""A day in the past as people type it: "30d", "3 months", "june", "2022-06", "2022-06-15", "last week"."""

import re
from calendar import month_name
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from handlers.parsing.words import as_span
from handlers.question import InvalidInput
from handlers.views.parts import formats
from tiercore.access import plain

MAX_YEARS = 3
MAX_WORDS = 5
_FILLERS = frozenset("since from in the of last past this".split())
_MONTHS = {name[:size].casefold(): at for at, name in enumerate(month_name) if at for size in (3, 4, len(name))}
_DAY = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})")
_MONTH = re.compile(r"(19\d\d|20\d\d)(?: (\d{1,2}))?")
_HOW = f"Type a day, a month or a span of up to {MAX_YEARS} years, like 2022-06-15, june, 2022-06 or 3 months."


def as_since(text: str, as_of: date) -> date | InvalidInput | None:
    """The day since which changes are asked for; InvalidInput for a day out of range, None for other words.

    A span of time ends on `as_of`. For a month or a year, it is the day before the first. A month without a year is the
    latest one that has begun.
    """
    words = plain(text).split()
    named = [word for word in words if word not in _FILLERS]
    rest = " ".join(named)
    try:
        day = _day(rest) or _eve(named, as_of) or _before(rest, as_of, implied=len(named) < len(words))
    except (ValueError, OverflowError):
        return InvalidInput(f"“{text[:40]}” isn't a day. {_HOW}")
    return None if day is None else _checked(day, as_of)


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    return date(*(int(part) for part in found.groups())) if found else None


def _eve(words: list[str], as_of: date) -> date | None:
    """The day before a month or a year begins."""
    if found := _MONTH.fullmatch(" ".join(words)):
        return date(int(found[1]), int(found[2] or 1), 1) - timedelta(1)
    month = _MONTHS.get(words[0]) if words else None
    if month is None or len(words) > 2:
        return None
    if len(words) == 2:
        return date(int(words[1]), month, 1) - timedelta(1) if _MONTH.fullmatch(words[1]) else None
    return date(as_of.year - (month > as_of.month), month, 1) - timedelta(1)


def _before(text: str, as_of: date, *, implied: bool) -> date | None:
    """The day that is a span of time before `as_of`; a unit alone means one of it in "last week", but not in "week"."""
    if text == "yesterday":
        return as_of - timedelta(1)
    span = as_span(f"1 {text}" if implied and text.isalpha() else text)
    return None if span is None else as_of - span


def _checked(day: date, as_of: date) -> date | InvalidInput:
    if day >= as_of:
        return InvalidInput(f"Choose a day before {formats.day(as_of)}. {_HOW}")
    if day < as_of - relativedelta(years=MAX_YEARS):
        too_early = f"{formats.day(day)} is more than {MAX_YEARS} years before {formats.day(as_of)}"
        return InvalidInput(f"{too_early}. {_HOW}")
    return day
