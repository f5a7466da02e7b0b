"""Deliver requests to the bot: the interface, and delivery by signed HTTP."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import aiohttp

from bot.playground.local_slack.signing import FORM, JSON, signed_headers

Json = dict[str, Any]
Kind = Literal["slash_commands", "interactive", "events_api"]
TIMED_OUT = "operation_timeout"
NOT_DELIVERED = "dispatch_failed"


@dataclass(frozen=True, slots=True)
class BotResponse:
    """The bot's response. `status` is None when there was none; `seconds` is real time."""

    status: int | None
    body: str
    seconds: float
    error: str | None = None

    @property
    def answer(self) -> Json:
        """The body as an object: plain text counts as a message's text, an empty body as {}."""
        text = self.body.strip()
        try:
            found = json.loads(text) if text[:1] in ("{", "[") else None
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        return {"text": self.body} if text else {}


class Delivery(Protocol):
    """Delivers requests to the bot."""

    async def deliver(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> BotResponse:
        """Send, and wait for the acknowledgement as long as Slack does."""


def encoded(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """The body and its content type as Slack sends it over HTTP."""
    if kind == "events_api":
        return json.dumps(payload, ensure_ascii=False).encode(errors="replace"), JSON
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload, ensure_ascii=False)}
    return urlencode(fields, errors="replace").encode(), FORM


class HttpDelivery:
    """Signed POSTs to the bot's URL."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float], ack_seconds: float) -> None:
        self.url, self._secret, self._clock, self._seconds = url, secret, clock, ack_seconds
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def deliver(self, kind: Kind, payload: Json, headers: Mapping[str, str]) -> BotResponse:
        """Never raises: a time-out or a closed port is a BotResponse too."""
        body, content_type = encoded(kind, payload)
        signed = signed_headers(self._secret, int(self._clock()), body, content_type)
        return await self.post(body, {**signed, **headers})

    async def post(self, body: bytes, headers: Mapping[str, str]) -> BotResponse:
        """Send exactly these bytes and headers, even forged ones."""
        started = time.perf_counter()
        try:
            request = self._session.post(self.url, data=body, headers=headers, allow_redirects=False)
            async with asyncio.timeout(self._seconds), request as response:
                text = (await response.read()).decode(errors="replace")
                error = None if response.status == 200 else NOT_DELIVERED
                return BotResponse(response.status, text, time.perf_counter() - started, error)
        except TimeoutError:
            return BotResponse(None, "", time.perf_counter() - started, TIMED_OUT)
        except aiohttp.ClientError as error:
            return BotResponse(None, str(error), time.perf_counter() - started, NOT_DELIVERED)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()
