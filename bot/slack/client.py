"""The way out to Slack: one shared session, a Web API client, and posts to response_urls."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.upload import upload_png
from handlers.gateway import SlackRefused
from handlers.views.parts.chart import Chart

TIMEOUT_SECONDS = 2.5
_MOST_PICTURES = 500
_PUT_OFF_AT_MOST = 2
_FAULT = HTTPStatus.INTERNAL_SERVER_ERROR
_LONGEST_SECONDS = 8.0  # less than a stopping bot waits for what it acknowledged
Body = dict[str, Any]
_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
log = structlog.get_logger()


class SlackClient:
    """Open it, use it, close it. What Slack put off (429) is sent again, and what it failed at (5xx) where that is an
    answer through a response_url, a window or Home; any other repeat could double a post.

    It is what the handlers know as Outside: everything may raise SlackRefused, and what the network raises.
    """

    def __init__(self, token: str, api_url: str, response_prefix: str) -> None:
        self._token, self._api_url, self._prefix = token, api_url, response_prefix
        self._session: aiohttp.ClientSession | None = None
        self._pictures: dict[Chart, str] = {}

    async def open(self) -> AsyncWebClient:
        """The Web API client over the shared session."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self.client = AsyncWebClient(
            token=self._token,
            base_url=self._api_url,
            session=self._session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        return self.client

    async def respond(self, response_url: str, body: Body) -> None:
        """Post a message to a response_url (5 times within 30 minutes at most)."""
        if not response_url.startswith(self._prefix) or self._session is None:
            raise SlackRefused("not_slacks_address")
        await _patiently(lambda: self._respond(response_url, body))

    async def _respond(self, response_url: str, body: Body) -> None:
        assert self._session is not None
        async with self._session.post(response_url, json=body, allow_redirects=False) as answer:
            said = await answer.text()
        word = _word(said)
        if answer.status != 200 or word:
            again = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= _FAULT
            raise SlackRefused(word or str(answer.status), said[:200], _after(answer.headers) if again else None)

    async def open_view(self, trigger_id: str, view: Body, *, push: bool = False) -> str:
        """Open a window, or push one on top of the open one; its id."""
        way = self.client.views_push if push else self.client.views_open
        answer = await _asked(way(trigger_id=trigger_id, view=view))
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str, view: Body) -> None:
        """Show something else in a window."""
        await _patiently(lambda: _asked(self.client.views_update(view_id=view_id, view=view), twice=True))

    async def publish_home(self, user_id: str, view: Body) -> None:
        """Show this in someone's Home tab."""
        await _patiently(lambda: _asked(self.client.views_publish(user_id=user_id, view=view), twice=True))

    async def post(self, channel: str, body: Body) -> str:
        """Post a message to a channel, or to a user's own; its time stamp."""
        answer = await _patiently(lambda: _asked(self.client.chat_postMessage(channel=channel, **body)))
        return str(answer["ts"])

    async def picture(self, chart: Chart) -> str:
        """The id of the chart's picture, uploaded and ready to be shown; the same chart is uploaded once."""
        from bot.charts.png import draw  # loads matplotlib

        held = self._pictures.get(chart)
        if held is None:
            assert self._session is not None
            data = await asyncio.to_thread(draw, chart)
            held = await upload_png(self.client, self._session, data, "points.png", chart.title)
            self._pictures[chart] = held
            while len(self._pictures) > _MOST_PICTURES:
                del self._pictures[next(iter(self._pictures))]
        return held

    async def timezone_of(self, user_id: str) -> str | None:
        """The time zone in someone's Slack profile, an IANA name; None where the app may not see it."""
        return (await self._user(user_id)).get("tz")

    async def email_of(self, user_id: str) -> str | None:
        """The e-mail in someone's Slack profile; None where the app may not see it."""
        return ((await self._user(user_id)).get("profile") or {}).get("email")

    async def _user(self, user_id: str) -> Body:
        try:
            answer = await _asked(self.client.users_info(user=user_id))
        except SlackRefused:
            return {}
        return dict(answer["user"])

    async def close(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            await self._session.close()


async def _asked(call: Awaitable[Any], *, twice: bool = False) -> Any:
    """The call's answer. Raises SlackRefused with Slack's word; what failed at Slack's end may be asked for again where
    doing it `twice` is as good as once.
    """
    try:
        return await call
    except SlackApiError as error:
        response = error.response
        messages = (response.get("response_metadata") or {}).get("messages") or []
        again = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or (twice and response.status_code >= _FAULT)
        after = _after(response.headers) if again else None
        raise SlackRefused(str(response.get("error")), "; ".join(messages), after) from error


async def _patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """The call's answer, asked for again when Slack says so. A window's opening is not for this: it can't wait."""
    for _ in range(_PUT_OFF_AT_MOST):
        try:
            return await call()
        except SlackRefused as error:
            if error.after is None or error.after > _LONGEST_SECONDS:
                raise
            await asyncio.sleep(error.after)
    return await call()


def _after(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After, one where it says nothing."""
    said = next((value for key, value in headers.items() if key.lower() == "retry-after"), "")
    return float(said) if str(said).isdecimal() else 1.0


def _word(said: str) -> str:
    """Slack's word for refusing a response_url's message, told as JSON or bare; empty when it took the message."""
    try:
        found = orjson.loads(said) if said.startswith("{") else said.strip()
    except orjson.JSONDecodeError:
        return ""
    if isinstance(found, dict):
        return "" if found.get("ok") else str(found.get("error", "not_ok"))
    return found if _WORD.fullmatch(found) and found != "ok" else ""
