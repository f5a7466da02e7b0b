"""How names, points, money and days are written for people. Names from data are never live (slack#text)."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from babel.numbers import get_currency_symbol

from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import hundredths

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_JOINER = "\u2060"
_LIVE = re.compile(r"[*_~`@#|\\]|(?<=\w)[.:](?=\S)")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@lru_cache(maxsize=16_384)
def name(text: str, limit: int = 80) -> str:
    """A name from data on one line: no control or format characters, at most `limit` long."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    kept = "".join(each for each in kept if unicodedata.category(each) not in ("Cf", "Cs", "Co", "Cn"))
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


@lru_cache(maxsize=16_384)
def quiet(text: str) -> str:
    """A name for the one place that Slack parses, a message's `text`: no mention, link or formatting comes alive."""
    inert = _LIVE.sub(lambda found: found.group() + _JOINER, name(text))
    return inert.translate(_ESCAPES)


def points(micropoints: int) -> str:
    """Points as shown: "1,234.50"."""
    whole, part = divmod(hundredths(abs(micropoints)), 100)
    return f"{'-' if micropoints < 0 else ''}{whole:,}.{part:02d}"


def signed(micropoints: int) -> str:
    """Points gained or lost: "+45.00", "−12.00", "±0.00"."""
    sign = ("+" if micropoints > 0 else "−") if hundredths(abs(micropoints)) else "±"
    return sign + points(abs(micropoints))


def money(amount: Money) -> str:
    """An amount with its currency's sign: "US$7,500.00", "¥12,000"."""
    digits = minor_digits(amount.currency)
    whole, part = divmod(abs(amount.minor), 10**digits)
    sign = "-" if amount.minor < 0 else ""
    decimals = f".{part:0{digits}d}" if digits else ""
    return f"{sign}{_symbol(amount.currency)}{whole:,}{decimals}"


@lru_cache(maxsize=256)
def _symbol(currency: str) -> str:
    if currency == "USD":
        return "US$"
    symbol = get_currency_symbol(currency, locale="en")
    return f"{symbol} " if symbol[-1].isalpha() else symbol


def day(when: date) -> str:
    """A day: "5 Sep 2022"."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """A month: "Sep 2022"."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def tier(tier_name: str | None) -> str:
    """A tier's name, "no tier" for None."""
    return tier_name.capitalize() if tier_name else "no tier"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: "1 sale", "2,000 sales"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def bar(have: int, need: int, width: int = 20) -> str:
    """A progress bar of whole blocks: full only when `need` is reached."""
    share = 1.0 if need <= 0 else min(1.0, have / need)
    filled = int(share * width)
    return "█" * filled + "░" * (width - filled)


def percent(have: int, need: int) -> str:
    """How much of `need` there is, rounded down so that 100 % is only said when it is reached."""
    return f"{have * 100 // need if need > 0 else 100} %"
