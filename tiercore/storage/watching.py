"""Who learns what an import or a rebuild replaces (how-tiers-work#hindsight)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from tiercore.rating.hindsight import Step
from tiercore.rating.timeline import Balance

CombinedOn = Callable[[str, int], int]  # a partner's micropoints on a day (an ordinal)


class Watcher(Protocol):
    """Learns what a rebuild replaces, while it does."""

    @property
    def is_watching(self) -> bool: ...

    def owned(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Pairs of a client and a partner that has, or had, credits from it."""

    def compare(self, partner_id: str, former: Sequence[Balance], timeline: Sequence[Balance]) -> None:
        """The timeline replaces the former one, from which it differs."""

    def moved(self, partner_id: str, steps: Sequence[Step], combined_on: CombinedOn) -> None:
        """The timeline has moved by the steps, ascending by day."""
