"""Amounts as text: a strict ASCII grammar, whole minor units, and no float on the way."""

import re
import unicodedata

from tiercore.ingest.problems import BadCell
from tiercore.money import Money, minor_digits

_GRAMMAR = re.compile(r"(\d{1,12})(?:\.(\d{1,4}))?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([,.' ])\d{3}(?:\1\d{3})*(?:[.,]\d{1,2})?", re.ASCII)
_SPACES = re.compile(r"\s")


def parse_amount(text: str, currency: str) -> Money:
    """The amount in whole minor units; raises BadCell where the text is not plain digits with a decimal point."""
    found = _GRAMMAR.fullmatch(text)
    if not found:
        raise _not_an_amount(text, currency)
    whole, decimals = found[1], found[2] or ""
    digits = minor_digits(currency)
    if digits == 0 and decimals in ("0", "00"):  # three zeros could be a thousands separator
        decimals = ""
    if len(decimals) > digits:
        raise _too_many_decimals(text, whole, decimals, currency)
    return Money(int(whole + decimals.ljust(digits, "0")), currency)


def check_amount(text: str) -> None:
    """Raise BadCell unless the text would be an amount in some currency."""
    if not _GRAMMAR.fullmatch(text):
        raise _not_an_amount(text, "USD")


def _too_many_decimals(text: str, whole: str, decimals: str, currency: str) -> BadCell:
    digits = minor_digits(currency)
    allowed = f"{digits} decimals" if digits else "no decimals"
    message = f"has {len(decimals)} decimals, and {currency} has {digits or 'none'}"
    remedy = f"write the amount with {allowed}, such as {_example(currency)}"
    if len(decimals) == 3:
        remedy += f" (or {whole}{decimals}, if the point separates thousands)"
    return BadCell("bad amount", message, remedy)


def _not_an_amount(text: str, currency: str) -> BadCell:
    guess = _plain(text, currency)
    right = f"write {guess}" if guess else f"write plain digits with a decimal point, such as {_example(currency)}"
    return BadCell("bad amount", _reason(text), right)


def _reason(text: str) -> str:
    """Why the text is not an amount, the most telling reason first."""
    if _is_negative(text):
        return "is negative, and MRR is never below zero (a fall is a lower level in subscriptions.csv)"
    if text.startswith("+"):
        return "has a sign"
    if any(unicodedata.category(character) == "Sc" for character in text):
        return "has a currency sign, which belongs in the currency column"
    if not text.isascii() and any(character.isdigit() for character in text if not character.isascii()):
        return "has digits other than 0 to 9"
    return _reason_by_grammar(text)


def _reason_by_grammar(text: str) -> str:
    bare = _SPACES.sub(" ", text)
    if re.fullmatch(r"\d{13,}(\.\d*)?", text, re.ASCII):
        return "has more than 12 digits before the decimal point"
    if _GROUPED.fullmatch(bare) or "_" in text:
        return "has a thousands separator"
    if re.fullmatch(r"\d+,\d*", text, re.ASCII):
        return "has a decimal comma"
    if re.search(r"\d", text) and re.search("[A-Za-z]", text):
        return "has letters in it"
    return "is not an amount"


def _is_negative(text: str) -> bool:
    accounting = text.startswith("(") and text.endswith(")")
    return accounting or text[:1] in "-−–" or bool(re.fullmatch(r"[\d.,]+-", text, re.ASCII))


def _plain(text: str, currency: str) -> str | None:
    """The text as it would be right, where there is one way to read it."""
    if _is_negative(text):
        return None
    bare = "".join(map(_western, text)).replace("_", "").lstrip("+")
    bare = "".join(character for character in bare if character in "0123456789.," or character.isalpha())
    bare = bare.removeprefix(currency).removesuffix(currency)
    marks = re.sub(r"\d", "", bare, flags=re.ASCII)
    head, mark, tail = bare.rpartition(marks[-1]) if marks else (bare, "", "")
    if mark and len(tail) == 3 and (len(set(marks)) == 1 and mark == ","):
        head, tail = head + tail, ""  # 1,234 and 1,234,567
    elif mark and len(marks) > 1 and len(set(marks)) == 1:
        head, tail = head + tail, ""  # 1.234.567
    whole = re.sub("[.,]", "", head) or "0"
    plain = f"{whole}.{tail}" if tail else whole
    return plain if _fits(plain, currency) and (bare != "") else None


def _fits(plain: str, currency: str) -> bool:
    found = _GRAMMAR.fullmatch(plain)
    return bool(found) and len(found[2] or "") <= minor_digits(currency) if found else False


def _western(character: str) -> str:
    """The digit as 0 to 9, the Arabic separators as comma and point, anything else as it is."""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    return {"٫": ".", "٬": ","}.get(character, character)


def _example(currency: str) -> str:
    digits = minor_digits(currency)
    return f"1234.{'5678'[:digits]}" if digits else "1234"
