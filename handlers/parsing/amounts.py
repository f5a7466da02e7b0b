"""An amount as people type it: 225, 225 points, €5,000, 5000.50 EUR, US$5k, 5 000,50 EUR, 1.234,56 €."""

import re
from dataclasses import dataclass

from babel.numbers import is_currency

from handlers.question import InvalidInput
from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import MICRO

MAX_POINTS, MAX_MONEY = 10_000_000, 100_000_000_000
POINTS = "points"
DOLLAR = "$"
_UNITS = {
    **dict.fromkeys(("point", "points", "pt", "pts"), POINTS),
    **dict.fromkeys(("$", "dollar", "dollars"), DOLLAR),
    **dict.fromkeys(("us$", "usd"), "USD"),
    **dict.fromkeys(("€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "pound", "pounds"), "GBP"),
    **dict.fromkeys(("¥", "yen"), "JPY"),
    **dict.fromkeys(("a$", "au$"), "AUD"),
    **dict.fromkeys(("c$", "ca$"), "CAD"),
    **dict.fromkeys(("s$", "sg$"), "SGD"),
    "hk$": "HKD",
    "nz$": "NZD",
    "r$": "BRL",
}
_SCALES = {
    **dict.fromkeys(("k", "tsd", "thousand"), 1_000),
    **dict.fromkeys(("m", "mn", "mio", "mln", "million", "millions"), 1_000_000),
}
_ATTACHED = re.compile(r"([-−+]?)([^\d.,'’\-−+]*)([-−]?)(\d[\d.,'’]*)(k|mio|mln|mn|m)?([^\d.,'’]*)")
_PLAIN = re.compile(r"\d{1,15}(?:[.,]\d{1,2})?")
_GROUPED = re.compile(r"\d{1,3}(?:([,'’.])\d{3})(?:\1\d{3}){0,4}(?:(?!\1)[.,]\d{1,2})?")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2}){1,6},\d{3}(?:\.\d{1,2})?")
_AMBIGUOUS = re.compile(r"(\d{1,3})\.(\d{3})")
_SPACED = re.compile(r"(?<![\w.,'’])([-−+]?[^\w\s]{0,3}\d{1,3})((?: \d{3})+)(?!\d)")
_EXAMPLES = "like /convert 225 points or /convert €5,000."


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in hundredths, with the unit attached to it; `error` says why it can't be used."""

    hundredths: int
    unit: str | None
    error: InvalidInput | None = None


def as_unit(word: str) -> str | None:
    """ "points", "$" for a bare dollar, or an ISO 4217 code; None for other words."""
    folded = word.casefold()
    if folded in _UNITS:
        return _UNITS[folded]
    code = word.upper()
    return code if re.fullmatch("[A-Z]{3}", code) and is_currency(code) else None


def as_figure(word: str) -> Figure | None:
    """The number that the word is, with its unit; None for other words."""
    found = _ATTACHED.fullmatch(word.casefold())
    if found is None:
        return None
    minus, before, inner_minus, figure, scale, after = found.groups()
    unit = as_unit(before or after) if before or after else None
    if (before and after) or (unit is None and (before or after)):
        return None
    if minus in ("-", "−") or inner_minus:
        return Figure(0, unit, InvalidInput(f"The amount must be above zero, {_EXAMPLES}"))
    figure = figure.rstrip(".,'’")
    hundredths = _hundredths(figure)
    return (
        Figure(hundredths * _SCALES.get(scale, 1), unit)
        if hundredths is not None
        else Figure(0, unit, _unclear(figure))
    )


def as_scale(word: str) -> int | None:
    """The number that the word multiplies an amount by ("5 k", "2 million"); None for other words."""
    return _SCALES.get(word.casefold())


def without_spaces(text: str) -> str:
    """The text with digits that spaces group joined: "5 000,50 EUR" is "5000,50 EUR"."""
    return _SPACED.sub(lambda found: found[1] + found[2].replace(" ", ""), text)


def _hundredths(figure: str) -> int | None:
    """The number in hundredths; None for one that can't be read, or that two countries read differently.

    A separator with one or two digits after it is a decimal one, in any country.
    """
    known = _PLAIN.fullmatch(figure) or _GROUPED.fullmatch(figure) or _INDIAN.fullmatch(figure)
    if known is None or _AMBIGUOUS.fullmatch(figure):
        return None
    has_decimals = len(figure) > 2 and any(each in ".," for each in figure[-3:-1])
    digits = re.sub(r"\D", "", figure)
    decimals = len(re.split("[.,]", figure)[-1]) if has_decimals else 0
    return int(digits) * (100, 10, 1)[decimals]


def amount_of(figure: Figure, unit: str | None) -> int | Money | InvalidInput:
    """Micropoints, or money in the unit's currency (US$ for a bare dollar); InvalidInput for an amount out of range."""
    if figure.error:
        return figure.error
    limit = MAX_POINTS if unit in (None, POINTS) else MAX_MONEY
    if not 0 < figure.hundredths <= limit * 100:
        return InvalidInput(f"The amount must be from 0.01 to {limit:,}, {_EXAMPLES}")
    if unit in (None, POINTS):
        return figure.hundredths * (MICRO // 100)
    currency = "USD" if unit == DOLLAR else str(unit)
    minor, rest = divmod(figure.hundredths * 10 ** minor_digits(currency), 100)
    if rest:
        return InvalidInput(
            f"{currency} has no cents: type a whole number, like {figure.hundredths // 100 + 1} {currency}."
        )
    return Money(minor, currency)


def _unclear(figure: str) -> InvalidInput:
    if found := _AMBIGUOUS.fullmatch(figure):
        whole, part = f"{found[1]}{found[2]}", f"{found[1]}.{found[2][:2]}"
        return InvalidInput(f"“{figure}” could mean {int(whole):,} or {part}. Type {whole} or {part}.")
    return InvalidInput(f"“{figure[:40]}” isn't clear: type it like 5000, 5,000 or 5000.50.")
