"""Parsing amounts into whole minor units, without floats and without guessing (data#amounts).

Plain is 1234.56. Currency signs and thousands separators are taken where only one reading is possible.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

from tiercore.facts.money import Money, minor_digits
from tiercore.ingest.codes import meant_by
from tiercore.ingest.plain_numbers import DecimalMark, PlainNumber
from tiercore.ingest.problems import BadCell

_PLAIN = re.compile(r"(\d{1,12})(?:\.(\d{1,4}))?", re.ASCII)
_PARTS = re.compile(
    r"(?P<before>[^0-9]*)(?P<number>[0-9](?:.*[0-9])?)(?P<zeros>[.,][-–—]{1,2})?(?P<after>[^0-9]*)", re.S
)
_GROUPED = (
    *(re.compile(rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+") for mark in (r"\.", ",", " ", "'")),
    re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"),  # 12,34,567 as in India
)
_MINUS = "-−–‐‑"
_PLAIN_EXAMPLES = {0: "1234", 2: "1234.56", 3: "1234.567", 4: "1234.5678"}
_MAX_WHOLE = 12
_OF_EACH_KIND = ("USD", "JPY", "KWD", "CLF")  # one currency of each number of decimals
_Reading = tuple[str, str]  # the digits before and after the decimal mark


def plain_amount(text: str, currency: str) -> Money | None:
    """The amount of a text in the plain form, digits and the currency's decimals after a point; None for any other."""
    if not (found := _PLAIN.fullmatch(text)):
        return None
    whole, decimals = found[1], found[2] or ""
    digits = minor_digits(currency)
    if len(decimals) > digits:
        if digits or decimals.strip("0") or len(decimals) > 2:
            return None
        decimals = ""
    return Money(int(whole + decimals.ljust(digits, "0")), currency)


def parse_amount(text: str, currency: str, decimal: DecimalMark | None = None) -> Money:
    """The amount in whole minor units. `decimal` is the mark that was said of the folder.

    Raises BadCell unless there is exactly one reading in that currency.
    """
    if isinstance(text, PlainNumber):
        return rounded_amount(exact_amount(text, currency), currency)
    plain = None if decimal is DecimalMark.COMMA and "." in text else plain_amount(text, currency)
    return plain or _money(*_read(text, currency, decimal), currency)


def exact_amount(text: str, currency: str, decimal: DecimalMark | None = None) -> Fraction:
    """The amount with all its decimals, also those beyond the currency's. Raises BadCell as parse_amount does."""
    if isinstance(text, PlainNumber):
        whole, _, decimals = text.partition(".")
    else:
        whole, decimals = _read(text, currency, decimal)
    if len(whole) > _MAX_WHOLE:
        raise _too_large()
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def rounded_amount(exact: Fraction, currency: str) -> Money:
    """An exact amount in whole minor units, rounded half up."""
    minor = exact * 10 ** minor_digits(currency)
    return Money((2 * minor.numerator + minor.denominator) // (2 * minor.denominator), currency)


def check_amount(text: str, decimal: DecimalMark | None = None) -> None:
    """Raise BadCell unless the text is an amount in some currency."""
    if isinstance(text, PlainNumber) or (decimal is None and _PLAIN.fullmatch(text)):
        return
    refused: BadCell | None = None
    for currency in (*_currencies_in(text), *_OF_EACH_KIND):
        try:
            parse_amount(text, currency, decimal)
        except BadCell as bad:
            refused = refused or bad
        else:
            return
    if refused:
        raise refused


def _read(text: str, currency: str, decimal: DecimalMark | None) -> _Reading:
    """The one reading of a text that the currency, and the decimal mark that was said, allow."""
    parts = _PARTS.fullmatch("".join(map(_western_space, text)))
    before, after = (parts["before"].strip(), parts["after"].strip()) if parts else ("", "")
    if not parts or any(character in _MINUS or character in "(+_" for character in before + after):
        raise _not_an_amount(text, currency)
    number, zeros = parts["number"], parts["zeros"]
    readings = set(_readings(number))
    if zeros:  # the mark of 1,200.- is the decimal one
        readings = {each for each in readings if not each[1] and zeros[0] not in number}
    if not readings:
        raise _not_an_amount(text, currency)
    for sign in filter(None, (before, after)):
        _check_sign(sign, text, currency)
    if decimal and not (readings := {each for each in readings if _goes_with(number, each, decimal)}):
        message = f"can't have a decimal {decimal}, as was said of these files"
        raise BadCell("bad amount", message, "correct it, or leave out --decimal")
    return _only(readings, number, currency)


def _goes_with(number: str, reading: _Reading, decimal: DecimalMark) -> bool:
    """Whether a reading has no other decimal mark than the one that was said, and no thousands separated by it."""
    whole, found, decimals = number.rpartition(decimal.character)
    return decimal.character not in whole and (decimals if found else "") == reading[1]


def _readings(number: str) -> Iterator[_Reading]:
    """Everything that digits with separators may mean; 1,234 is thousands or has decimals."""
    if number.isdecimal() or _is_grouped(number):
        yield _digits(number), ""
    for mark in ".,":
        whole, found, decimals = number.rpartition(mark)
        if found and decimals.isdecimal() and (whole.isdecimal() or (mark not in whole and _is_grouped(whole))):
            yield _digits(whole), decimals


def _only(readings: set[_Reading], number: str, currency: str) -> _Reading:
    """The one reading that the currency allows."""
    digits = minor_digits(currency)
    thousands = next((whole for whole, decimals in readings if not decimals), None)
    broken = next((each for each in readings if each[1]), None)
    if thousands is not None and broken and _can_be_decimals(number, broken[1], digits):
        raise _two_readings(thousands, *broken, currency)
    return broken if broken and thousands is None else (thousands or "", "")


def _money(whole: str, decimals: str, currency: str) -> Money:
    digits = minor_digits(currency)
    if len(whole) > _MAX_WHOLE:
        raise _too_large()
    if digits == 0 and decimals in ("0", "00"):
        decimals = ""
    if len(decimals) > digits:
        raise _too_many_decimals(whole, decimals, currency)
    return Money(int(whole + decimals.ljust(digits, "0")), currency)


def _can_be_decimals(number: str, decimals: str, digits: int) -> bool:
    """Whether three digits after a mark may be decimals: of 1.234 yen they can't, of 12.000 yen they can."""
    return digits > 0 or ("." in number and not decimals.strip("0"))


def _check_sign(sign: str, text: str, currency: str) -> None:
    """Raise BadCell unless what stands beside the number may stand for the currency."""
    meant = meant_by(sign)
    if not meant:
        raise _not_an_amount(text, currency)
    if currency not in meant:
        message = f"is in {sign}, and the currency column says {currency}"
        raise BadCell("bad amount", message, "correct one of the two")


def _currencies_in(text: str) -> Iterator[str]:
    """A currency for each sign in the text."""
    if parts := _PARTS.fullmatch(text):
        yield from (min(meant) for each in ("before", "after") if (meant := meant_by(parts[each].strip())))


def _two_readings(thousands: str, whole: str, decimals: str, currency: str) -> BadCell:
    digits = minor_digits(currency)
    shown = f"{whole}{'.' * bool(digits)}{decimals[:digits]}"
    if decimals[digits:].strip("0"):
        shown = f"at most {digits} decimals, such as {shown},"
    remedy = f"write {thousands} if the mark separates thousands, or {shown} if decimals follow"
    remedy += ", or say the decimal mark once: --decimal point or --decimal comma"
    return BadCell("bad amount", "has two readings", remedy)


def _too_large() -> BadCell:
    return BadCell("bad amount", "is too large", f"write at most {_MAX_WHOLE} digits before the decimal point")


def _too_many_decimals(whole: str, decimals: str, currency: str) -> BadCell:
    digits = minor_digits(currency)
    message = f"has more decimals than {currency}, which has {digits or 'none'}"
    if not decimals[digits:].strip("0"):
        return BadCell("bad amount", message, f"write {whole}{'.' * bool(digits)}{decimals[:digits]}")
    allowed = f"at most {digits} decimals" if digits else "no decimals"
    return BadCell("bad amount", message, f"write {allowed}, such as {_PLAIN_EXAMPLES[digits]}")


def _not_an_amount(text: str, currency: str) -> BadCell:
    parts = _PARTS.fullmatch(text)
    beside = parts["before"] + parts["after"] if parts else ""
    if any(character in _MINUS for character in beside) or (beside.strip()[:1] == "(" and text.endswith(")")):
        return BadCell("negative amount", "is negative", "MRR is 0 or more; a downgrade is a lower subscription level")
    plain = _plain(text, currency)
    example = f"write plain digits with a decimal point, such as {_PLAIN_EXAMPLES[minor_digits(currency)]}"
    return BadCell("bad amount", _reason(text, beside), f"write {plain}" if plain else example)


def _reason(text: str, beside: str) -> str:
    """Why the text is not an amount; the most specific reason wins."""
    if text.startswith("+"):
        return "has a sign"
    if any(character.isdigit() and not character.isascii() for character in text):
        return "has digits other than 0 to 9"
    if "%" in beside:
        return "is a percentage"
    if "_" in text:
        return "has a thousands separator"
    return "is not an amount"


def _plain(text: str, currency: str) -> str | None:
    """The amount as it should be written, for what has one reading but is refused; None if there is none."""
    bare = "".join(map(_western, text)).strip().removeprefix("+").replace("_", "")
    bare = f"0{bare}" if bare.startswith(".") else bare.removesuffix(".")
    try:
        return parse_amount(bare, currency).as_decimal().removesuffix(".00") if bare != text else None
    except BadCell:
        return None


def _digits(number: str) -> str:
    return re.sub("[^0-9]", "", number)


def _is_grouped(number: str) -> bool:
    return any(each.fullmatch(number) for each in _GROUPED)


def _western_space(character: str) -> str:
    return " " if character.isspace() else {"’": "'", "\u02bc": "'"}.get(character, character)


def _western(character: str) -> str:
    """The character in Western form: digits 0 to 9, comma, point and space; others are unchanged."""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    equivalents = {"٫": ".", "٬": ",", "．": ".", "，": ","}
    return equivalents.get(character, _western_space(character))
