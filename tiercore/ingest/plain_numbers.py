"""Numbers that a program wrote and nobody typed: native ones of a spreadsheet, computed ones."""

import re
from enum import StrEnum


class DecimalMark(StrEnum):
    """The decimal mark of a folder's amounts, where 1,234 and 1.234 have two readings."""

    POINT = "point"
    COMMA = "comma"

    @property
    def character(self) -> str:
        """The mark itself."""
        return "." if self is DecimalMark.POINT else ","


class PlainNumber(str):
    """A number in plain form: its point is a decimal point, whatever was said of the texts of its folder.

    It is unequal to a text of the same characters, which may mean another number.
    """

    __slots__ = ()

    def strip(self, characters: str | None = None, /) -> str:
        """Itself: it has nothing around it."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainNumber) and str(self) == str(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((PlainNumber, str(self)))


_FRACTION = re.compile(r"\d+\.\d+", re.ASCII)


def plain_number(text: str) -> str:
    """The text, as a PlainNumber if it has a decimal point that texts could read otherwise."""
    return PlainNumber(text) if _FRACTION.fullmatch(text) else text
