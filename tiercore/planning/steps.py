"""What a plan asks for: the request, and its steps (how-tiers-work#plans)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.entries import Client, Entry
from tiercore.facts.money import Money
from tiercore.facts.points import Source


class Kind(StrEnum):
    """What is done in a step."""

    CROSS_SELL = "cross_sell"
    UPSELL = "upsell"
    NEW_CLIENTS = "new_clients"
    DEAL = "deal"
    MANAGE = "manage"
    EXTEND = "extend"
    CERTIFICATION = "certification"
    MEMBERSHIP = "membership"

    @property
    def sells(self) -> bool:
        """Whether something is sold."""
        return self in (Kind.CROSS_SELL, Kind.UPSELL, Kind.NEW_CLIENTS)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a plan is asked for: a tier (None: the one in danger, or the next) by a day (None: the next credit day).

    `growth` sells in growth markets alone, `assisted` sells assisted deals alone; without `managed`, no client is taken
    on and no agreement extended. `most_a_month` is the most MRR to sell each month, in hundredths of `currency` (None:
    the plan's own).
    """

    tier: str | None = None
    by: date | None = None
    growth: bool = False
    assisted: bool = False
    managed: bool = True
    most_a_month: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step: what, with which client (None: nobody named), which line, and from which source its points come.

    `points` are micropoints on the plan's day, `mrr` is what is sold or managed; `last_day` is the last on which it
    works. `rate` is in points for US$100. `entries` are those that an import would bring if it was done on the day of
    the plan.
    """

    kind: Kind
    client: Client | None
    product_line: str | None
    source: Source | None
    points: int
    mrr: Money | None
    last_day: date
    rate: int = 0
    entries: tuple[Entry, ...] = ()


def mrr_of(steps: Sequence[PlanStep]) -> int:
    """The MRR of all steps together, in minor units."""
    return sum(each.mrr.minor for each in steps if each.mrr)
