"""The result of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Fine; must be fixed; or optional and missing."""

    GOOD = "✓"
    MUST = "✗"
    NOTE = "–"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the mark, what was found, and how to fix it ("" if there is nothing to fix)."""

    mark: Mark
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.what}" + (f" → {self.remedy}" if self.remedy else "")


def good(what: str) -> Finding:
    """A check that passed."""
    return Finding(Mark.GOOD, what)


def must(what: str, remedy: str) -> Finding:
    """A problem that must be fixed for tierbot to work."""
    return Finding(Mark.MUST, what, remedy)


def note(what: str, remedy: str = "") -> Finding:
    """Something that is missing or unknown, which may be intended."""
    return Finding(Mark.NOTE, what, remedy)
