"""Deals that aren't closed yet, as plain values, independent of the database (pipeline#rules)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.entries import PipelineDeal
from tiercore.people.types import InvalidChange

LATEST = 366  # days ahead to which a deal can be moved


class Said(StrEnum):
    """What people said of a deal: it is lost, it is expected on another day, or they will say later."""

    LOST = "lost"
    MOVED = "moved"
    LATER = "later"


class NoSuchDeal(InvalidChange):
    """There is no such open deal, or this person may not see it: both read the same."""

    def __init__(self) -> None:
        super().__init__("This deal isn't open any more, or it isn't yours.")


@dataclass(frozen=True, slots=True)
class DealLine:
    """An open deal with the names in it, and the day on which it is expected by what is known today.

    `asked_for` is the day about which its owner was asked last.
    """

    deal: PipelineDeal
    partner: str
    client: str
    expected_on: date
    asked_for: date | None = None
