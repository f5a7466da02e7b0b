"""Parsing TOML values into the values of rules. Every parser raises Wrong, whose message says what to write."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import MICRO
from tiercore.program.mistakes import Wrong
from tiercore.program.parameter import Value
from tiercore.suggestions import did_you_mean

Parse = Callable[[object, str], Value]
_LARGEST = 10**15
_TIER = re.compile(r"[a-z][a-z0-9_]*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MONTH_DAY = re.compile(r"\d\d-\d\d")


def points(raw: object, name: str) -> int:
    """Points as micropoints; 645, 322.5 and "322.5" are all accepted."""
    return _scaled(raw, MICRO, "millionths of a point")


def dollars(raw: object, name: str) -> Money:
    """US dollars, to the cent."""
    return Money(_scaled(raw, 100, "cents"), "USD")


def amount(raw: object, name: str) -> Money:
    """An amount above zero of the currency `name`, in whole minor units."""
    minor = _scaled(raw, 10 ** minor_digits(name), f"minor units of {name}")
    if not minor:
        raise Wrong("zero can't stand for US$100", f"Write the amount of {name} that stands for US$100")
    if name == "USD" and minor != 100_00:
        raise Wrong("US$100 is US$100", "Leave currencies.USD out")
    return Money(minor, name)


def whole(lowest: int, highest: int) -> Parse:
    """A parser of whole numbers from `lowest` to `highest`, both included."""

    def parse(raw: object, name: str) -> int:
        if type(raw) is int and lowest <= raw <= highest:
            return raw
        if type(raw) is int and raw < 0:
            raise Wrong(f"{raw} is negative", f"Write a whole number from {lowest} to {highest}")
        raise Wrong(f"{shown(raw)} is not right here", f"Write a whole number from {lowest} to {highest}")

    return parse


def flag(raw: object, name: str) -> bool:
    """True or false."""
    if isinstance(raw, bool):
        return raw
    raise Wrong(f"{shown(raw)} is neither true nor false", "Write true or false, without quotes")


def text(raw: object, name: str) -> str:
    """A non-empty text."""
    if isinstance(raw, str) and raw.strip():
        return raw
    raise Wrong(f"{shown(raw)} is not a text", "Write a text in quotes")


def choice(*options: str) -> Parse:
    """A parser of one of the options."""

    def parse(raw: object, name: str) -> str:
        return _one_of(raw, options)

    return parse


def choices(*options: str) -> Parse:
    """A parser of a list of options, each at most once; it may be empty."""

    def parse(raw: object, name: str) -> tuple[str, ...]:
        return tuple(_one_of(word, options) for word in _listed(raw))

    return parse


def tiers(raw: object, name: str) -> tuple[str, ...]:
    """Names of tiers, ascending; at least one."""
    remedy = 'Write the tiers in ascending order, in small letters: ["gold", "platinum"]'
    names = _listed(raw)
    if names and all(_TIER.fullmatch(tier) and tier != "untiered" for tier in names):
        return names
    raise Wrong(f"{shown(raw)} is not a list of tiers", remedy)


def countries(raw: object, name: str) -> tuple[str, ...]:
    """Country codes (ISO 3166 alpha-2); the list may be empty."""
    for code in _listed(raw):
        if not _COUNTRY.fullmatch(code):
            raise Wrong(f"'{code}' is not a country code", 'Write ISO 3166 alpha-2 codes: ["IN", "BR"]')
    return _listed(raw)


def names(raw: object, name: str) -> tuple[str, ...]:
    """Names, none of them empty; at least one."""
    listed = tuple(word.strip() for word in _listed(raw))
    if listed and all(listed):
        return listed
    raise Wrong(f"{shown(raw)} is not a list of names", 'Write at least one name in quotes: ["Professional", "Pro"]')


def month_days(raw: object, name: str) -> tuple[str, ...]:
    """Days of the year as month-day, ascending; at least one, and not 29 February."""
    days = _listed(raw)
    if days and all(_is_month_day(day) for day in days):
        return tuple(sorted(days))
    raise Wrong(f"{shown(raw)} is not a list of days of the year", 'Write month-day: ["01-15", "07-15"]')


def a_day(raw: object, name: str) -> date:
    """A calendar day; 2021-01-17 and "2021-01-17" are both right."""
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise Wrong(f"{shown(raw)} is not a day", "Write year-month-day: 2021-01-17") from None


def tier(raw: object, name: str) -> str:
    """The name of one tier."""
    if isinstance(raw, str) and _TIER.fullmatch(raw) and raw != "untiered":
        return raw
    raise Wrong(f"{shown(raw)} is not the name of a tier", 'Write it in small letters and quotes: "gold"')


def shown(raw: object) -> str:
    """A raw value as written in its table, for printing and messages."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return ", ".join(shown(item) for item in raw) if isinstance(raw, list) else str(raw)


def written(raw: object) -> str:
    """A raw value as a table entry that can be copied from a message."""
    literal = f'"{raw}"' if isinstance(raw, str) else shown(raw)
    return f"{{ value = {literal if isinstance(raw, str | int | Decimal) else '…'} }}"


def _scaled(raw: object, scale: int, finest: str) -> int:
    """A non-negative number as an exact whole number of its smallest units."""
    number = _number(raw)
    if number < 0:
        raise Wrong(f"{shown(raw)} is negative", "Write a number from 0 up")
    if number > _LARGEST:
        raise Wrong(f"{shown(raw)} is too large", f"Write a number up to {_LARGEST:,}")
    numerator, denominator = number.as_integer_ratio()
    if numerator * scale % denominator:
        raise Wrong(f"{shown(raw)} is finer than {finest}", f"Round it to whole {finest}")
    return numerator * scale // denominator


def _number(raw: object) -> Decimal:
    if type(raw) is int or (isinstance(raw, str) and re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", raw, re.ASCII)):
        return Decimal(raw)
    # Outside these exponents a number is too large or too fine anyway, and costly to write out.
    if isinstance(raw, Decimal) and raw.is_finite() and -40 < raw.adjusted() < 40:
        return raw
    raise Wrong(f"{shown(raw)} is not a number", 'Write a plain number such as 270 or 62.50, or "not set"')


def _one_of(raw: object, options: tuple[str, ...]) -> str:
    if isinstance(raw, str) and raw in options:
        return raw
    raise Wrong(f"'{shown(raw)}' is not known here", f"{did_you_mean(shown(raw), options)}Known: {', '.join(options)}")


def _listed(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise Wrong(f"{shown(raw)} is not a list of texts", 'Write a list of texts in quotes: ["one", "two"]')
    twice = {item for item in raw if raw.count(item) > 1}
    if twice:
        raise Wrong(f"{', '.join(sorted(twice))} is listed twice", "List each once")
    return tuple(raw)


def _is_month_day(day: str) -> bool:
    try:
        return bool(_MONTH_DAY.fullmatch(day)) and date.fromisoformat(f"2001-{day}") is not None
    except ValueError:
        return False
