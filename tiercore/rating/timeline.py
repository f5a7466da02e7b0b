"""The timeline: a partner's balance on every day with a change, past and known future (architecture#the-one-idea)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import add
from typing import Any, NamedTuple

from tiercore.facts.entries import ToolUsage
from tiercore.facts.points import Source
from tiercore.rating.credits import Credit
from tiercore.rating.portals import Portals


class Balance(NamedTuple):
    """What counts from `day` until the timeline's next day. Points are in micropoints, cents in US cents.

    `day` is an ordinal (`date.toordinal()`), as stored, so that lookups need no conversion.

    `unrated_sold` and `unrated_managed` count active credits whose currency has no table; no sum includes them.
    `assumed` counts active sales without subscription data, `doubtful` active credits with an unknown expiry.
    `portals` counts the clients that contribute credit, `portals_with_usage` those with known tool usage, and
    `tools_median_twice` is twice the median of their tools used (None if there are none). `lapsed` and `lapses` are
    running totals of credits that ended and were not continued: their micropoints and their number.
    """

    day: int
    sourced: int = 0
    assisted: int = 0
    managed: int = 0
    sold_cents: int = 0
    managed_cents: int = 0
    unrated_sold: int = 0
    unrated_managed: int = 0
    assumed: int = 0
    doubtful: int = 0
    portals: int = 0
    portals_with_usage: int = 0
    tools_median_twice: int | None = None
    lapsed: int = 0
    lapses: int = 0

    @property
    def sold(self) -> int:
        """Sourced and assisted points together."""
        return self.sourced + self.assisted

    @property
    def combined(self) -> int:
        """Sold and managed points together."""
        return self.sourced + self.assisted + self.managed


class Term(NamedTuple):
    """What a timeline needs of a credit; days are ordinals. `doubtful` is whether its expiry is unknown."""

    client_id: str
    source: str
    micropoints: int | None
    program_cents: int | None
    starts_on: int
    lapses_on: int | None
    lapsing: int | None
    doubtful: bool
    assumed: bool


TermRow = tuple[Any, ...]  # a Term, or a plain row with its fields
# By source: where its points are, where its cents, and where it is counted without a table, in the columns of a day.
_COLUMNS = {Source.SOURCED.value: (0, 3, 5), Source.ASSISTED.value: (1, 3, 5), Source.MANAGED.value: (2, 4, 6)}
_ASSUMED, _DOUBTFUL, _LAPSED, _LAPSES, _WIDTH = 7, 8, 9, 10, 11


def term_of(credit: Credit) -> Term:
    """What a timeline needs of the credit."""
    return Term(
        credit.client_id,
        credit.source.value,
        credit.micropoints,
        credit.program_cents,
        credit.starts_on.toordinal(),
        credit.lapses_on.toordinal() if credit.lapses_on else None,
        credit.lapsing,
        credit.doubt is not None,
        credit.assumed,
    )


def timeline_of(credits: Iterable[Credit], usage: Mapping[str, Sequence[ToolUsage]] | None = None) -> list[Balance]:
    """One partner's balances, ascending by day, from its credits and its clients' tool usage (by client id).

    A month's usage counts from its first day until a later month is known. The order of the input doesn't matter.
    """
    used = {
        client_id: [(each.month.toordinal(), each.tools_used) for each in months]
        for client_id, months in (usage or {}).items()
    }
    return balances_of(map(term_of, credits), used)


def balances_of(terms: Iterable[TermRow], usage: Mapping[str, Iterable[tuple[int, int]]]) -> list[Balance]:
    """The same, with usage as pairs of a month's first day (an ordinal) and the tools used."""
    days = _Days()
    for term in terms:
        days.add(term)
    for client_id in days.clients & usage.keys():
        for day, tools_used in usage[client_id]:
            days.use(day, client_id, tools_used)
    return list(days.balances())


class _Days:
    """What changes on each day: the sums in the order of _COLUMNS, the clients' credits, and their tool usage."""

    def __init__(self) -> None:
        self.clients = set[str]()
        self._sums: dict[int, list[int]] = {}
        self._counts: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self._used: dict[int, list[tuple[str, int]]] = defaultdict(list)

    def add(self, term: TermRow) -> None:
        """Take in a credit, which counts from its first day until it expires."""
        client_id, source, micropoints, cents, starts_on, lapses_on, lapsing, doubtful, assumed = term
        self.clients.add(client_id)
        columns = _COLUMNS[source]
        self._count(starts_on, columns, micropoints, cents, doubtful, assumed, 1)
        self._counts[starts_on].append((client_id, 1))
        if lapses_on is not None:
            sums = self._count(lapses_on, columns, micropoints, cents, doubtful, assumed, -1)
            self._counts[lapses_on].append((client_id, -1))
            if lapsing:
                sums[_LAPSED] += lapsing
                sums[_LAPSES] += 1

    def use(self, day: int, client_id: str, tools_used: int) -> None:
        """Take in a client's tool usage, known from the day on."""
        self._used[day].append((client_id, tools_used))

    def balances(self) -> Iterator[Balance]:
        """The balance of every day with a change, ascending."""
        running, portals = [0] * _WIDTH, Portals()
        for day in sorted(self._sums.keys() | self._used.keys()):
            if sums := self._sums.get(day):
                running = list(map(add, running, sums))
                portals.count_all(self._counts[day])
            for client_id, tools_used in self._used.get(day, ()):
                portals.use(client_id, tools_used)
            counted = (len(portals.credits), portals.with_usage, portals.median_twice())
            yield Balance._make((day, *running[:_LAPSED], *counted, *running[_LAPSED:]))

    def _count(
        self,
        day: int,
        columns: tuple[int, int, int],
        micropoints: int | None,
        cents: int | None,
        doubtful: bool,
        assumed: bool,
        direction: int,
    ) -> list[int]:
        """Add (1) or subtract (-1) a credit on a day. Returns the day's sums."""
        sums = self._sums.get(day)
        if sums is None:
            sums = self._sums[day] = [0] * _WIDTH
        points_at, cents_at, unrated_at = columns
        if micropoints is None or cents is None:
            sums[unrated_at] += direction
            return sums
        sums[points_at] += direction * micropoints
        sums[cents_at] += direction * cents
        if assumed:
            sums[_ASSUMED] += direction
        if doubtful:
            sums[_DOUBTFUL] += direction
        return sums


def balance_on(timeline: Sequence[Balance], day: date) -> Balance:
    """The balance on a day, past or future; empty before the first. `timeline` ascending by day."""
    index = bisect_right(timeline, day.toordinal(), key=lambda balance: balance.day)
    return timeline[index - 1] if index else Balance(day.toordinal())
