"""Parsing amounts: a strict ASCII grammar, whole minor units, no floats."""

import re
import unicodedata

from tiercore.facts.money import Money, minor_digits
from tiercore.ingest.problems import BadCell

_GRAMMAR = re.compile(r"(\d{1,12})(?:\.(\d{1,4}))?", re.ASCII)
_TOO_LONG = re.compile(r"\d{13,}(\.\d*)?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([,.' ])\d{3}(?:\1\d{3})*(?:[.,]\d{1,2})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d*", re.ASCII)
_NEGATIVE = re.compile(r"[-−–‐‑].*\d.*|\(.*\d.*\)|[\d.,]+-")
_CODE = re.compile(r"^[A-Z]{3}\b|\b[A-Z]{3}$")
_PLAIN_EXAMPLES = {0: "1234", 2: "1234.56", 3: "1234.567", 4: "1234.5678"}


def parse_amount(text: str, currency: str) -> Money:
    """The amount in whole minor units. Raises BadCell unless the text is plain digits with a decimal point."""
    found = _GRAMMAR.fullmatch(text)
    if not found:
        raise _not_an_amount(text, currency)
    whole, decimals = found[1], found[2] or ""
    digits = minor_digits(currency)
    if digits == 0 and decimals in ("0", "00"):  # three zeros could be a thousands separator
        decimals = ""
    if len(decimals) > digits:
        raise _too_many_decimals(whole, decimals, currency)
    return Money(int(whole + decimals.ljust(digits, "0")), currency)


def check_amount(text: str) -> None:
    """Raise BadCell unless the text is an amount in some currency."""
    if not _GRAMMAR.fullmatch(text):
        raise _not_an_amount(text, "USD")


def _too_many_decimals(whole: str, decimals: str, currency: str) -> BadCell:
    digits = minor_digits(currency)
    message = f"has more decimals than {currency}, which has {digits or 'none'}"
    allowed = f"at most {digits} decimals" if digits else "no decimals"
    remedy = f"write {allowed}, such as {_PLAIN_EXAMPLES[digits]}"
    if len(decimals) == 3:
        remedy += f" (or {whole}{decimals}, if the point separates thousands)"
    return BadCell("bad amount", message, remedy)


def _not_an_amount(text: str, currency: str) -> BadCell:
    if _NEGATIVE.fullmatch(text):
        return BadCell("negative amount", "is negative", "MRR is 0 or more; a downgrade is a lower subscription level")
    if _TOO_LONG.fullmatch(text):
        return BadCell("bad amount", "is too large", "write at most 12 digits before the decimal point")
    plain = _plain(text, currency)
    example = f"write plain digits with a decimal point, such as {_PLAIN_EXAMPLES[minor_digits(currency)]}"
    return BadCell("bad amount", _reason(text), f"write {plain}" if plain else example)


def _reason(text: str) -> str:
    """Why the text is not an amount; the most specific reason wins."""
    if text.startswith("+"):
        return "has a sign"
    if any(unicodedata.category(character) == "Sc" for character in text) or _CODE.search(text):
        return "has a currency, which belongs in the currency column"
    if any(character.isdigit() and not character.isascii() for character in text):
        return "has digits other than 0 to 9"
    if "_" in text or _GROUPED.fullmatch("".join(map(_western, text))):
        return "has a thousands separator"
    return "has a decimal comma" if _DECIMAL_COMMA.fullmatch(text) else "is not an amount"


def _plain(text: str, currency: str) -> str | None:
    """The amount as it should be written, None if the text is ambiguous."""
    bare = "".join(map(_western, _CODE.sub("", text).removeprefix("+")))
    bare = "".join(each for each in bare if each not in " '_" and unicodedata.category(each) != "Sc")
    marks = re.sub("[0-9]", "", bare)
    if not re.fullmatch(r"[0-9.,]*[0-9][0-9.,]*", bare) or len(set(marks[:-1])) > 1:
        return None
    whole, mark, decimals = bare.rpartition(marks[-1]) if marks else (bare, "", "")
    groups = len(decimals) == 3 and (marks.count(mark) > 1 or marks == ",")  # 1.234.567 and 1,234
    if groups or not mark or not decimals:
        whole, decimals = whole + decimals, ""
    plain = (re.sub("[.,]", "", whole) or "0") + (f".{decimals}" if decimals else "")
    found = _GRAMMAR.fullmatch(plain)
    return plain if found and len(found[2] or "") <= minor_digits(currency) else None


def _western(character: str) -> str:
    """The character in Western form: digits 0 to 9, comma, point and space; others are unchanged."""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    equivalents = {"٫": ".", "٬": ",", "．": ".", "，": ",", "’": "'"}
    return " " if character.isspace() else equivalents.get(character, character)
