"""The timeline: a partner's balance on every day with a change, known future included (architecture#the-one-idea)."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tiercore.facts.entries import ToolUsage
from tiercore.facts.points import Source
from tiercore.rating.credits import Credit


class Balance(NamedTuple):
    """What counts from `day` on, until the timeline's next day. Points in micropoints, cents in US cents.

    `day` is a whole number, `date.toordinal()`, as it is stored: a look-up then needs no conversion.

    `unrated_sold` and `unrated_managed` count active credits whose currency has no table: they are in no sum.
    `assumed` counts active sales without subscription data, `doubtful` those whose expiry is not known.
    `portals` are the clients that contribute credit, `portals_with_usage` those whose tool usage is known, and
    `tools_median_twice` is twice the median of their tools used (None without any). `lapsed` and `lapses` run up what
    the partner has lost by credits that ended and were not continued: micropoints and how many.
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


@dataclass(slots=True)
class _Running:
    """The sums while the timeline is swept from day to day."""

    points: Counter[Source] = field(default_factory=Counter)
    sold_cents: int = 0
    managed_cents: int = 0
    unrated_sold: int = 0
    unrated_managed: int = 0
    assumed: int = 0
    doubtful: int = 0
    lapsed: int = 0
    lapses: int = 0

    def move(self, credit: Credit, direction: int) -> None:
        """Take a credit in (1) or out (-1)."""
        managed = credit.source is Source.MANAGED
        if credit.micropoints is None or credit.program_cents is None:
            self.unrated_managed += direction * managed
            self.unrated_sold += direction * (not managed)
            return
        self.points[credit.source] += direction * credit.micropoints
        self.assumed += direction * credit.assumed
        self.doubtful += direction * (credit.doubt is not None)
        if managed:
            self.managed_cents += direction * credit.program_cents
        else:
            self.sold_cents += direction * credit.program_cents

    def count_lapse(self, credit: Credit) -> None:
        """Note what the balance loses by the credit's end."""
        if credit.lapsing:
            self.lapsed += credit.lapsing
            self.lapses += 1

    def on(self, day: date, portals: "_Portals") -> Balance:
        return Balance(
            day=day.toordinal(),
            sourced=self.points[Source.SOURCED],
            assisted=self.points[Source.ASSISTED],
            managed=self.points[Source.MANAGED],
            sold_cents=self.sold_cents,
            managed_cents=self.managed_cents,
            unrated_sold=self.unrated_sold,
            unrated_managed=self.unrated_managed,
            assumed=self.assumed,
            doubtful=self.doubtful,
            portals=len(portals.credits),
            portals_with_usage=sum(portals.tools.values()),
            tools_median_twice=portals.median_twice(),
            lapsed=self.lapsed,
            lapses=self.lapses,
        )


@dataclass(slots=True)
class _Portals:
    """The client portals that contribute credit, and a count of each number of tools they use."""

    credits: Counter[str] = field(default_factory=Counter)
    usage: dict[str, int] = field(default_factory=dict)
    tools: Counter[int] = field(default_factory=Counter)

    def move(self, client_id: str, direction: int) -> None:
        """Add (1) or remove (-1) a credit of the client."""
        before = self.credits[client_id]
        self.credits[client_id] = before + direction
        if not before or not before + direction:
            self._count(client_id, direction)
        if not self.credits[client_id]:
            del self.credits[client_id]

    def use(self, client_id: str, tools_used: int) -> None:
        """Note the client's newest tool usage."""
        contributes = client_id in self.credits
        if contributes:
            self._count(client_id, -1)
        self.usage[client_id] = tools_used
        if contributes:
            self._count(client_id, 1)

    def median_twice(self) -> int | None:
        """Twice the median; the mean of the middle two if even (how-tiers-work#tool-usage); None without usage."""
        known = sum(self.tools.values())
        if not known:
            return None
        low, high = (known - 1) // 2, known // 2
        return self._at(low) + self._at(high)

    def _at(self, rank: int) -> int:
        for tools_used in sorted(self.tools):
            rank -= self.tools[tools_used]
            if rank < 0:
                return tools_used
        raise AssertionError("rank beyond the portals counted")

    def _count(self, client_id: str, direction: int) -> None:
        if client_id in self.usage:
            self.tools[self.usage[client_id]] += direction


def timeline_of(credits: Iterable[Credit], usage: Mapping[str, Sequence[ToolUsage]] | None = None) -> list[Balance]:
    """One partner's balances, ascending by day, from its credits and its clients' tool usage (by client id).

    A month's usage counts from the month's first day on until a later month is known. Order of input doesn't matter.
    """
    starts: dict[date, list[Credit]] = defaultdict(list)
    ends: dict[date, list[Credit]] = defaultdict(list)
    used: dict[date, list[ToolUsage]] = defaultdict(list)
    clients = set()
    for credit in credits:
        clients.add(credit.client_id)
        starts[credit.starts_on].append(credit)
        if credit.lapses_on is not None:
            ends[credit.lapses_on].append(credit)
    for client_id in clients & (usage or {}).keys():
        for month in (usage or {})[client_id]:
            used[month.month].append(month)
    return _sweep(starts, ends, used)


def _sweep(
    starts: Mapping[date, list[Credit]], ends: Mapping[date, list[Credit]], used: Mapping[date, list[ToolUsage]]
) -> list[Balance]:
    running, portals = _Running(), _Portals()
    timeline: list[Balance] = []
    for day in sorted(starts.keys() | ends.keys() | used.keys()):
        for credit in starts.get(day, ()):
            running.move(credit, 1)
            portals.move(credit.client_id, 1)
        for credit in ends.get(day, ()):
            running.move(credit, -1)
            portals.move(credit.client_id, -1)
            running.count_lapse(credit)
        for month in used.get(day, ()):
            portals.use(month.client_id, month.tools_used)
        timeline.append(running.on(day, portals))
    return timeline


def balance_on(timeline: Sequence[Balance], day: date) -> Balance:
    """The balance on a day, past or future; an empty one before the first entry. `timeline` ascending by day."""
    index = bisect_right(timeline, day.toordinal(), key=lambda balance: balance.day)
    return timeline[index - 1] if index else Balance(day.toordinal())
