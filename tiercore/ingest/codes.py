"""Country codes (ISO 3166 alpha-2) and the currency codes (ISO 4217) of legal tender and units of account."""

import unicodedata
from datetime import date
from functools import cache

from babel import Locale
from babel.core import get_global

from tiercore.ingest.currency_signs import SIGNS

# Codes that CLDR has but ISO 3166 doesn't assign to a country. XK (Kosovo) is in general use and stays.
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
_NOT_ISO_4217 = frozenset({"CNH"})
_LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "ja")
_MISTAKEN = {"UK": "GB", "EL": "GR", "EN": "GB"}


@cache
def countries() -> dict[str, str]:
    """Each country's code and English name."""
    names = Locale("en").territories
    return {
        code: names[code] for code in sorted(names) if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }


@cache
def currencies() -> frozenset[str]:
    """The currencies in use today, excluding metals and test codes."""
    current = {code: tender for code, ended, tender in _ever_used() if ended is None}
    return frozenset(code for code, tender in current.items() if tender or code[0] != "X") - _NOT_ISO_4217


def meant_by(sign: str) -> frozenset[str]:
    """The currencies that a sign or a code may stand for."""
    return SIGNS.get(sign) or frozenset({sign.upper()} & currencies())


@cache
def former_currencies() -> dict[str, date]:
    """The currencies no longer in use, each with the last day it was in use anywhere."""
    ends: dict[str, date] = {}
    for code, ended, _ in _ever_used():
        if ended is not None and code not in currencies():
            ends[code] = max(ended, ends.get(code, ended))
    return ends


def country_named(text: str) -> str | None:
    """The code of a country given by its name in any of several languages; None for a name that stands for two."""
    return _country_names().get(_plain(text))


def country_meant(text: str) -> str | None:
    """The code of a country given as a name or a common wrong code: "Germany", "uk"."""
    return _MISTAKEN.get(text.upper()) or country_named(text)


@cache
def _country_names() -> dict[str, str]:
    codes: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in countries():
                codes.setdefault(_plain(name), set()).add(code)
    return {name: code for name, (code, *more) in codes.items() if not more}


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def currency_meant(text: str) -> str | None:
    """The currency of a name or a sign that stands for one only: "US Dollar", "euros", "€"."""
    signed = SIGNS.get(text, frozenset())
    return next(iter(signed)) if len(signed) == 1 else _currency_names().get(_bare(text))


@cache
def _currency_names() -> dict[str, str]:
    names = Locale("en").currencies
    return {_bare(names[code]): code for code in currencies() if code in names}


def _bare(name: str) -> str:
    """A currency's name without what people write differently: "U.S. dollars" is us dollar."""
    return name.casefold().replace(".", "").strip().removesuffix("s")


def _ever_used() -> list[tuple[str, date | None, bool]]:
    """Every use of a currency in a territory: its code, its last day (None: in use), whether it is legal tender."""
    uses = (use for territory in get_global("territory_currencies").values() for use in territory)
    return [(code, date(*ended) if ended else None, tender) for code, _, ended, tender in uses]
