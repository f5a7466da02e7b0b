"""What was corrected in hindsight: what a day's balance was known as, and what has changed it since
(how-tiers-work#hindsight).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tiercore.facts.unknown import Unknown
from tiercore.rating.hindsight import NO_SHIFT, Shift, shifted, total_shift
from tiercore.rating.timeline import Balance

RULES, REBUILD = "rules", "rebuild"


class KnownAt(NamedTuple):
    """A state of the data: that of a `version`, as a message had it that was about the `day`; without a version, the
    state after the day's last import.
    """

    day: date
    version: int | None = None


class CorrectedRow(NamedTuple):
    """A row of a `file` that an import `added`, `changed` or `removed`. `day` is the first on which it counts, None for
    a client's country. `key` is empty for another partner's row; `columns` has what changed, before and after.
    """

    file: str
    key: str
    change: str
    client_id: str
    client: str | None
    day: date | None
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Correction:
    """What one import, made for `day`, changed in hindsight.

    `at_since` is what it added to the balance at the beginning of the time asked about, `within` to what came and went
    from then on, on days that were over when the import before it was made. `rows` are those through which it did, as
    far as they are kept; `total` counts all of them.
    """

    import_id: int
    day: date
    occasion: str
    at_since: Shift
    within: Shift
    rows: tuple[CorrectedRow, ...] = ()
    total: int = 0

    @property
    def by_rules(self) -> bool:
        """Whether rating by other rules, or by a newer release, was a part of it."""
        return RULES in self.occasion or self.occasion == REBUILD

    @property
    def is_one(self) -> bool:
        """Whether it changed anything in hindsight; what an import says of the days since the one before is news."""
        return (self.at_since, self.within) != (NO_SHIFT, NO_SHIFT)

    @property
    def shift(self) -> Shift:
        """All that it added in hindsight."""
        return total_shift((self.at_since, self.within))


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The corrections made after the state of the data `known`, the oldest import first.

    `begins` is the day of the first import on record that has the partner, None if there is none. With `reaches` the
    record goes back to `known`; otherwise what was known then is unknown.
    """

    known: KnownAt
    begins: date | None
    reaches: bool
    corrections: tuple[Correction, ...]

    @property
    def at_since(self) -> Shift:
        """What the corrections added to the balance at the beginning of the time."""
        return total_shift(each.at_since for each in self.corrections)

    @property
    def within(self) -> Shift:
        """What the corrections added to what came and went in between."""
        return total_shift(each.within for each in self.corrections)

    @property
    def shift(self) -> Shift:
        """What the corrections added in all."""
        return total_shift((self.at_since, self.within))

    def before(self, balance: Balance) -> Balance | Unknown:
        """What the balance at the beginning, as now known, was known as."""
        return self._as_known(balance, self.at_since)

    def after(self, balance: Balance) -> Balance | Unknown:
        """The same for the balance at the end, where `known` is a state of that day."""
        return self._as_known(balance, self.shift)

    def at_first(self, balance: Balance) -> Balance:
        """What the balance at the beginning was known as when the record begins, or after `known` where it reaches."""
        return shifted(balance, self.at_since, -1)

    def _as_known(self, balance: Balance, shift: Shift) -> Balance | Unknown:
        if self.reaches:
            return shifted(balance, shift, -1)
        if self.begins is None:
            return Unknown("no import is on record yet")
        return Unknown(f"the record of imports begins on {self.begins}")
