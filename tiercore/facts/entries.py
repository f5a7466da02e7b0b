"""Entries: the facts as the files state them (data#files). Immutable: no calculation edits them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.money import Money
from tiercore.facts.points import Source


class DealType(StrEnum):
    """What kind of deal a sale is (how-tiers-work#deal-types)."""

    NET_NEW = "net_new"
    CROSS_SELL = "cross_sell"
    UPSELL = "upsell"
    RENEWAL = "renewal"
    INCREASE = "increase"


class Motion(StrEnum):
    """How the partner took part in a sale; before 2024 they differ only in name."""

    SOURCED = "sourced"
    ASSISTED = "assisted"

    @property
    def source(self) -> Source:
        """The source of the points that a sale with this motion earns."""
        return _SOURCES[self]


_SOURCES = {each: Source(each.value) for each in Motion}


class Role(StrEnum):
    """Whom a person works for: a partner, or the program as CAM, CC or admin."""

    PARTNER = "partner"
    CAM = "cam"
    CC = "cc"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Partner:
    """An agency in the program. `country` is ISO 3166 alpha-2; its answers convert amounts to `currency`."""

    partner_id: str
    name: str
    country: str
    currency: str
    joined_on: date
    elite_invited_on: date | None = None
    membership_until: date | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """An account that a partner sold to or manages; its `country` decides growth-market rates."""

    client_id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A closed deal: `mrr` of one product line, sold to a client on a day.

    `product_line` is the text as it came; `Catalogue.line_of` says what it stands for. `account` tells two accounts of
    one client apart, None for a client with one.
    """

    sale_id: str
    partner_id: str
    client_id: str
    product_line: str
    deal_type: DealType
    motion: Motion
    mrr: Money
    sold_on: date
    account: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionLevel:
    """A product line's total MRR from `effective_on` on; zero is a cancellation. `account` is as in Sale."""

    client_id: str
    product_line: str
    mrr: Money
    effective_on: date
    renews_on: date | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A client managed relationship agreement; `ends_on` is the last day that counts, None if open-ended."""

    agreement_id: str
    partner_id: str
    client_id: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ToolUsage:
    """How many tools a client's portal used in a month; `month` is its first day."""

    client_id: str
    month: date
    tools_used: int


@dataclass(frozen=True, slots=True)
class Certification:
    """A certification, valid from `valid_from` through `valid_until`, both included."""

    partner_id: str
    certification: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class TierCredited:
    """The tier that the program credited a partner with on a day; "untiered" removes it."""

    partner_id: str
    tier: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class PipelineDeal:
    """A deal that isn't closed yet: `mrr` of one product line, expected on a day. It earns nothing (pipeline#rules).

    `client_id` is None for a new client, which is then known by `client_name` and its `country`, None if unknown.
    `probability` is in whole percent, None if unknown. `owner` is the e-mail of whoever works on it.
    """

    deal_id: str
    partner_id: str
    client_id: str | None
    client_name: str | None
    country: str | None
    product_line: str
    motion: Motion
    mrr: Money
    expected_on: date
    probability: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person and one partner they belong to or look after; an admin's row names no partner."""

    email: str
    name: str
    role: Role
    partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone who looks after a partner; `user_id` is their Slack user, None if they are not linked."""

    role: str
    name: str
    email: str
    user_id: str | None


Entry = (
    Partner
    | Client
    | Sale
    | SubscriptionLevel
    | Agreement
    | ToolUsage
    | Certification
    | TierCredited
    | PipelineDeal
    | Person
)
