"""A parameter: one rule of the program over time, each value with the day it holds from and where it comes from."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured, not_configured

# Points are whole micropoints, dollars and other amounts Money, percentages and counts whole numbers.
Value = bool | int | str | Money | tuple[str, ...] | NotConfigured


class Confidence(StrEnum):
    """How sure a value is (how-tiers-work#how-tiers-work): the first four are shipped, the last two an operator's."""

    STATED = "stated"
    INFERRED = "inferred"
    CHOSEN = "chosen"
    UNKNOWN = "unknown"
    SAMPLE = "sample"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Dated:
    """A value from `since` on (date.min: from the beginning); `text` is the value as its table writes it."""

    value: Value
    since: date
    source: str
    confidence: Confidence
    file: str
    overlay: bool
    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """All values of one dotted path, ascending by day, one a day."""

    path: str
    unit: str
    dated: tuple[Dated, ...]

    def on(self, day: date) -> Dated:
        """The value of the day; before the first it is not configured."""
        index = bisect_right(self.dated, day, key=lambda dated: dated.since)
        return self.dated[index - 1] if index else undated(self.path)

    def changes(self) -> Iterator[tuple[date, Value]]:
        """The days on which the value becomes another one, with that value; a mere restatement is no change."""
        before: Value = not_configured(self.path)
        for dated in self.dated:
            if dated.value != before:
                yield dated.since, dated.value
            before = dated.value


def undated(path: str) -> Dated:
    """What is known of a parameter where no table says anything."""
    nothing = not_configured(path)
    return Dated(nothing, date.min, "no table says", Confidence.UNKNOWN, "", overlay=False, text="not configured")
