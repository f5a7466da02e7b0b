"""Parsing cells into values. Every parser raises BadCell, which says what to write instead."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from tiercore.facts.entries import DealType, Motion, Role
from tiercore.ingest.amounts import check_amount
from tiercore.ingest.codes import (
    countries,
    country_meant,
    country_named,
    currencies,
    currency_meant,
    former_currencies,
)
from tiercore.ingest.csv_rows import NOT_UTF8
from tiercore.ingest.day_forms import Reading
from tiercore.ingest.days import Days
from tiercore.ingest.files import Kind
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell
from tiercore.program import UNTIERED
from tiercore.suggestions import did_you_mean

Parse = Callable[[str], Any]
Word = TypeVar("Word", bound=StrEnum)

MAX_ID_LENGTH, MAX_TEXT_LENGTH, MAX_TOOLS = 100, 200, 1000
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(?:\.[^\s@<>,;:\"()\[\]\\.]+)+")
_COUNT = re.compile(r"\d{1,4}", re.ASCII)
_CONTROL = {"Cc", "Cs", "Zl", "Zp"}
# These change the direction of text: what people see would not be what is stored.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def parsers(tiers: Sequence[str], days: Days, decimal: DecimalMark | None = None) -> dict[Kind, Parse]:
    """The parser of each kind of cell; those of countries, days and months give a Reading.

    An amount is only checked; it becomes Money together with its currency.
    """
    known_tiers = (*(tier.lower() for tier in tiers), UNTIERED)
    return {
        Kind.ID: parse_id,
        Kind.LABEL: parse_label,
        Kind.NAME: parse_name,
        Kind.EMAIL: parse_email,
        Kind.COUNTRY: read_country,
        Kind.AMOUNT: lambda text: check_amount(text, decimal),
        Kind.CURRENCY: parse_currency,
        Kind.DATE: days.read_date,
        Kind.MONTH: days.read_month,
        Kind.COUNT: parse_count,
        Kind.PERCENT: parse_percent,
        Kind.DEAL_TYPE: lambda text: parse_word(text, DealType, "deal type"),
        Kind.MOTION: lambda text: parse_word(text, Motion, "motion"),
        Kind.ROLE: lambda text: parse_word(text, Role, "role"),
        Kind.TIER: lambda text: parse_tier(text, known_tiers),
    }


def clean(text: str) -> str:
    """The text, stripped and in Unicode's composed form (NFC). Raises BadCell for text that can't be read."""
    if text.isascii() and text.isprintable():
        return str(text.strip())
    if NOT_UTF8.search(text):
        raise BadCell("not UTF-8", "is not UTF-8", "save the file as UTF-8")
    for character in text:
        if unicodedata.category(character) in _CONTROL:
            raise _has_character("control character", character)
        if character in _BIDIRECTIONAL:
            raise _has_character("invisible character", character)
    return unicodedata.normalize("NFC", text).strip()


def parse_id(text: str) -> str:
    """An ID: visible characters, at most MAX_ID_LENGTH."""
    return _visible(_short(text, MAX_ID_LENGTH))


def parse_label(text: str) -> str:
    """A label such as a product line: visible characters, at most MAX_TEXT_LENGTH."""
    return _visible(_short(text, MAX_TEXT_LENGTH))


def parse_name(text: str) -> str:
    """A name of at most MAX_TEXT_LENGTH characters."""
    return _short(text, MAX_TEXT_LENGTH)


def parse_email(text: str) -> str:
    """An e-mail address, in lower case."""
    address = unicodedata.normalize("NFC", _visible(text).lower())
    if not _EMAIL.fullmatch(address):
        raise BadCell("bad e-mail", "is not an e-mail address", "write one address, such as ana@example.com")
    return _short(address, MAX_TEXT_LENGTH)


def parse_country(text: str) -> str:
    """A country code (ISO 3166 alpha-2), from all that `read_country` reads."""
    return str(read_country(text).value)


def read_country(text: str) -> Reading:
    """A country by its code (ISO 3166 alpha-2), in whatever capitals, or by its name in any of several languages."""
    if text in countries():
        return Reading(text)
    if code := text.upper() if text.upper() in countries() else country_named(text):
        return Reading(code, "a country's name, or its code in lower case")
    meant = country_meant(text)
    remedy = f"Did you mean {meant}?" if meant else "write two capital letters, such as DE for Germany"
    raise BadCell("unknown country", "isn't an ISO 3166 country code", remedy)


def parse_currency(text: str) -> str:
    """A currency in use today (ISO 4217)."""
    if text in currencies():
        return text
    if text.upper() in currencies():
        raise BadCell("unknown currency", "is not in capital letters", f"Did you mean {text.upper()}?")
    if text.upper() in former_currencies():
        ended = former_currencies()[text.upper()]
        raise BadCell("unknown currency", f"has been out of use since {ended}", "use the currency that replaced it")
    meant = currency_meant(text)
    remedy = f"Did you mean {meant}?" if meant else "write three capital letters, such as EUR or USD"
    raise BadCell("unknown currency", "isn't an ISO 4217 currency", remedy)


def parse_count(text: str) -> int:
    """A number of tools, from 0 to MAX_TOOLS."""
    if not _COUNT.fullmatch(text) or int(text) > MAX_TOOLS:
        raise BadCell(
            "bad number", "is not a number of tools", f"write a whole number from 0 to {MAX_TOOLS}, such as 3"
        )
    return int(text)


def parse_percent(text: str) -> int:
    """Whole percent, from 0 to 100, with or without the sign."""
    number = text.removesuffix("%").rstrip()
    if not _COUNT.fullmatch(number) or int(number) > 100:
        raise BadCell(
            "bad percentage", "is not a percentage", "write a whole number from 0 to 100, such as 60, or leave it empty"
        )
    return int(number)


def parse_word(text: str, words: type[Word], called: str) -> Word:
    """The member of the enumeration, ignoring case."""
    try:
        return words(text.lower())
    except ValueError:
        raise BadCell(f"unknown {called}", f"is not a {called}", _use_one(text, [*words])) from None


def parse_tier(text: str, tiers: Sequence[str]) -> str:
    """One of the tiers, ignoring case."""
    tier = text.lower()
    if tier not in tiers:
        raise BadCell("unknown tier", "is not a tier", _use_one(text, tiers))
    return tier


def _use_one(text: str, words: Sequence[str]) -> str:
    """The remedy for an unknown word: "Did you mean sourced? Use sourced or assisted."."""
    return f"{did_you_mean(text, words)}Use {', '.join(words[:-1])} or {words[-1]}."


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadCell("too long", f"has {len(text):,} characters", f"give at most {longest}")
    return text


def _visible(text: str) -> str:
    """The text, which must have no invisible characters because it is compared with others."""
    if not text.isascii():
        for character in text:
            if unicodedata.category(character) == "Cf":
                raise _has_character("invisible character", character)
    return text


def _has_character(kind: str, character: str) -> BadCell:
    return BadCell(kind, f"has a character that can't be seen ({ascii(character)[1:-1]})", "remove the character")
