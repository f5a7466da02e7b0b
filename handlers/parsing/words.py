"""Command text, parsed leniently: any case, accents, plurals, quotes, `30d`, `3 months`."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from handlers.question import InvalidInput
from tiercore.access import plain

MAX_TEXT = 500  # characters of a question that are read; two names have at most 200 each
MAX_WORDS = 60
LIMITS = f"Use fewer than {MAX_WORDS} words and at most {MAX_TEXT} characters."
BEYOND_CALENDARS = 999_999
_DIGITS_OF_PAGE = 6
_QUOTED = re.compile(r'"([^"]*)"|“([^”“]*)”|„([^“”]*)[“”]|«([^»]*)»|(\S+)')
_SPAN = re.compile(r"(\d{1,6})\s*([a-z]*)")
_SPAN_UNITS = {
    **dict.fromkeys(("", "d", "day", "days"), "days"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "weeks"),
    **dict.fromkeys(("m", "mo", "month", "months"), "months"),
    **dict.fromkeys(("y", "yr", "year", "years"), "years"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command, or several in quotes."""

    text: str
    quoted: bool = False


def clean(text: str) -> str:
    """The text in NFC, without control and format characters, cut to MAX_TEXT characters before anything else."""
    composed = unicodedata.normalize("NFC", text[:MAX_TEXT])
    spaced = (" " if each.isspace() else each for each in composed)
    return "".join(each for each in spaced if unicodedata.category(each)[0] != "C").strip()[:MAX_TEXT]


def words_of(text: str) -> list[Word]:
    """The words of a command's text, MAX_WORDS at most; text in quotes is one word."""
    return list(_words(text[:MAX_TEXT]))


@lru_cache(maxsize=1_024)
def _words(text: str) -> tuple[Word, ...]:
    """The words of a text, kept: a command's is read again and again on its way to an answer."""
    words = list[Word]()
    for found in _QUOTED.finditer(clean(text)):
        quoted = next((group for group in found.groups()[:4] if group is not None), None)
        word = Word(found.group() if quoted is None else quoted.strip(), quoted is not None)
        if word.text:
            words.append(word)
        if len(words) == MAX_WORDS:
            break
    return tuple(words)


def is_short(text: str) -> bool:
    """Whether the whole text is read; a longer one is cut."""
    return len(text) <= MAX_TEXT and len(words_of(text)) < MAX_WORDS


def require_short(text: str) -> None:
    """Raises InvalidInput for a text that is cut before it is read."""
    if not is_short(text):
        raise InvalidInput(f"That's too long for a question. {LIMITS}")


def joined(words: Sequence[Word]) -> str | None:
    """The words as one name, None where there are none."""
    return " ".join(word.text for word in words) or None


def as_tier(word: Word, tiers: Collection[str]) -> str | None:
    """The tier that the word names, in any case, with accents or in the plural; None for anything else."""
    folded = plain(word.text)
    for tier in tiers:
        name = plain(tier)
        if folded in (name, f"{name}s", f"{name} tier"):
            return tier
    return None


def as_span(text: str) -> relativedelta | None:
    """A span of time ("30", "30d", "3 months"), without its sign; None for anything else."""
    found = _SPAN.fullmatch(plain(text))
    if not found or found[2] not in _SPAN_UNITS:
        return None
    return relativedelta(**{_SPAN_UNITS[found[2]]: int(found[1])})  # type: ignore[arg-type]


def as_days(text: str, as_of: date) -> int | None:
    """The length of a span of time in days from `as_of`, 999,999 beyond the calendar; None for anything else."""
    span = as_span(text)
    if span is None:
        return None
    sign = -1 if text.lstrip().startswith(("-", "−")) else 1
    try:
        return sign * (as_of + span - as_of).days
    except (OverflowError, ValueError):
        return sign * BEYOND_CALENDARS


def as_page(words: Sequence[Word]) -> tuple[int | None, int]:
    """The page that the first two words name ("page 2"), else None, and how many words that took: 2 or 0."""
    if len(words) < 2 or words[0].quoted or plain(words[0].text) != "page":
        return None, 0
    number = words[1].text
    is_page = number.isascii() and number.isdigit() and len(number) <= _DIGITS_OF_PAGE and int(number) > 0
    return (int(number), 2) if is_page else (None, 0)
