"""A day in the past as people say it: "30d", "3 months", "june", "2022-06", "2022-06-15", "last week"."""

import re
from calendar import month_name
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from handlers.parsing.words import as_span
from handlers.question import InvalidInput
from handlers.views.parts import formats
from tiercore.access import plain

MOST_YEARS = 3
MOST_WORDS = 5
_FILLERS = frozenset("since from in the of last past".split())
_MONTHS = {name[:size].casefold(): at for at, name in enumerate(month_name) if at for size in (3, 4, len(name))}
_DAY = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})")
_MONTH = re.compile(r"(19\d\d|20\d\d)(?: (\d{1,2}))?")
_REMEDY = f"Type a day, a month or a span of up to {MOST_YEARS} years, like 2022-06-15, june, 2022-06 or 3 months."


def as_since(text: str, as_of: date) -> date | InvalidInput | None:
    """The day before which nothing is asked for; InvalidInput for one that can't be asked for, None for other words.

    A span of time ends on `as_of`. A month, or a year, begins with its first day: its eve is the answer. A month
    without a year is the latest that had begun.
    """
    words = plain(text).split()
    draft = [word for word in words if word not in _FILLERS]
    said = " ".join(draft)
    try:
        day = _day(said) or _eve(draft, as_of) or _before(said, as_of, implied=len(draft) < len(words))
    except (ValueError, OverflowError):
        return InvalidInput(f"“{text[:40]}” isn't a day. {_REMEDY}")
    return None if day is None else _checked(day, as_of)


def _day(said: str) -> date | None:
    found = _DAY.fullmatch(said)
    return date(*(int(part) for part in found.groups())) if found else None


def _eve(draft: list[str], as_of: date) -> date | None:
    """The day before a month or a year begins."""
    if found := _MONTH.fullmatch(" ".join(draft)):
        return date(int(found[1]), int(found[2] or 1), 1) - timedelta(1)
    month = _MONTHS.get(draft[0]) if draft else None
    if month is None or len(draft) > 2:
        return None
    if len(draft) == 2:
        return date(int(draft[1]), month, 1) - timedelta(1) if _MONTH.fullmatch(draft[1]) else None
    return date(as_of.year - (month > as_of.month), month, 1) - timedelta(1)


def _before(said: str, as_of: date, *, implied: bool) -> date | None:
    """The day a span of time before `as_of`; a unit alone is one of it in "last week", and not in "week"."""
    if said == "yesterday":
        return as_of - timedelta(1)
    span = as_span(f"1 {said}" if implied and said.isalpha() else said)
    return None if span is None else as_of - span


def _checked(day: date, as_of: date) -> date | InvalidInput:
    if day >= as_of:
        return InvalidInput(f"Choose a day before {formats.day(as_of)}. {_REMEDY}")
    if day < as_of - relativedelta(years=MOST_YEARS):
        early = f"{formats.day(day)} is more than {MOST_YEARS} years before {formats.day(as_of)}"
        return InvalidInput(f"{early}. {_REMEDY}")
    return day
