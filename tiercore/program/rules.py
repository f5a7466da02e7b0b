"""The rules of one day, as the core uses them. They come from Program.on(day)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tiercore.facts.entries import DealType
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import NotConfigured, not_configured
from tiercore.program.mistakes import UnknownTier

UNTIERED = "untiered"
EFFORTS = ("sourced", "assisted", "won", "managed", "extended", "taken_on")

Model = Literal["dollars", "points"]
MinimumSource = Literal["sold", "sourced", "managed"]
DecidedBy = Literal["partner", "client"]
ConsumeOrder = Literal["newest", "oldest"]
OlderLineRate = Literal["line", "sale"]
RetentionMeasure = Literal["customer_dollar_retention", "gross_revenue_retention"]
RetentionCounts = Literal["churn_only", "gross", "net"]


@dataclass(frozen=True, slots=True)
class Minimum:
    """The micropoints that a tier requires from one source, in addition to its total (how-tiers-work#tiers)."""

    source: MinimumSource
    points: int | NotConfigured


@dataclass(frozen=True, slots=True)
class TierRules:
    """A tier's requirements on a day.

    `combined` (micropoints) and `minimums` belong to the points model, the two amounts in US$ to the dollar model.
    `retention_above` is a percentage to exceed, `retention_score` one to reach, `certifications` the number in the
    partner's team; each of the three is None if the day's rules don't require it.
    """

    name: str
    combined: int | NotConfigured
    minimums: tuple[Minimum, ...]
    sold_dollars: Money | NotConfigured
    managed_dollars: Money | NotConfigured
    retention_above: int | NotConfigured | None
    by_invitation: bool = False
    certifications: int | None = None
    retention_score: int | None = None


@dataclass(frozen=True, slots=True)
class AwardRules:
    """What a partner needs to enter for the awards (how-tiers-work#awards): the lowest tier, managed MRR on every day
    of a year, a retention in whole percent and a number of reviews, each to be reached.
    """

    tier: str
    managed_dollars: Money
    retention: int
    reviews: int


@dataclass(frozen=True, slots=True)
class GoldDeadline:
    """The day by which partners who joined before another day must have reached Gold."""

    joined_before: date
    deadline: date


@dataclass(frozen=True, slots=True)
class DealRules:
    """Deal-based credit on a day on which it applies (how-tiers-work#deal-based).

    `countries` are those of the clients (ISO 3166 alpha-2), None for every country. `without_deal_months` is how long
    after a line's first sale a purchase without a deal counts. `older_line_rate` decides the rate of an upsell on a
    line that another partner began at another rate: that of the "line", or of the "sale"'s own day.
    """

    countries: frozenset[str] | None
    without_deal_months: int
    older_line_rate: OlderLineRate | NotConfigured


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules on a day; `tiers` are ascending. Months are calendar months, percentages whole numbers.

    `sure_from` and `likely_from` are the probabilities from which a deal of the pipeline is called so.

    `deal_based` is None on a day on which deal-based credit doesn't apply. `efforts` are what a dollar costs the
    partner, in hundredths, by EFFORTS (how-tiers-work#plans). `ranks` are the tiers' ranks by name, the lowest 0.
    """

    version: str
    model: Model
    tiers: tuple[TierRules, ...]
    growth_market_by: DecidedBy
    growth_market_target_percent: int
    growth_markets: frozenset[str]
    expire_after_months: int
    decrease_consumes: ConsumeOrder
    rate_follows_origin: bool
    deal_based: DealRules | None
    certification_required: bool
    membership_required: bool
    tool_usage_median: int | NotConfigured
    retention_measure: RetentionMeasure
    retention_counts: RetentionCounts
    gold_within_months: int | NotConfigured
    gold_earlier: GoldDeadline | None
    awards: AwardRules
    uptier_day: int
    sampling_day: int
    lookback_months: int
    protection_months: int
    sure_from: int
    likely_from: int
    recalibration_days: tuple[tuple[int, int], ...]
    earning: frozenset[DealType]
    standard_rates: Mapping[Source, int] = field(hash=False)
    growth_market_rates: Mapping[Source, int] = field(hash=False)
    amounts_per_100_usd: Mapping[str, Money] = field(hash=False)
    line_names: Mapping[str, str] = field(default_factory=dict, hash=False)
    efforts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(EFFORTS, 100), hash=False)
    ranks: Mapping[str, int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranks", {tier.name: rank for rank, tier in enumerate(self.tiers)})

    def tier(self, name: str) -> TierRules:
        """The tier of that name. Raises UnknownTier if the rules have none."""
        rank = self.ranks.get(name)
        if rank is None:
            raise UnknownTier(name, [tier.name for tier in self.tiers])
        return self.tiers[rank]

    def next_tier(self, name: str | None) -> TierRules | None:
        """The tier above: the lowest one for an untiered partner (None), None at the top. Raises UnknownTier."""
        if name is None or name == UNTIERED:
            return self.tiers[0]
        above = self.ranks[self.tier(name).name] + 1
        return self.tiers[above] if above < len(self.tiers) else None

    def rate(self, source: Source, *, growth_market: bool) -> int:
        """Points per US$100 of MRR (how-tiers-work#rates)."""
        return self.growth_market_rates[source] if growth_market else self.standard_rates[source]

    def per_100_usd(self, currency: str) -> Money | NotConfigured:
        """The amount of the currency that equals US$100 by the program's table (how-tiers-work#currencies)."""
        return self.amounts_per_100_usd.get(currency) or not_configured(f"currencies.{currency}")

    def is_approximate(self, currency: str) -> bool:
        """Whether results in this currency must be labelled approximate: any but US$ (how-tiers-work#currencies)."""
        return currency != "USD"

    def is_growth_market(self, country: str) -> bool:
        """Whether the country (ISO 3166 alpha-2) is a growth market on the day (how-tiers-work#growth-markets)."""
        return country in self.growth_markets

    def line_name(self, product_line: str) -> str:
        """What a product line is called on the day, from its latest name (how-tiers-work#product-lines)."""
        return self.line_names.get(product_line, product_line)

    def product(self, product_line: str, edition: str | None = None, account: str | None = None) -> str:
        """A product line with its edition, as it is called on the day: "CMS Hub Professional (account 2)"."""
        shown = " ".join(filter(None, (self.line_name(product_line), edition)))
        return f"{shown} ({account})" if account else shown

    def deal_based_in(self, country: str) -> DealRules | None:
        """The rules of deal-based credit for clients of the country, None if it doesn't apply to them."""
        found = self.deal_based
        return found if found and (found.countries is None or country in found.countries) else None

    def earns(self, deal_type: DealType) -> bool:
        """Whether a sale of this type earns sold points (how-tiers-work#deal-types)."""
        return deal_type in self.earning
