"""Parameters: one rule of the program over time, each value with its first day and its source."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured, not_configured

# Points are micropoints, amounts are Money, percentages and counts are whole numbers.
Value = bool | int | str | Money | date | tuple[str, ...] | NotConfigured


class Confidence(StrEnum):
    """How certain a value is (how-tiers-work#how-tiers-work): four grades for shipped values, two for an operator's."""

    STATED = "stated"
    INFERRED = "inferred"
    CHOSEN = "chosen"
    UNKNOWN = "unknown"
    SAMPLE = "sample"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Entry:
    """Who entered a value in Slack or on the command line, who approved it, and when: e-mails, or the operator."""

    entered_by: str
    entered_at: datetime
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Dated:
    """A value that applies from `since` on (date.min: always); `text` is the value as written in its table.

    One that people entered has an `entry`.
    """

    value: Value
    since: date
    source: str
    confidence: Confidence
    file: str
    overlay: bool
    text: str
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """All values at one dotted path, ascending by day, at most one per day."""

    path: str
    unit: str
    dated: tuple[Dated, ...]

    def on(self, day: date) -> Dated:
        """The value on the day; not set before the first one."""
        index = bisect_right(self.dated, day, key=lambda dated: dated.since)
        return self.dated[index - 1] if index else undated(self.path)

    def has_begun(self, day: date) -> bool:
        """Whether a table says anything of the parameter by the day."""
        return bool(self.dated) and self.dated[0].since <= day

    def changes(self) -> Iterator[tuple[date, Value]]:
        """The days on which the value changes, with the new value; repeating the same value is no change."""
        before: Value = not_configured(self.path)
        for dated in self.dated:
            if dated.value != before:
                yield dated.since, dated.value
            before = dated.value


def undated(path: str) -> Dated:
    """The value of a parameter that no table sets: not set."""
    value = not_configured(path)
    return Dated(value, date.min, "no table says", Confidence.UNKNOWN, "", overlay=False, text="not set")
