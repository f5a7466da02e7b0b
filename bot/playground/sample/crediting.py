"""The tiers that the program credited over time, near what the sample's numbers give (how-tiers-work#up-and-down)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.playground.sample.agencies import Agency
from bot.playground.sample.book import Book
from bot.playground.sample.catalogue import FIRST_DAY, is_growth_market, usd_of
from bot.playground.sample.thresholds import POINTS, Thresholds
from bot.playground.sample.trading import months
from tiercore.facts.entries import Agreement, DealType, Motion, Sale, TierCredited
from tiercore.facts.money import Money

_MULTIPLIED_SINCE = date(2024, 2, 27)
_REVIEWS = (1, 7)
_MONTHS_REVIEWED, _PROTECTED_DAYS = 6, 183
_TIERS = ("untiered", "gold", "platinum", "diamond", "elite")

# Where a story needs a certain tier on the demo's day, it is told up to the next review.
_TOLD_UNTIL = date(2022, 12, 31)
_TOLD = {
    "P001": {date(2022, 1, 15): "gold"},
    "P010": {date(2019, 1, 15): "platinum", date(2020, 3, 15): "diamond", date(2021, 7, 15): "elite"},
    "P011": {date(2019, 7, 15): "gold", date(2020, 6, 15): "platinum", date(2021, 7, 15): "diamond"},
}


@dataclass(slots=True)
class Tally:
    """About what every partner has sold and manages, without the finer rules: enough to credit tiers by."""

    book: Book
    sales: dict[str, list[Sale]] = field(default_factory=lambda: defaultdict(list))
    agreements: dict[str, list[Agreement]] = field(default_factory=lambda: defaultdict(list))
    sharers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    growth: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for sale in self.book.sample.sales:
            self.sales[sale.partner_id].append(sale)
        for agreement in self.book.sample.agreements:
            self.agreements[agreement.partner_id].append(agreement)
            self.sharers[agreement.client_id].add(agreement.partner_id)
        self.growth = {client.client_id for client in self.book.sample.clients if is_growth_market(client.country)}

    def sold(self, partner_id: str, day: date) -> float:
        """Points of the last 12 months' sales."""
        year_ago = day.replace(year=day.year - 1)
        return sum(self._points(sale) for sale in self.sales[partner_id] if year_ago < sale.sold_on <= day)

    def managed(self, partner_id: str, day: date) -> float:
        """Points of the clients under agreement."""
        held = {a.client_id for a in self.agreements[partner_id] if a.starts_on <= day <= (a.ends_on or date.max)}
        return sum(self._worth(client_id, day) for client_id in held)

    def _points(self, sale: Sale) -> float:
        if sale.deal_type is DealType.RENEWAL:
            return 0
        multiplied = sale.sold_on >= _MULTIPLIED_SINCE and sale.motion is Motion.SOURCED
        rate = 5 if multiplied and sale.deal_type in (DealType.NET_NEW, DealType.CROSS_SELL) else 3
        return usd_of(sale.mrr) * rate / 100 * self._factor(sale.client_id)

    def _worth(self, client_id: str, day: date) -> float:
        usd = sum(usd_of(Money(line.minor_on(day), line.currency)) for line in self.book.lines[client_id])
        return usd / 100 * self._factor(client_id) / len(self.sharers[client_id])

    def _factor(self, client_id: str) -> int:
        return 2 if client_id in self.growth else 1


@dataclass(slots=True)
class _Held:
    """The rank held, since when, and the ranks reached in the months so far."""

    rank: int = 0
    gained_on: date = date.min
    samples: list[int] = field(default_factory=list)

    def moved(self, day: date) -> bool:
        """Move by the month's sample, the last one: up at once, down at a review to the best of its months."""
        best = max(self.samples[-_MONTHS_REVIEWED:])
        rises = self.samples[-1] > self.rank
        falls = day.month in _REVIEWS and best < self.rank and (day - self.gained_on).days > _PROTECTED_DAYS
        if rises or falls:
            self.rank, self.gained_on = (self.samples[-1], day) if rises else (best, self.gained_on)
        return rises or falls


def credit(tally: Tally, agency: Agency) -> Iterator[TierCredited]:
    """The partner's credited tiers: up in any month, down at a review if no month before it was better."""
    held, told = _Held(), _TOLD.get(agency.partner_id, {})
    for month in months(max(agency.joined_on, FIRST_DAY)):
        day = month.replace(day=15)
        held.samples.append(reached(tally, agency, day))
        if told and day <= _TOLD_UNTIL:
            moved = day in told
            held.rank = _TIERS.index(told[day]) if moved else held.rank
        else:
            moved = held.moved(day)
        if moved:
            yield TierCredited(agency.partner_id, _TIERS[held.rank], day)


def reached(tally: Tally, agency: Agency, day: date) -> int:
    """The rank of the tier that the numbers reach."""
    sold, managed = tally.sold(agency.partner_id, day), tally.managed(agency.partner_id, day)
    reached = 0
    for rank, tier in enumerate(_asked(day), 1):
        if sold + managed >= tier.combined and sold >= tier.selling and managed >= (tier.managed or 0):
            reached = rank
    return reached if agency.invited_on else min(reached, _TIERS.index("diamond"))


def _asked(day: date) -> tuple[Thresholds, ...]:
    return POINTS[max((since for since in POINTS if since <= day), default=min(POINTS))]
