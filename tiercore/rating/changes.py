"""What a line pays as changes: its levels without those that restate the one before (how-tiers-work#deal-based)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tiercore.facts.money import Money
from tiercore.rating.lines import HeldLevel


@dataclass(frozen=True, slots=True)
class Change:
    """A level that is another than the one before.

    `before` is the last level on file before it, restated or not, None if it is the first. The line paid what it paid
    before from `since` on, and pays `level` until the day `until`.
    """

    before: HeldLevel | None
    level: HeldLevel
    since: date
    until: date

    @property
    def day(self) -> date:
        """From which day on the line pays it."""
        return self.level.effective_on

    @property
    def rise(self) -> Money | None:
        """By how much the line rises; None if it falls, changes its currency, or has no level before."""
        if self.before is None or self.before.mrr.currency != self.level.mrr.currency:
            return None
        return self.level.mrr - self.before.mrr if self.before.mrr < self.level.mrr else None


def changes_of(levels: Sequence[HeldLevel]) -> Iterator[Change]:
    """The changes of one line, ascending by day, as its levels are."""
    at = [index for index, level in enumerate(levels) if not index or level.mrr != levels[index - 1].mrr]
    days = [levels[index].effective_on for index in at]
    for index, since, until in zip(at, (date.min, *days), (*days[1:], date.max), strict=False):
        yield Change(levels[index - 1] if index else None, levels[index], since, until)
