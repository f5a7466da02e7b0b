"""A second, naive way to a partner's points and retention: a walk over every day, from docs/how-tiers-work.md alone.

Nothing here imports tiercore.rating or tiercore.program: numbers, names of lines and rules are written down again, as
the page states them (written_rules). It knows only what `histories` draws.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import prod

from tests.support.histories import History
from tests.support.written_rules import (
    GROWTH_MARKETS,
    MICRO,
    NEW_TABLES,
    SOURCED_RISES,
    UNIT,
    Named,
    half_even,
    height,
    named,
    per_100_usd,
    twelve_months_after,
)
from tiercore.facts.entries import DealType, Sale, SubscriptionLevel

MEASURES = ("churn_only", "gross", "net")

LineKey = tuple[str, str, str]  # client, hub, account
Points = tuple[int, int, int]  # sourced, assisted, managed, in micropoints
Amount = tuple[int, str]  # minor units, currency


@dataclass(slots=True)
class Lot:
    """A sale that earns: what is left of it, and its points."""

    sale: Sale
    rate: int
    per_100: int
    expires: date
    left: int

    @property
    def micropoints(self) -> int:
        return half_even(self.left * self.rate * MICRO, self.per_100) if self.per_100 else 0


@dataclass(slots=True)
class Line:
    """A product line of a client, as it is at the end of the day."""

    sold_in: str = ""
    lots: list[Lot] = field(default_factory=list)
    begun: date | None = None
    level: Amount | None = None
    paying_since: date | None = None
    holding: Named | None = None
    met: set[Named] = field(default_factory=set)
    is_comparable: bool = True


@dataclass(slots=True)
class _Month:
    """A month under way: its first day, and for each partner the clients in its base."""

    first: date
    base: dict[str, set[str]]
    levels: dict[LineKey, Amount]


class DayByDay:
    """The walk. `points` are each partner's by the ordinals on which they change; `months` what each month left."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._country = {client.client_id: client.country for client in history.clients}
        self._lines: dict[LineKey, Line] = defaultdict(Line)
        self._sales: dict[date, list[Sale]] = defaultdict(list)
        self._levels: dict[date, list[SubscriptionLevel]] = defaultdict(list)
        self._partners = sorted({each.partner_id for each in (*history.sales, *history.agreements)})
        self.points: dict[str, list[tuple[int, Points]]] = {partner: [] for partner in self._partners}
        self.months: dict[str, dict[date, tuple[int, ...]]] = {partner: {} for partner in self._partners}
        self._month: _Month | None = None
        for sale in history.sales:
            self._sales[sale.sold_on].append(sale)
            if sale.deal_type is not DealType.RENEWAL:
                self._line_of(sale).sold_in = sale.mrr.currency
        for level in history.levels:
            self._levels[level.effective_on].append(level)
        self._walk()

    def retention(self, partner: str, day: date, measure: str) -> int | None:
        """What 12 complete months leave of 100%, in millionths of a percent; None where it is unknown (#retention)."""
        index = 1 + MEASURES.index(measure)
        first = [day.replace(day=1)]
        for _ in range(12):
            first.append((first[-1] - timedelta(1)).replace(day=1))
        counted = [self.months[partner][month] for month in first[1:] if month in self.months[partner]]
        if not counted:
            return None
        return round(Fraction(100 * MICRO * prod(each[index] for each in counted), prod(each[0] for each in counted)))

    def _walk(self) -> None:
        events = {*self._sales, *self._levels, SOURCED_RISES, NEW_TABLES}
        events |= {twelve_months_after(sold_on) for sold_on in self._sales}
        for agreement in self._history.agreements:
            events |= {agreement.starts_on, *((agreement.ends_on + timedelta(1),) if agreement.ends_on else ())}
        self.first, self.last = min(events), max(events) + timedelta(450)
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day in events:
                self._happens(day)
            if day.day == 1:
                self._turn_of_the_month(day)

    def _happens(self, day: date) -> None:
        sold = sorted(self._sales.get(day, ()), key=lambda sale: sale.sale_id)
        for sale in sold:
            if sale.deal_type in (DealType.NET_NEW, DealType.CROSS_SELL):
                self._line_of(sale).begun = day
        for sale in sold:
            if sale.deal_type is not DealType.RENEWAL:
                self._sell(sale)
        today: dict[LineKey, list[SubscriptionLevel]] = defaultdict(list)
        for level in self._levels.get(day, ()):
            today[self._key_of(level)].append(level)
        for key, levels in today.items():
            self._pay(self._lines[key], levels, day)
        for line in self._lines.values():
            line.lots = [lot for lot in line.lots if lot.left and day < lot.expires]
        self._count(day)

    def _sell(self, sale: Sale) -> None:
        """A lot at the rate of the line's origin (#origin-of-a-line)."""
        line, day = self._line_of(sale), sale.sold_on
        origin = line.begun or line.paying_since or day if day >= SOURCED_RISES else day
        rate = 5 if sale.motion.value == "sourced" and origin >= SOURCED_RISES else 3
        rate *= 2 if self._country[sale.client_id] in GROWTH_MARKETS else 1
        per_100 = per_100_usd(sale.mrr.currency, day)
        line.lots.append(Lot(sale, rate, per_100, twelve_months_after(day), sale.mrr.minor))

    def _pay(self, line: Line, levels: list[SubscriptionLevel], day: date) -> None:
        """The line's level of the day; a fall takes from the newest lots (#decreases)."""
        level = self._held(line, levels)
        if level is None:
            return
        before, line.level = line.level, level
        line.paying_since = (line.paying_since or day) if level[0] else None
        line.is_comparable = line.is_comparable and level[1] == line.sold_in
        if before and line.is_comparable:
            fall = max(0, before[0] - level[0])
            for lot in sorted(line.lots, key=lambda lot: (lot.sale.sold_on, lot.sale.sale_id), reverse=True):
                taken = min(fall, lot.left) if day < lot.expires else 0
                lot.left, fall = lot.left - taken, fall - taken

    def _held(self, line: Line, levels: list[SubscriptionLevel]) -> Amount | None:
        """What the line pays from the day on; None where nothing changes (#product-lines)."""
        of_day = [(named(each.product_line)[1], each) for each in sorted(levels, key=lambda each: each.product_line)]
        paying = [each for each in of_day if each[1].mrr.minor]
        if paying:
            line.holding, level = max(paying, key=height)
            line.met |= {each[0] for each in paying}
            return level.mrr.minor, level.mrr.currency
        for name, level in of_day:
            if self._ends(line, name):
                line.holding = None
                return 0, level.mrr.currency
        return None

    def _ends(self, line: Line, name: Named) -> bool:
        """A zero ends what is held under its own name, or under one that never paid and says no other edition."""
        if line.holding is None or name == line.holding:
            return True
        return name not in line.met and (name[1] in ("", line.holding[1]) or not line.holding[1])

    def _managers(self, client: str, day: date) -> set[str]:
        """The partners with an agreement in force; its last day counts (#managed-points)."""
        return {
            each.partner_id
            for each in self._history.agreements
            if each.client_id == client and each.starts_on <= day and (each.ends_on is None or day <= each.ends_on)
        }

    def _count(self, day: date) -> None:
        """Add up what is active on the day, partner by partner."""
        found = {partner: [0, 0, 0] for partner in self._partners}
        for (client, _, _), line in self._lines.items():
            for lot in line.lots:
                found[lot.sale.partner_id][lot.sale.motion.value == "assisted"] += lot.micropoints
            managers = self._managers(client, day)
            if line.level and line.level[0] and managers:
                for partner in managers:
                    found[partner][2] += self._share(client, line.level, len(managers), day)
        for partner, (sourced, assisted, managed) in found.items():
            changes = self.points[partner]
            if (sourced, assisted, managed) != (changes[-1][1] if changes else (0, 0, 0)):
                changes.append((day.toordinal(), (sourced, assisted, managed)))

    def _share(self, client: str, level: Amount, partners: int, day: date) -> int:
        per_100, rate = per_100_usd(level[1], day), 2 if self._country[client] in GROWTH_MARKETS else 1
        return half_even(level[0] * rate * MICRO, per_100 * partners) if per_100 else 0

    def _turn_of_the_month(self, day: date) -> None:
        """Close the month before, and begin one with its base: the clients that contribute credit (#retention)."""
        levels = {key: line.level for key, line in self._lines.items() if line.level and line.level[0]}
        if self._month:
            for partner, clients in self._month.base.items():
                if sums := self._left(self._month, clients, levels):
                    self.months[partner][self._month.first] = sums
        base: dict[str, set[str]] = defaultdict(set)
        for key, line in self._lines.items():
            for lot in line.lots:
                base[lot.sale.partner_id].add(key[0])
            for partner in self._managers(key[0], day) if key in levels else ():
                base[partner].add(key[0])
        self._month = _Month(day, base, levels)

    def _left(self, month: _Month, clients: set[str], now: dict[LineKey, Amount]) -> tuple[int, ...] | None:
        """Started, and left by each measure; None without MRR at the start."""
        sums = [0, 0, 0, 0]
        for client in clients:
            lines = [key for key in {**month.levels, **now} if key[0] == client]
            valued = [_valued(month.levels.get(key), now.get(key), month.first) for key in lines]
            known = [each for each in valued if each]
            if any(before for before, _ in known):
                for before, after in known:
                    for at, amount in enumerate((before, before if after else 0, min(before, after), after)):
                        sums[at] += amount
        return tuple(sums) if sums[0] else None

    def _key_of(self, entry: Sale | SubscriptionLevel) -> LineKey:
        return entry.client_id, named(entry.product_line)[0], entry.account or ""

    def _line_of(self, sale: Sale) -> Line:
        return self._lines[self._key_of(sale)]


def _valued(before: Amount | None, after: Amount | None, first: date) -> tuple[int, int] | None:
    """Both amounts by the table of the month's first day; None where one has no table."""
    found = [_units(each, first) for each in (before, after)]
    return None if None in found else (found[0] or 0, found[1] or 0)


def _units(amount: Amount | None, day: date) -> int | None:
    if amount is None:
        return 0
    per_100 = per_100_usd(amount[1], day)
    return amount[0] * (UNIT // per_100) if per_100 else None
