"""What a look at one thing found."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Good; something must be done; or something is left out that need not be there."""

    GOOD = "✓"
    MUST = "✗"
    NOTE = "–"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the mark, what is so, and what to do about it (empty where nothing is)."""

    mark: Mark
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.what}" + (f" → {self.remedy}" if self.remedy else "")


def good(what: str) -> Finding:
    """Nothing is to be done."""
    return Finding(Mark.GOOD, what)


def must(what: str, remedy: str) -> Finding:
    """Something must be done, or tierbot doesn't do its work."""
    return Finding(Mark.MUST, what, remedy)


def note(what: str, remedy: str = "") -> Finding:
    """Something is left out, and that may be as it should be."""
    return Finding(Mark.NOTE, what, remedy)
