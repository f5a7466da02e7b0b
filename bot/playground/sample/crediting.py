"""The tiers that the program credited over time, near what the sample's numbers give (program.md §6)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.playground.sample.agencies import Agency
from bot.playground.sample.book import Book
from bot.playground.sample.catalogue import FIRST_DAY, is_growth_market, usd_of
from bot.playground.sample.thresholds import POINTS, Thresholds
from bot.playground.sample.trading import months
from tiercore.entries import Agreement, DealType, Motion, Sale, TierCredited
from tiercore.money import Money

_MULTIPLIED_SINCE = date(2024, 2, 27)
_REVIEWS = (1, 7)
_MONTHS_REVIEWED = 6
_TIERS = ("untiered", "gold", "platinum", "diamond", "elite")


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


def credit(tally: Tally, agency: Agency) -> Iterator[TierCredited]:
    """The partner's credited tiers: up in any month, down at a review if no month before it was better."""
    credited, samples, gained_on = 0, list[int](), date.min
    for month in months(max(agency.joined_on, FIRST_DAY)):
        day = month.replace(day=15)
        samples.append(reached(tally, agency, day))
        best = max(samples[-_MONTHS_REVIEWED:])
        review = day.month in _REVIEWS and best < credited and (day - gained_on).days > 183
        if (samples[-1] > credited and len(samples) > 1) or review:
            gained_on = day if best > credited else gained_on
            credited = best
            yield TierCredited(agency.partner_id, _TIERS[credited], day)


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
