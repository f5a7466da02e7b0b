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
_OPEN = 1 << 31  # after every day


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
    sums, stays = _Sums(), defaultdict[str, list[tuple[int, int]]](list)
    for client_id, source, micropoints, cents, starts_on, lapses_on, lapsing, doubtful, assumed in terms:
        stays[client_id].append((starts_on, lapses_on or _OPEN))
        _count(sums[starts_on], source, micropoints, cents, 1)
        if lapses_on:
            ended = sums[lapses_on]
            _count(ended, source, micropoints, cents, -1)
            if lapsing:
                ended[_LAPSED] += lapsing
                ended[_LAPSES] += 1
        if (assumed or doubtful) and micropoints is not None and cents is not None:
            _count_doubts(sums, starts_on, lapses_on, assumed, doubtful)
    used: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for client_id in stays.keys() & usage.keys():
        for day, tools_used in usage[client_id]:
            used[day].append((client_id, tools_used))
    return list(_balances(sums, _contributing(stays), used))


class _Sums(dict[int, list[int]]):
    """What changes on each day, in the order of _COLUMNS."""

    def __missing__(self, day: int) -> list[int]:
        self[day] = found = [0] * _WIDTH
        return found


def _count(sums: list[int], source: str, micropoints: int | None, cents: int | None, direction: int) -> None:
    """Add (1) or subtract (-1) a credit."""
    points_at, cents_at, unrated_at = _COLUMNS[source]
    if micropoints is None or cents is None:
        sums[unrated_at] += direction
        return
    sums[points_at] += direction * micropoints
    sums[cents_at] += direction * cents


def _count_doubts(sums: _Sums, starts_on: int, lapses_on: int | None, assumed: bool, doubtful: bool) -> None:
    sums[starts_on][_ASSUMED] += assumed
    sums[starts_on][_DOUBTFUL] += doubtful
    if lapses_on:
        sums[lapses_on][_ASSUMED] -= assumed
        sums[lapses_on][_DOUBTFUL] -= doubtful


def _contributing(stays: Mapping[str, list[tuple[int, int]]]) -> Mapping[int, list[tuple[str, int]]]:
    """By day, the clients that begin (1) or cease (-1) to contribute credit; their credits' days overlap and touch."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for client_id, own in stays.items():
        own.sort()
        begun, ended = own[0]
        for starts_on, until in own:
            if starts_on > ended:
                found[begun].append((client_id, 1))
                found[ended].append((client_id, -1))
                begun = starts_on
            if until > ended:
                ended = until
        found[begun].append((client_id, 1))
        if ended != _OPEN:
            found[ended].append((client_id, -1))
    return found


def _balances(
    changes: Mapping[int, Sequence[int]],
    contributing: Mapping[int, Sequence[tuple[str, int]]],
    used: Mapping[int, Sequence[tuple[str, int]]],
) -> Iterator[Balance]:
    """The balance of every day with a change, ascending."""
    running, portals = [0] * _WIDTH, Portals()
    for day in sorted(changes.keys() | used.keys()):
        if sums := changes.get(day):
            running = list(map(add, running, sums))
        if clients := contributing.get(day):
            portals.count_all(clients)
        for client_id, tools_used in used.get(day, ()):
            portals.use(client_id, tools_used)
        counted = (len(portals.credits), portals.with_usage, portals.median_twice())
        yield Balance._make((day, *running[:_LAPSED], *counted, *running[_LAPSED:]))


def balance_on(timeline: Sequence[Balance], day: date) -> Balance:
    """The balance on a day, past or future; empty before the first. `timeline` ascending by day."""
    index = bisect_right(timeline, day.toordinal(), key=lambda balance: balance.day)
    return timeline[index - 1] if index else Balance(day.toordinal())
