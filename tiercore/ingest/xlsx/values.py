"""Cells of a sheet as text: numbers with a decimal point and nothing else, days as 2024-03-01."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from math import isfinite

from tiercore.ingest.plain_numbers import plain_number

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_DAY_SECONDS = 86_400
_MAX_SERIAL = 2_958_465  # 9999-12-31
_NOT_A_FORM = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_OF_A_DAY = re.compile(r"[yd]|mmm|^[^hs]*m[^hs]*$")
_BUILT_IN_DAYS = frozenset([*range(14, 18), 22, *range(27, 37), *range(50, 59)])
_BUILT_IN_PERCENT = frozenset([9, 10])
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Shown(Enum):
    """What a number is shown as."""

    NUMBER = auto()
    DAY = auto()
    PERCENT = auto()


def shown_as(number_format: int, code: str | None) -> Shown:
    """What numbers of a format are shown as, by its number and, for a format of the file's own, its code."""
    if code is None:
        if number_format in _BUILT_IN_DAYS:
            return Shown.DAY
        return Shown.PERCENT if number_format in _BUILT_IN_PERCENT else Shown.NUMBER
    form = _NOT_A_FORM.sub("", code[:255]).partition(";")[0].lower()
    if form == "general":
        return Shown.NUMBER
    if _OF_A_DAY.search(form):
        return Shown.DAY
    return Shown.PERCENT if "%" in form else Shown.NUMBER


def number_text(text: str, shown: Shown, *, since_1904: bool) -> str:
    """A number of a cell as text; a spreadsheet counts with 15 digits."""
    if shown is Shown.NUMBER and text.isdecimal() and len(text) <= 15:
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    if not isfinite(value):
        return text
    if shown is Shown.DAY and 1 <= value <= _MAX_SERIAL:
        return _day_text(value, since_1904=since_1904)
    exact = Decimal(f"{value:.15g}")
    if abs(exact.adjusted()) > 30:
        return text
    return f"{(exact * 100).normalize():f}%" if shown is Shown.PERCENT else plain_number(f"{exact:f}")


def moment_text(text: str) -> str:
    """A moment in ISO form as text, without its time if that is midnight."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return _moment_text(moment.replace(tzinfo=None))


def unescaped(text: str) -> str:
    """The text with the characters that XML can't have, which are written as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _day_text(serial: float, *, since_1904: bool) -> str:
    days, seconds = divmod(round(serial * _DAY_SECONDS), _DAY_SECONDS)
    epoch = _EPOCH_1904 if since_1904 else _EPOCH
    try:
        return _moment_text(datetime.combine(epoch, datetime.min.time()) + timedelta(days, seconds))
    except OverflowError:
        return f"{serial:.15g}"


def _moment_text(moment: datetime) -> str:
    if moment == datetime.combine(moment.date(), datetime.min.time()):
        return moment.date().isoformat()
    return moment.isoformat(sep=" ", timespec="seconds")
