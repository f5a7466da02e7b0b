"""The timeline: a partner's balance on every day with a change, past and known future (architecture#the-one-idea)."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

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


@dataclass(slots=True)
class _Running:
    """Running sums as the timeline advances from day to day."""

    points: Counter[Source] = field(default_factory=Counter)
    sold_cents: int = 0
    managed_cents: int = 0
    unrated_sold: int = 0
    unrated_managed: int = 0
    assumed: int = 0
    doubtful: int = 0
    lapsed: int = 0
    lapses: int = 0

    def count(self, credit: Credit, direction: int) -> None:
        """Add (1) or subtract (-1) a credit."""
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
        """Add what the balance loses when the credit ends."""
        if credit.lapsing:
            self.lapsed += credit.lapsing
            self.lapses += 1

    def on(self, day: date, portals: Portals) -> Balance:
        """The balance of the day."""
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


def timeline_of(credits: Iterable[Credit], usage: Mapping[str, Sequence[ToolUsage]] | None = None) -> list[Balance]:
    """One partner's balances, ascending by day, from its credits and its clients' tool usage (by client id).

    A month's usage counts from its first day until a later month is known. The order of the input doesn't matter.
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
    running, portals = _Running(), Portals()
    timeline: list[Balance] = []
    for day in sorted(starts.keys() | ends.keys() | used.keys()):
        for credit in starts.get(day, ()):
            running.count(credit, 1)
            portals.count(credit.client_id, 1)
        for credit in ends.get(day, ()):
            running.count(credit, -1)
            portals.count(credit.client_id, -1)
            running.count_lapse(credit)
        for month in used.get(day, ()):
            portals.use(month.client_id, month.tools_used)
        timeline.append(running.on(day, portals))
    return timeline


def balance_on(timeline: Sequence[Balance], day: date) -> Balance:
    """The balance on a day, past or future; empty before the first. `timeline` ascending by day."""
    index = bisect_right(timeline, day.toordinal(), key=lambda balance: balance.day)
    return timeline[index - 1] if index else Balance(day.toordinal())
