"""Client portals: which contribute credit, and the median of the tools they use (how-tiers-work#tool-usage)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercore.facts.entries import ToolUsage
from tiercore.rating.install_base import Stay


@dataclass(slots=True)
class Portals:
    """The clients that contribute credit, and how many of them use each number of tools."""

    credits: dict[str, int] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=dict)
    tools: Counter[int] = field(default_factory=Counter)
    with_usage: int = 0
    _median: int | None = None
    _is_known: bool = False

    def count(self, client_id: str, change: int) -> None:
        """Add (1, 2, …) or remove (-1, -2, …) credits of the client."""
        before = self.credits.get(client_id, 0)
        now = before + change
        if now:
            self.credits[client_id] = now
        else:
            self.credits.pop(client_id, None)
        if (now > 0) != (before > 0):
            self._count_tools(client_id, 1 if now > 0 else -1)

    def count_all(self, changes: Sequence[tuple[str, int]]) -> None:
        """Add and remove credits of a day, each of a client; in any order, as long as they are of one day."""
        for client_id, change in sorted(changes, key=_first_more) if len(changes) > 1 else changes:
            self.count(client_id, change)

    def use(self, client_id: str, tools_used: int) -> None:
        """Replace the client's tool usage with a newer one."""
        contributes = client_id in self.credits
        if contributes:
            self._count_tools(client_id, -1)
        self.usage[client_id] = tools_used
        if contributes:
            self._count_tools(client_id, 1)

    def median_twice(self) -> int | None:
        """Twice the median; of an even count, the middle two's mean (how-tiers-work#tool-usage). None without usage."""
        if not self._is_known:
            known = self.with_usage
            self._median = self._at((known - 1) // 2) + self._at(known // 2) if known else None
            self._is_known = True
        return self._median

    def _at(self, rank: int) -> int:
        """The number of tools used by the portal with this rank, counted from 0."""
        for tools_used in sorted(self.tools):
            rank -= self.tools[tools_used]
            if rank < 0:
                return tools_used
        raise AssertionError("rank beyond the portals counted")

    def _count_tools(self, client_id: str, direction: int) -> None:
        if client_id in self.usage:
            self.tools[self.usage[client_id]] += direction
            self.with_usage += direction
            self._is_known = False


def _first_more(change: tuple[str, int]) -> int:
    return -change[1]


def tool_medians(stays: Iterable[Stay], usage: Mapping[str, Sequence[ToolUsage]]) -> list[tuple[date, int | None]]:
    """Twice the median of tools used, from each day on which something may change it, ascending by day.

    `stays` are the days on which clients contribute credit, any number for a client and in any order; `usage` is by
    client. None while no portal with known usage contributes.
    """
    counts: dict[date, Counter[str]] = defaultdict(Counter)
    used: dict[date, list[ToolUsage]] = defaultdict(list)
    for client_id, starts_on, lapses_on in stays:
        counts[starts_on][client_id] += 1
        if lapses_on is not None:
            counts[lapses_on][client_id] -= 1
    for month in (each for months in usage.values() for each in months):
        used[month.month].append(month)
    portals = Portals()
    return [(day, _median_from(portals, counts[day], used[day])) for day in sorted({*counts, *used})]


def _median_from(portals: Portals, counts: Mapping[str, int], used: Iterable[ToolUsage]) -> int | None:
    for client_id, change in counts.items():
        if change:
            portals.count(client_id, change)
    for month in used:
        portals.use(month.client_id, month.tools_used)
    return portals.median_twice()
