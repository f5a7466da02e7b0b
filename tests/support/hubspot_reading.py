"""Our reader in front of a local HubSpot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

from bot.hubspot.client import HubSpotClient, Patience
from bot.hubspot.limits import SEARCHES_A_SECOND, DailyBudget, Limits
from bot.hubspot.reader import HubSpotReader

HASTY = Patience(attempts=6, first=0.001, longest=0.01, jitter=0.0)


@asynccontextmanager
async def our_reader(url: str, token: str, searches_a_second: int = SEARCHES_A_SECOND) -> AsyncIterator[HubSpotReader]:
    """The reader of a portal, which tries again at once."""
    async with HubSpotClient(token, Limits(DailyBudget(Fraction(1)), searches_a_second), url, HASTY) as client:
        yield HubSpotReader(client)
