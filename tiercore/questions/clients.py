"""The clients that a partner's points come from (roadmap-2022#client-details)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tiercore.facts.entries import Partner
from tiercore.facts.typed import TypedMark
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.rating.timeline import Balance

ORDERS = ("points", "name", "lapsing", "sold", "managed")


class ClientLine(NamedTuple):
    """A client in the list: active micropoints, and how many expire next and when (None: none known to).

    `unrated` counts credits that no sum includes; `doubt` says why an expiry is unknown.
    """

    client_id: str
    client: str
    sold: int
    managed: int
    unrated: int
    lapses_on: date | None
    lapsing: int
    doubt: str | None

    @property
    def combined(self) -> int:
        """Sold and managed micropoints together."""
        return self.sold + self.managed


class Unpaid(NamedTuple):
    """A client with an agreement in force that earns no managed points, and why."""

    client_id: str
    client: str
    reason: str


@dataclass(frozen=True, slots=True)
class Clients:
    """A page of the partner's clients with active credits, in one of ORDERS; `count` is the number of all of them.

    `held` is set while expiry is under correction: no line then says what expires. `typed` says who last typed
    something about a client in Slack, by its ID.
    """

    partner: Partner
    as_of: date
    rules: Rules
    balance: Balance
    order: str
    start: int
    count: int
    lines: tuple[ClientLine, ...]
    unpaid: tuple[Unpaid, ...]
    notes: tuple[str, ...]
    held: Unknown | None = None
    typed: Mapping[str, TypedMark] = field(default_factory=dict)
