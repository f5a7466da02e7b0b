"""Credits: intervals of points, computed from one client's entries and the dated rules (how-tiers-work#rates).

A client's credits depend on that client's entries only. Several partners' lots on one product line are consumed
together, and partners with an agreement share the managed credit, so clients are rated one at a time.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source, divide_half_even

US_100_IN_CENTS = 100_00


class Cause(StrEnum):
    """What opened or closed a credit."""

    SALE = "sale"
    UPSELL = "upsell"
    NET_UPSELL = "net_upsell"
    PURCHASE = "purchase"
    AGREEMENT_STARTED = "agreement_started"
    SUBSCRIPTION_STARTED = "subscription_started"
    SUBSCRIPTION_ROSE = "subscription_rose"
    CURRENCY_CHANGED = "currency_changed"
    EDITION_CHANGED = "edition_changed"
    SHARE_CHANGED = "share_changed"
    RULE_CHANGED = "rule_changed"
    SALE_EXPIRED = "sale_aged_out"
    DOWNGRADE = "downgrade"
    CANCELLATION = "cancellation"
    AGREEMENT_ENDED = "agreement_ended"


class Origin(StrEnum):
    """Where the day comes from whose rate a sale has (how-tiers-work#origin-of-a-line).

    A net-new or cross-sell of its line; the day since which the line has paid, with an earlier end on file or from the
    first level on file; with neither, the sale's own day. DEAL_BASED is the own day of a sale on another partner's line
    (how-tiers-work#deal-based).
    """

    DEAL = "deal"
    LEVELS = "levels"
    FIRST_LEVEL = "first_level"
    OWN_DAY = "own_day"
    DEAL_BASED = "deal_based"


class Credit(NamedTuple):
    """Points of one partner from one client and product line, active while starts_on <= day < lapses_on.

    `lapses_on` is the day of expiry. `micropoints` and `program_cents` (the MRR in US cents by the program's table) are
    None if the rules have no table for the currency, or if they or the data can't tell the rate (`rate` is 0 then) or
    the amount (`mrr` is the whole sale then); `doubt` says so. `doubt` is also set if the data can't tell when
    the credit expires: its points count, its expiry is unknown. `lapsing` is what the balance loses on
    `lapses_on`, less than `micropoints` if the next credit continues with the rest. `assumed` marks a sale without
    subscription data. `rated_on` is the day whose rate applies: the origin of a sale's product line
    (how-tiers-work#origin-of-a-line); `origin` says where that day comes from, None for the credit's own day.
    `product_line` is the line by its latest name, `edition` the one that was sold or is held.
    """

    partner_id: str
    client_id: str
    product_line: str
    source: Source
    micropoints: int | None
    program_cents: int | None
    mrr: Money
    rate: int
    shared_by: int
    starts_on: date
    lapses_on: date | None
    opened_by: Cause
    closed_by: Cause | None
    entry_id: str
    rated_on: date
    lapsing: int | None = None
    doubt: str | None = None
    assumed: bool = False
    edition: str | None = None
    account: str | None = None
    origin: Origin | None = None


@dataclass(slots=True)
class ClientBook:
    """All entries of one client, from all partners, in any order."""

    client: Client
    sales: list[Sale] = field(default_factory=list)
    levels: list[SubscriptionLevel] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)


def is_active(credit: Credit, *, as_of: date) -> bool:
    """Whether the credit counts on the day."""
    return credit.starts_on <= as_of and (credit.lapses_on is None or as_of < credit.lapses_on)


def rated(mrr_minor: int, rate: int, per_100_usd: Money, shared_by: int = 1) -> int:
    """Micropoints of an MRR: `rate` points for each amount that equals US$100 (how-tiers-work#rates)."""
    return divide_half_even(mrr_minor * rate * MICRO, per_100_usd.minor * shared_by)


def in_program_cents(mrr_minor: int, per_100_usd: Money, shared_by: int = 1) -> int:
    """US cents of an MRR by the program's fixed table, for the dollar models."""
    return divide_half_even(mrr_minor * US_100_IN_CENTS, per_100_usd.minor * shared_by)


def no_table(currency: str, day: date) -> str:
    """Why an amount in the currency couldn't be rated on the day."""
    return f"currencies.{currency} isn't set on {day}"
