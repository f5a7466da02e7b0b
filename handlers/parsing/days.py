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
            _day(rest)
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
    numbers = [(at, found) for at, word in enumerate(words[:2]) if (found := _ORDINAL.fullmatch(word))]
    if not 2 <= len(words) <= 3 or len(numbers) != 1:
        return None
    at, number = numbers[0]
    month = _MONTHS.get(words[1 - at])
    if month is None:
        return None
    if len(words) == 3:
        return date(int(words[2]), month, int(number[1])) if _MONTH.fullmatch(words[2]) else None
    day = int(number[1])
    year = as_of.year - ((month, day) > (as_of.month, as_of.day))
    return date(year, month, day)


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
