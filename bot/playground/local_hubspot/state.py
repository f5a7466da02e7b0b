"""What the local HubSpot knows while it runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground.local_hubspot.faults import Faults
from bot.playground.local_hubspot.journal import Journal
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.portal.object_types import ALL_SCOPES
from bot.playground.local_hubspot.portal.portal import Portal


@dataclass(slots=True)
class HubSpotState:
    """The portal, who may read it, its limits, faults and journal.

    `empty_as_null`: properties without a value come as null, as HubSpot gives them; its description has no null, and
    without this they are left out. `index_seconds`: how long a change takes until a search finds it.
    """

    portal: Portal
    clock: Callable[[], float]
    token: str
    limits: Limits = field(default_factory=Limits)
    scopes: frozenset[str] = ALL_SCOPES
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    empty_as_null: bool = False
    index_seconds: float = 0.0
    url: str = ""
