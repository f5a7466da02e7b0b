"""A day in the past as people type it: "30d", "3 months", "june", "2022-06", "2022-06-15", "15 Jun", "last week"."""

import re
from calendar import month_name
from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from handlers.parsing.words import Word, as_span
from handlers.question import InvalidInput
from handlers.views.parts import formats
from tiercore.access import plain

MAX_YEARS = 3
MAX_WORDS = 5
_FILLERS = frozenset("since from in the of last past this".split())
_MONTHS = {name[:size].casefold(): at for at, name in enumerate(month_name) if at for size in (3, 4, len(name))}
_DAY = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})")
_MONTH = re.compile(r"(19\d\d|20\d\d)(?: (\d{1,2}))?")
_YEAR = re.compile(r"19\d\d|20\d\d")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_KNOWN = frozenset(("known", "knew"))
_BEFORE_KNOWN = frozenset("as we it was what".split())
_AFTER_KNOWN = frozenset("it on at by".split())
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
        day = (
            full_day(rest)
            or _of_month(named, as_of)
            or _eve(named, as_of)
            or _before(rest, as_of, implied=len(named) < len(words))
        )
    except (ValueError, OverflowError):
        return InvalidInput(f"“{text[:40]}” isn't a day. {_HOW}")
    return None if day is None else _checked(day, as_of)


def as_known(words: Sequence[Word], as_of: date) -> tuple[date | InvalidInput, list[Word]] | None:
    """The day in "as known on 10 Jun" or "as we knew it on 10 Jun", and the other words; None without such words.

    InvalidInput where the words that follow are no day before `as_of`.
    """
    at = next((index for index, word in enumerate(words) if not word.quoted and plain(word.text) in _KNOWN), None)
    if at is None:
        return None
    start, end = at, at + 1
    while start and not words[start - 1].quoted and plain(words[start - 1].text) in _BEFORE_KNOWN:
        start -= 1
    while end < len(words) and not words[end].quoted and plain(words[end].text) in _AFTER_KNOWN:
        end += 1
    for size in range(min(MAX_WORDS, len(words) - end), 0, -1):
        text = " ".join(word.text for word in words[end : end + size])
        if (day := as_since(text, as_of)) is not None and not any(word.quoted for word in words[end : end + size]):
            return day, [*words[:start], *words[end + size :]]
    return InvalidInput(f"Say which day it was known on. {_HOW}"), [*words[:start], *words[end:]]


def _of_month(words: list[str], as_of: date) -> date | None:
    """A day with the month's name: "15 Jun", "june 15th", "15 jun 2022"; without a year, the latest one up to now."""
    found = named_day(words)
    if found is None:
        return None
    year, month, day = found
    return date(year or as_of.year - ((month, day) > (as_of.month, as_of.day)), month, day)


def named_day(words: Sequence[str]) -> tuple[int | None, int, int] | None:
    """Year (None if there is none), month and day of "15 jun", "june 15th", "15 jun 2022"; None for other words."""
    numbers = [(at, found) for at, word in enumerate(words[:2]) if (found := _ORDINAL.fullmatch(word))]
    if not 2 <= len(words) <= 3 or len(numbers) != 1:
        return None
    at, number = numbers[0]
    month = _MONTHS.get(words[1 - at])
    year = _YEAR.fullmatch(words[2]) if len(words) == 3 else None
    if month is None or (len(words) == 3 and year is None):
        return None
    return int(year[0]) if year else None, month, int(number[1])


def named_month(words: Sequence[str]) -> tuple[int | None, int] | None:
    """Year (None if there is none) and month of "june", "jun 2022", "2022-06"; None for other words."""
    if found := _MONTH.fullmatch(" ".join(words)):
        return (int(found[1]), int(found[2])) if found[2] else None
    month = _MONTHS.get(words[0]) if words else None
    if month is None or len(words) > 2:
        return None
    year = _YEAR.fullmatch(words[1]) if len(words) == 2 else None
    return None if len(words) == 2 and year is None else (int(year[0]) if year else None, month)


def full_day(text: str) -> date | None:
    """The day of "2022 6 15"; None for other words. Raises ValueError for a day that isn't in the calendar."""
    found = _DAY.fullmatch(text)
    return date(*(int(part) for part in found.groups())) if found else None


def _eve(words: list[str], as_of: date) -> date | None:
    """The day before a month or a year begins."""
    if found := _MONTH.fullmatch(" ".join(words)):
        return date(int(found[1]), int(found[2] or 1), 1) - timedelta(1)
    named = named_month(words)
    if named is None:
        return None
    year, month = named
    return date(year or as_of.year - (month > as_of.month), month, 1) - timedelta(1)


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
