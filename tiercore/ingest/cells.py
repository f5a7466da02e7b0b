"""One cell at a time: text in, value out, or a Wrong that says what would be right. No float ever holds money."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from tiercore.money import Money, minor_digits

FIRST_DAY = date(2000, 1, 1)
YEARS_AHEAD = 10
LONGEST_NAME, LONGEST_ID = 200, 100
MOST_TOOLS = 1_000
_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,4}))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+")
_NOT_ISO = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ".split())
_COUNTRIES = frozenset(code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code)) - _NOT_ISO
_CURRENCIES = frozenset(
    currency
    for of_territory in get_global("territory_currencies").values()
    for currency, _, until, is_tender in of_territory
    if until is None and is_tender
)


class Wrong(ValueError):
    """A cell that can't be taken: a short kind to count by, what is wrong, and what would be right."""

    def __init__(self, kind: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.kind, self.message, self.remedy = kind, message, remedy


Parser = Callable[[str], Any]


def tidy(text: str) -> str:
    """The text composed (NFC) and stripped. Raises Wrong for control characters and lone surrogates."""
    if text.isascii() and text.isprintable():
        return text.strip()
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in text):
        raise Wrong("control character", "has a control character", "remove it")
    return unicodedata.normalize("NFC", text).strip()


def name(text: str) -> str:
    """A name of at most 200 characters."""
    return _at_most(text, LONGEST_NAME)


def identifier(text: str) -> str:
    """An id of at most 100 characters."""
    return _at_most(text, LONGEST_ID)


def _at_most(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Wrong("too long", f"has {len(text)} characters", f"use at most {longest}")
    return text


def day_within(last: date) -> Parser:
    """A parser of days from 2000-01-01 to `last`; the same text is parsed once."""

    def day(text: str) -> date:
        if not _DAY.fullmatch(text):
            raise Wrong("bad date", "is no date", "write it as YYYY-MM-DD, like 2022-09-05")
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise Wrong("bad date", "is no day of the calendar", "write a real day as YYYY-MM-DD") from None
        return _within(found, last)

    return _remembering(day)


def month_within(last: date) -> Parser:
    """A parser of months, as their first day."""

    def month(text: str) -> date:
        if not _MONTH.fullmatch(text) or not "01" <= text[5:] <= "12":
            raise Wrong("bad month", "is no month", "write it as YYYY-MM, like 2022-09")
        return _within(date(int(text[:4]) or 1, int(text[5:]), 1), last)

    return _remembering(month)


def _within(found: date, last: date) -> date:
    if found > last:
        raise Wrong("far future", "is in the far future", f"use a day up to {last}")
    if found < FIRST_DAY:
        raise Wrong("far past", "is in the far past", f"use a day from {FIRST_DAY}")
    return found


def amount(text: str) -> str:
    """An amount as written, known to be `1234` or `1234.56`; `money` makes minor units of it."""
    if _AMOUNT.fullmatch(text):
        return text
    if text.startswith("-") and _AMOUNT.fullmatch(text[1:]):
        raise Wrong("negative amount", "is negative", "an amount of MRR is 0 or more; a cancellation is 0")
    raise Wrong("bad amount", "is no amount", f"write it as {_as_amount(text)}, without separators or currency sign")


def _as_amount(text: str) -> str:
    """What a mistyped amount probably means, "1234.56" where it can't be told."""
    bare = re.sub(r"[^\d.,]", "", text, flags=re.ASCII)
    whole, _, part = bare.replace(",", ".").rpartition(".")
    digits = whole.replace(".", "")
    if re.fullmatch(r"\d{1,12}", digits, re.ASCII):
        return f"{digits}.{part}" if 1 <= len(part) <= 2 else f"{digits}{part}"
    return "1234.56"


def money(text: str, currency: str) -> Money:
    """The amount in whole minor units. Raises Wrong for more decimals than the currency has."""
    whole, _, part = text.partition(".")
    digits = minor_digits(currency)
    if part[digits:].strip("0"):
        raise Wrong("bad amount", f"has more decimals than {currency}", f"write at most {digits}")
    return Money(int(whole + part[:digits].ljust(digits, "0")), currency)


def currency(text: str) -> str:
    """An ISO 4217 currency in use."""
    if text in _CURRENCIES:
        return text
    upper = " in capitals" if text.upper() in _CURRENCIES else ""
    raise Wrong("unknown currency", "is no currency", f"use an ISO 4217 code{upper}, like USD or EUR")


def country(text: str) -> str:
    """An ISO 3166 alpha-2 country."""
    if text in _COUNTRIES:
        return text
    upper = " in capitals" if text.upper() in _COUNTRIES else ""
    raise Wrong("unknown country", "is no country", f"use an ISO 3166 two-letter code{upper}, like US or GB")


def email(text: str) -> str:
    """An e-mail address in lower case."""
    if len(text) > LONGEST_NAME or not _EMAIL.fullmatch(text):
        raise Wrong("bad e-mail", "is no e-mail address", "write it as name@example.com")
    return text.lower()


def tools(text: str) -> int:
    """A number of tools, 0 to 1,000."""
    if re.fullmatch(r"\d{1,4}", text, re.ASCII) and int(text) <= MOST_TOOLS:
        return int(text)
    raise Wrong("bad number", "is no number of tools", f"write a whole number from 0 to {MOST_TOOLS}")


def word_of(words: type[StrEnum] | Collection[str], kind: str) -> Parser:
    """A parser of one of a few words, in any case."""
    by_word: dict[str, Any] = {str(word): word for word in words}

    def word(text: str) -> Any:
        found = by_word.get(text.lower())
        if found is None:
            raise Wrong(f"unknown {kind}", f"is no {kind}", did_you_mean(text.lower(), by_word))
        return found

    return _remembering(word)


def did_you_mean(text: str, choices: Iterable[str]) -> str:
    """ "did you mean X? one of …" for a mistyped word."""
    ordered = sorted(choices)
    close = process.extractOne(text, ordered, scorer=fuzz.ratio, score_cutoff=60)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}one of {', '.join(ordered)}"


def _remembering(parse: Parser) -> Parser:
    """The parser with a memory of what it parsed well: files repeat the same few days and words."""
    memory: dict[str, Any] = {}

    def remembered(text: str) -> Any:
        found = memory.get(text)
        if found is None:
            found = memory[text] = parse(text)
        return found

    return remembered
