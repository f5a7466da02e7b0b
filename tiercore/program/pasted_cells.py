"""The cells of a pasted tier table: points, percentages and amounts as people write them, exactly and never guessed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tiercore.facts.money import Money, minor_digits
from tiercore.program.pasted_words import plain

Thousands = Literal[",", "."]
NOT_SET = "not set"
_MOST_DIGITS, _MOST_DECIMALS = 9, 6
_DASHES = frozenset(
    "– — - ‐ ‑ ‒ ― − n/a na none keine keiner ninguno ninguna aucun aucune nenhum nenhuma なし ー".split()
)
_MARKS = "*†‡§¹²³⁰⁴⁵⁶⁷⁸⁹ "  # of footnotes
_BRACKETS = re.compile(r"^(?P<outside>.*?)\s*[(\[（［](?P<inside>[^()\[\]（）［］]*)[)\]）］]\s*$", re.DOTALL)
_AT_LEAST = re.compile(
    r"^(≥|>=|=>|⩾|at least|mindestens|minimum|mind\.?|min\.?|from|ab|al menos|desde|au moins|des|pelo menos|"
    r"a partir de|最低)\s*"
)
_UNIT = re.compile(r"\s*(\+|points?|pts?\.?|punkte?n?|pkt\.?|puntos?|pontos?|ポイント|ホイント|点|以上)\s*$")
_NUMBER = re.compile(r"\d[\d.,\s'’]*[万萬]?")
_BESIDE = re.compile(r"^(?P<outside>[^/|–—=]+?)\s*[/|–—=]\s*(?P<inside>\D*\d[^/|–—=]*)$")  # "270 / US$9,000"
_GROUPED = re.compile(r"\d{1,3}([\s'’]\d{3})+([.,]\d+)?")
_IN_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+")
_SEPARATED = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPS: tuple[Thousands, ...] = (",", ".")
_POINT: dict[Thousands, str] = {",": ".", ".": ","}
_CURRENCIES = {
    "us$": "USD",
    "$us": "USD",
    "usd": "USD",
    "$": "USD",
    "€": "EUR",
    "eur": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "jpy": "JPY",
    "ca$": "CAD",
    "c$": "CAD",
    "cad": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "aud": "AUD",
    "s$": "SGD",
    "sgd": "SGD",
    "zar": "ZAR",
    "cop": "COP",
    "chf": "CHF",
    "r$": "BRL",
    "brl": "BRL",
    "mxn": "MXN",
    "₹": "INR",
    "inr": "INR",
    "nz$": "NZD",
    "nzd": "NZD",
    "hk$": "HKD",
    "hkd": "HKD",
    "sek": "SEK",
    "nok": "NOK",
    "dkk": "DKK",
    "pln": "PLN",
}
_SAID_OF_AMOUNTS = re.compile(r"\b(mrr|per month|a month|pro monat|al mes|par mois|por mes)\b")


class Unclear(ValueError):
    """A cell that can't be read, or can be read in two ways; the message says which, and what to write."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was understood: the figure as written in a table of rules ("322.5", "not set"), and the amount that
    stands in brackets beside it, if one does.
    """

    value: str
    amount: Money | None = None


def read_cell(text: str, figure: str, thousands: Thousands | None = None) -> Cell | None:
    """The cell of a figure; None for an empty one. `thousands` is what separates thousands, where somebody said so.

    Raises Unclear.
    """
    shown = " ".join(text.split())
    rest, amount = plain(text.strip().rstrip(_MARKS)), None
    if not rest:
        return None
    if rest in _DASHES or rest == NOT_SET:
        return Cell(NOT_SET)
    if match := _BRACKETS.match(rest):
        rest, inside = match["outside"].strip(), match["inside"]
        amount = _amount(inside, shown, thousands)
    elif (match := _BESIDE.match(rest)) and _currency_in(match["inside"]):
        rest, amount = match["outside"].strip(), _amount(match["inside"], shown, thousands)
    rest = rest.rstrip(_MARKS).strip()
    percent = rest.endswith(("%", "％"))
    if percent != (figure == "retention") and (percent or not re.fullmatch(r"[^\d]*\d{1,3}", rest)):
        raise Unclear(f"“{shown}” is {'a percentage' if percent else 'no percentage'}, which I didn't expect there")
    rest = rest.rstrip("%％ ")
    if rest.startswith(">") and not rest.startswith(">=") and figure == "retention":
        rest = rest[1:].strip()
    bare = _UNIT.sub("", _AT_LEAST.sub("", rest)).strip()
    if not _NUMBER.fullmatch(bare):
        raise Unclear(f"I don't understand “{shown}”")
    value = exact(bare, shown, thousands)
    if figure == "retention" and (not value.isdecimal() or int(value) > 100):
        raise Unclear(f"“{shown}” isn't a whole percentage up to 100")
    return Cell(value, amount)


def thousands_in(lines: Iterable[str]) -> Thousands | None:
    """What separates thousands in a table's rows, as far as one of their numbers has a single reading ("1,234.5",
    "12,5", "1.234.567"); None where none has, or where they contradict each other.
    """
    said = set[Thousands]()
    for line in lines:
        numbers = _SEPARATED.findall(line)
        readings = [[group for group in _GROUPS if _read(each, group, _POINT[group])] for each in numbers]
        if len(numbers) > 1:
            said |= {found[0] for found in readings if len(found) == 1}
    return said.pop() if len(said) == 1 else None


def exact(number: str, shown: str, thousands: Thousands | None) -> str:
    """The number with a point for decimals and nothing else: "1234.5". Raises Unclear for one with two readings."""
    number = number.strip()
    if number.endswith(("万", "萬")):
        return _times_10_000(exact(number[:-1], shown, thousands), shown)
    if _GROUPED.fullmatch(number):
        number = re.sub(r"[\s'’]", "", number)
    readings = sorted(set(_readings(number, thousands)), key=lambda each: "." in each)
    if not readings:
        raise Unclear(f"I don't understand the number “{shown}”")
    if len(readings) > 1:
        large, small = int(readings[0]), readings[1]
        raise Unclear(f"“{shown}” can be {large:,} or {small}: choose how your table writes numbers")
    return readings[0]


def _times_10_000(number: str, shown: str) -> str:
    whole, _, decimals = number.partition(".")
    moved = whole + decimals.ljust(4, "0")
    digits, rest = moved[: len(whole) + 4].lstrip("0") or "0", moved[len(whole) + 4 :]
    if len(digits) > _MOST_DIGITS:
        raise Unclear(f"I don't understand the number “{shown}”")
    return f"{digits}.{rest}" if rest else digits


def _readings(number: str, thousands: Thousands | None) -> Iterator[str]:
    """What the number can mean, with either sign, or the given one, between thousands."""
    for group in _GROUPS:
        if thousands in (None, group) and (found := _read(number, group, _POINT[group])):
            yield found


def _read(number: str, group: str, point: str) -> str | None:
    """The number with `group` between thousands and `point` before decimals; None where it can't be that."""
    whole, dot, decimals = number.partition(point)
    if dot and not re.fullmatch(rf"\d{{1,{_MOST_DECIMALS}}}", decimals):
        return None
    if not re.fullmatch(rf"\d{{1,{_MOST_DIGITS}}}|[1-9]\d{{0,2}}({re.escape(group)}\d{{3}})+", whole):
        return None
    digits = whole.replace(group, "").lstrip("0") or "0"
    decimals = decimals.rstrip("0")
    return None if len(digits) > _MOST_DIGITS else f"{digits}.{decimals}" if decimals else digits


def _currency_in(text: str) -> str | None:
    """The currency that stands before or after the first number; None for none, or for something else."""
    text = _SAID_OF_AMOUNTS.sub("", text)
    match = _NUMBER.search(text)
    around = f"{text[: match.start()]} {text[match.end() :]}".split() if match else []
    return _CURRENCIES.get("".join(around).strip("/."))


def _amount(text: str, shown: str, thousands: Thousands | None) -> Money | None:
    """The amount in brackets; None for words that are no amount. Raises Unclear."""
    text = _SAID_OF_AMOUNTS.sub("", text).strip()
    match = _NUMBER.search(text)
    if not match:
        return None
    currency = _currency_in(text)
    if currency is None:
        raise Unclear(f"I don't understand what is in brackets in “{shown}”")
    number = match.group().strip()
    if _IN_THOUSANDS.fullmatch(number):  # cents have two digits: three are thousands
        number = re.sub(r"\D", "", number)
    try:
        number = exact(number, shown, thousands)
    except Unclear:  # written in another way than the points
        number = exact(number, shown, None)
    whole, _, decimals = number.partition(".")
    digits = minor_digits(currency)
    if len(decimals) > digits:
        raise Unclear(f"“{shown}” has more decimals than {currency}")
    return Money(int(whole + decimals.ljust(digits, "0")), currency)
