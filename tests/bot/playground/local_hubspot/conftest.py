"""A small portal and a client that reads it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.playground.local_hubspot.portal.definitions import Property
from bot.playground.local_hubspot.server import HubSpot

Json = dict[str, Any]


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: its status, headers and JSON."""

    status: int
    headers: Any
    body: Json

    @property
    def ids(self) -> list[int]:
        return [int(each["id"]) for each in self.body["results"]]

    @property
    def after(self) -> str | None:
        return self.body.get("paging", {}).get("next", {}).get("after")


class Client:
    """Calls with the portal's credential."""

    def __init__(self, hubspot: HubSpot, session: aiohttp.ClientSession) -> None:
        self._hubspot, self._session = hubspot, session

    async def get(self, path: str, token: str | None = None, **query: str) -> Answered:
        headers = {"Authorization": f"Bearer {token or self._hubspot.token}"}
        async with self._session.get(self._hubspot.url + path, params=query, headers=headers) as answer:
            return Answered(answer.status, answer.headers, await answer.json())

    async def post(self, path: str, body: Json) -> Answered:
        headers = {"Authorization": f"Bearer {self._hubspot.token}"}
        async with self._session.post(self._hubspot.url + path, json=body, headers=headers) as answer:
            return Answered(answer.status, answer.headers, await answer.json())

    async def search(self, object_type: str, after: str = "0", limit: int = 200, **more: Any) -> Answered:
        body = {"filterGroups": [], "sorts": ["hs_object_id"], "properties": [], "limit": limit, "after": after}
        return await self.post(f"/crm/objects/2026-03/{object_type}/search", body | more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hubspot(clock: Clock) -> AsyncIterator[HubSpot]:
    """A portal with five deals, 1001 to 1005."""
    async with HubSpot(clock=clock) as hubspot:
        hubspot.portal.describe(
            "deals", Property("dealname", "Deal Name"), Property("amount", "Amount", "number", "number")
        )
        for number in range(1, 6):
            hubspot.portal.add("deals", {"dealname": f"Deal {number}", "amount": str(100 * number)})
        yield hubspot


@pytest.fixture
async def client(hubspot: HubSpot) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(hubspot, session)
