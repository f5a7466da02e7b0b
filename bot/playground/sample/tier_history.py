"""The tiers credited over time, approximating what the sample's points give (how-tiers-work#up-and-down)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.playground.sample.agencies import Agency
from bot.playground.sample.catalogue import FIRST_DAY, is_growth_market, usd_of
from bot.playground.sample.draft_ledger import DraftLedger
from bot.playground.sample.thresholds import POINTS, Thresholds
from bot.playground.sample.trade import months
from tiercore.facts.entries import Agreement, DealType, Motion, Sale, TierCredited
from tiercore.facts.money import Money

_MULTIPLIER_SINCE = date(2024, 2, 27)
_REVIEWS = (1, 7)
_REVIEWED_MONTHS, _PROTECTED_DAYS = 6, 183
_TIERS = ("untiered", "gold", "platinum", "diamond", "elite")

# Where a story needs a certain tier on the demo's day, its history is fixed until the next review.
_FIXED_UNTIL = date(2022, 12, 31)
_FIXED = {
    "P001": {date(2022, 1, 15): "gold"},
    "P010": {date(2019, 1, 15): "platinum", date(2020, 3, 15): "diamond", date(2021, 7, 15): "elite"},
    "P011": {date(2019, 7, 15): "gold", date(2020, 6, 15): "platinum", date(2021, 7, 15): "diamond"},
}


@dataclass(slots=True)
class PointsEstimate:
    """Every partner's sold and managed points, without the finer rules: close enough for crediting tiers."""

    draft: DraftLedger
    sales: dict[str, list[Sale]] = field(default_factory=lambda: defaultdict(list))
    agreements: dict[str, list[Agreement]] = field(default_factory=lambda: defaultdict(list))
    sharers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    growth_clients: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for sale in self.draft.sample.sales:
            self.sales[sale.partner_id].append(sale)
        for agreement in self.draft.sample.agreements:
            self.agreements[agreement.partner_id].append(agreement)
            self.sharers[agreement.client_id].add(agreement.partner_id)
        self.growth_clients = {
            client.client_id for client in self.draft.sample.clients if is_growth_market(client.country)
        }

    def sold(self, partner_id: str, day: date) -> float:
        """Points from the sales of the last 12 months."""
        year_ago = day.replace(year=day.year - 1)
        return sum(self._sold_points(sale) for sale in self.sales[partner_id] if year_ago < sale.sold_on <= day)

    def managed(self, partner_id: str, day: date) -> float:
        """Points from the clients with an agreement in force."""
        agreements = self.agreements[partner_id]
        managed = {each.client_id for each in agreements if each.starts_on <= day <= (each.ends_on or date.max)}
        return sum(self._managed_points(client_id, day) for client_id in managed)

    def _sold_points(self, sale: Sale) -> float:
        if sale.deal_type is DealType.RENEWAL:
            return 0
        multiplied = sale.sold_on >= _MULTIPLIER_SINCE and sale.motion is Motion.SOURCED
        rate = 5 if multiplied and sale.deal_type in (DealType.NET_NEW, DealType.CROSS_SELL) else 3
        return usd_of(sale.mrr) * rate / 100 * self._factor(sale.client_id)

    def _managed_points(self, client_id: str, day: date) -> float:
        usd = sum(usd_of(Money(line.minor_on(day), line.currency)) for line in self.draft.lines[client_id])
        return usd / 100 * self._factor(client_id) / len(self.sharers[client_id])

    def _factor(self, client_id: str) -> int:
        return 2 if client_id in self.growth_clients else 1


@dataclass(slots=True)
class _TierState:
    """The credited rank, since when, and the ranks reached in the months so far."""

    rank: int = 0
    gained_on: date = date.min
    reached: list[int] = field(default_factory=list)

    def review(self, day: date) -> bool:
        """Change the rank by the month's, the last of `reached`: up in any month, down only at a review, to the best
        rank of its months; whether it has changed.
        """
        best = max(self.reached[-_REVIEWED_MONTHS:])
        rises = self.reached[-1] > self.rank
        falls = day.month in _REVIEWS and best < self.rank and (day - self.gained_on).days > _PROTECTED_DAYS
        if rises or falls:
            self.rank, self.gained_on = (self.reached[-1], day) if rises else (best, self.gained_on)
        return rises or falls


def credited_tiers(estimate: PointsEstimate, agency: Agency) -> Iterator[TierCredited]:
    """The partner's credited tiers: up in any month, down at a review if no month before it was better."""
    state, fixed = _TierState(), _FIXED.get(agency.partner_id, {})
    for month in months(max(agency.joined_on, FIRST_DAY)):
        day = month.replace(day=15)
        state.reached.append(_reached_rank(estimate, agency, day))
        if fixed and day <= _FIXED_UNTIL:
            changed = day in fixed
            state.rank = _TIERS.index(fixed[day]) if changed else state.rank
        else:
            changed = state.review(day)
        if changed:
            yield TierCredited(agency.partner_id, _TIERS[state.rank], day)


def _reached_rank(estimate: PointsEstimate, agency: Agency, day: date) -> int:
    """The rank of the highest tier whose thresholds are met; Elite only by invitation."""
    sold, managed = estimate.sold(agency.partner_id, day), estimate.managed(agency.partner_id, day)
    reached = 0
    for rank, tier in enumerate(_thresholds_on(day), 1):
        if sold + managed >= tier.combined and sold >= tier.selling and managed >= (tier.managed or 0):
            reached = rank
    return reached if agency.invited_on else min(reached, _TIERS.index("diamond"))


def _thresholds_on(day: date) -> tuple[Thresholds, ...]:
    return POINTS[max((since for since in POINTS if since <= day), default=min(POINTS))]
