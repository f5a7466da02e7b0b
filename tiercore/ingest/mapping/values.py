"""From texts of theirs to ours, by what our column holds: countries by name, currencies, days, deal types, motions."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache

from babel import Locale

from tiercore.facts.entries import DealType, Motion, Role
from tiercore.ingest.codes import countries, country_meant, currencies
from tiercore.ingest.files import Kind
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell

Convert = Callable[[str], str]
UNTRANSLATED = "unknown value"
_LANGUAGES = ("de", "es", "fr", "pt", "it", "nl", "ja")
_CLOCK = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*", re.ASCII | re.DOTALL)
_EPOCH_MS = re.compile(r"\d{12,13}", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})(?:[ T]\d{1,2}:\d{2}.*)?", re.ASCII | re.DOTALL)
_WORDS: dict[Kind, type[StrEnum]] = {Kind.DEAL_TYPE: DealType, Kind.MOTION: Motion, Kind.ROLE: Role}


class Untranslated(BadCell):
    """A text that the mapping doesn't translate, where our column has words of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(UNTRANSLATED, "isn't translated by the mapping", "add it to values")


def converter(kind: Kind, dates: str) -> Convert | None:
    """What makes our text of a text of theirs, None if it stays as it is; `dates` is the mapping's order of days.

    It raises Untranslated for a text that means none of our words.
    """
    match kind:
        case Kind.COUNTRY:
            return country
        case Kind.CURRENCY:
            return currency
        case Kind.DATE:
            return lambda text: day(text, dates)
        case Kind.MONTH:
            return lambda text: month(text, dates)
        case Kind.DEAL_TYPE | Kind.MOTION | Kind.ROLE:
            return lambda text: word(text, _WORDS[kind])
        case Kind.TIER:
            return str.lower
        case _:
            return None


def words_of(kind: Kind) -> tuple[str, ...]:
    """Our words for a kind of value, if it has some."""
    return tuple(_WORDS[kind]) if kind in _WORDS else ()


def country(text: str) -> str:
    """The code of a country given by code or by name, in any of several languages."""
    code = text.upper() if text.upper() in countries() else country_meant(text)
    if code := code or _names_of_countries().get(plain(text)):
        return code
    raise Untranslated(text)


def currency(text: str) -> str:
    """The code of a currency, whatever its capitals."""
    if text.upper() in currencies():
        return text.upper()
    raise Untranslated(text)


def word(text: str, words: type[StrEnum]) -> str:
    """Our word, written in whatever capitals, with spaces or hyphens: "Net New"."""
    written = plain(text).replace(" ", "_").replace("-", "_")
    if written in {*words}:
        return written
    raise Untranslated(text)


def day(text: str, dates: str) -> str:
    """The day as 2026-01-31 if it is written with a time of day, as milliseconds, or in the mapping's order.

    Any other text stays as it is: the import says what is wrong with it.
    """
    if found := _CLOCK.fullmatch(text):
        return found[1]
    if _EPOCH_MS.fullmatch(text):
        return datetime.fromtimestamp(int(text) // 1000, UTC).date().isoformat()
    if dates and (found := _YEAR_LAST.fullmatch(text)):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        of_month, month_ = (first, second) if dates == "day-first" else (second, first)
        try:
            return date(year, month_, of_month).isoformat()
        except ValueError:
            raise BadCell("bad date", f"is not a day, read {dates}", "correct it, or dates in the mapping") from None
    return text


def month(text: str, dates: str) -> str:
    """The month of a day, or the text as it is."""
    found = day(text, dates)
    return found[:7] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found) else text


@cache
def _names_of_countries() -> dict[str, str]:
    """Names of countries in several languages; a name that stands for two is left out."""
    codes: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in countries():
                codes.setdefault(plain(name), set()).add(code)
    return {name: code for name, (code, *more) in codes.items() if not more}
