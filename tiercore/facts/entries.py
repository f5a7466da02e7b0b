"""Entries: the facts as they were told (data#files). Immutable; a calculation never edits them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.money import Money
from tiercore.facts.points import Source


class DealType(StrEnum):
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
        """The source of the points that a sale of this motion earns."""
        return Source(self.value)


class Role(StrEnum):
    PARTNER = "partner"
    CAM = "cam"
    CC = "cc"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Partner:
    """An agency in the program. `country` is ISO 3166 alpha-2, `currency` what its answers are converted to."""

    partner_id: str
    name: str
    country: str
    currency: str
    joined_on: date
    elite_invited_on: date | None = None
    membership_until: date | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A customer account that a partner sold to or manages; its `country` decides growth-market rates."""

    client_id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Sale:
    sale_id: str
    partner_id: str
    client_id: str
    product_line: str
    deal_type: DealType
    motion: Motion
    mrr: Money
    sold_on: date


@dataclass(frozen=True, slots=True)
class SubscriptionLevel:
    """A product line's whole MRR from `effective_on` on; zero is a cancellation."""

    client_id: str
    product_line: str
    mrr: Money
    effective_on: date
    renews_on: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A client managed relationship agreement; `ends_on` is the last day that counts, None is open."""

    agreement_id: str
    partner_id: str
    client_id: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ToolUsage:
    """How many tools a client's portal used in the month that begins on `month`."""

    client_id: str
    month: date
    tools_used: int


@dataclass(frozen=True, slots=True)
class Certification:
    """A certification, valid from the first to the last day, both included."""

    partner_id: str
    certification: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class TierCredited:
    """The tier that the program gave a partner on a day; "untiered" takes it away."""

    partner_id: str
    tier: str
    credited_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """One row per partner that a person belongs to or looks after; an admin's row names no partner."""

    email: str
    name: str
    role: Role
    partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone who looks after a partner; `user_id` is their Slack user, None where they are not linked."""

    role: str
    name: str
    email: str
    user_id: str | None


Entry = Partner | Client | Sale | SubscriptionLevel | Agreement | ToolUsage | Certification | TierCredited | Person
