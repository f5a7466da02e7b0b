"""From texts of theirs to ours, by what our column holds: countries by name, currencies, days, deal types, motions."""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from tiercore.facts.entries import DealType, Motion, Role
from tiercore.ingest.codes import countries, country_meant, currencies, currency_meant
from tiercore.ingest.day_forms import EPOCH_1904
from tiercore.ingest.files import Kind
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell

Convert = Callable[[str], str]
UNTRANSLATED = "unknown value"
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_SEVERAL_IDS = re.compile(r"[\w-]+(?:\s*;\s*[\w-]+)+;?")
_WORDS: dict[Kind, type[StrEnum]] = {Kind.DEAL_TYPE: DealType, Kind.MOTION: Motion, Kind.ROLE: Role}


class Untranslated(BadCell):
    """A text that the mapping doesn't translate, where our column has words of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(UNTRANSLATED, "isn't translated by the mapping", "add it to values")


def converter(kind: Kind, *, since_1904: bool = False) -> Convert | None:
    """What makes our text of a text of theirs, None if it stays as it is: the import reads days and amounts itself.

    It raises Untranslated for a text that means none of our words.
    """
    match kind:
        case Kind.COUNTRY:
            return country
        case Kind.CURRENCY:
            return currency
        case Kind.DATE if since_1904:
            return day_since_1904
        case Kind.DEAL_TYPE | Kind.MOTION | Kind.ROLE:
            return lambda text: word(text, _WORDS[kind])
        case Kind.TIER:
            return str.lower
        case _:
            return None


def words_of(kind: Kind) -> tuple[str, ...]:
    """Our words for a kind of value, if it has some."""
    return tuple(_WORDS[kind]) if kind in _WORDS else ()


def one_id(text: str) -> str:
    """The id of a cell that has one. Raises BadCell for several, "501;502", as HubSpot exports associations."""
    if _SEVERAL_IDS.fullmatch(text):
        remedy = "leave one in the cell, or map the column of the primary one"
        raise BadCell("several ids", "has several ids, and only one can be meant", remedy)
    return text


def country(text: str) -> str:
    """The code of a country given by code or by name, in any of several languages."""
    code = text.upper() if text.upper() in countries() else country_meant(text)
    if code:
        return code
    raise Untranslated(text)


def currency(text: str) -> str:
    """The code of a currency, whatever its capitals, or given by its English name or a sign of its own."""
    if text.upper() in currencies():
        return text.upper()
    if meant := currency_meant(text):
        return meant
    raise Untranslated(text)


def word(text: str, words: type[StrEnum]) -> str:
    """Our word, written in whatever capitals, with spaces or hyphens: "Net New"."""
    written = plain(text).replace(" ", "_").replace("-", "_")
    if written in {*words}:
        return written
    raise Untranslated(text)


def day_since_1904(text: str) -> str:
    """The day of a number that counts from 1904, as some workbooks do; any other text as it is."""
    if not (found := _SERIAL.fullmatch(text)):
        return text
    return (EPOCH_1904 + timedelta(days=int(found[1]))).isoformat()
