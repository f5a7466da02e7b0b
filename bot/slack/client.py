"""The way out to Slack: one shared session, a Web API client, and posts to response_urls."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackFailure, failure_in, failure_of
from bot.slack.upload import upload_png
from handlers.gateway import SlackRefused
from handlers.views.parts.chart import Chart

TIMEOUT_SECONDS = 2.5
_MOST_PICTURES = 500
_PUT_OFF_AT_MOST = 2
_USUAL_PAUSE = 1.0  # seconds, where Slack doesn't say
_LONGEST_SECONDS = 8.0  # less than a stopping bot waits for what it acknowledged
Body = dict[str, Any]
log = structlog.get_logger()


class SlackClient:
    """Open it, use it, close it. What Slack put off (429) is sent again, and what it failed at (5xx) where that is an
    answer through a response_url, a window or Home; any other repeat could double a post.

    It is what the handlers know as Outside: everything may raise SlackRefused, and what the network raises.
    What is sent is `spelled` before: it names commands as this workspace has them.
    """

    def __init__(
        self, token: str, api_url: str, response_prefix: str, spelled: Callable[[Body], Body] = lambda body: body
    ) -> None:
        self._token, self._api_url, self._prefix, self._spelled = token, api_url, response_prefix, spelled
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
        await _patiently(lambda: self._respond(response_url, self._spelled(body)))

    async def _respond(self, response_url: str, body: Body) -> None:
        assert self._session is not None
        async with self._session.post(response_url, json=body, allow_redirects=False) as answer:
            failure = failure_in(answer.status, answer.headers, await answer.text())
        if failure:
            raise _refused(failure, repeatable=True)

    async def open_view(self, trigger_id: str, view: Body, *, push: bool = False) -> str:
        """Open a window, or push one on top of the open one; its id."""
        way = self.client.views_push if push else self.client.views_open
        answer = await _asked(way(trigger_id=trigger_id, view=self._spelled(view)))
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str, view: Body) -> None:
        """Show something else in a window."""
        shown = self._spelled(view)
        await _patiently(lambda: _asked(self.client.views_update(view_id=view_id, view=shown), repeatable=True))

    async def publish_home(self, user_id: str, view: Body) -> None:
        """Show this in someone's Home tab."""
        shown = self._spelled(view)
        await _patiently(lambda: _asked(self.client.views_publish(user_id=user_id, view=shown), repeatable=True))

    async def post(self, channel: str, body: Body) -> str:
        """Post a message to a channel, or to a user's own; its time stamp."""
        said = self._spelled(body)
        answer = await _patiently(lambda: _asked(self.client.chat_postMessage(channel=channel, **said)))
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


async def _asked(call: Awaitable[Any], *, repeatable: bool = False) -> Any:
    """The call's answer. Raises SlackRefused; a `repeatable` call, done twice with the same effect as once, may be
    asked for again where Slack's end failed.
    """
    try:
        return await call
    except SlackApiError as error:
        raise _refused(failure_of(error), repeatable=repeatable) from error


def _refused(failure: SlackFailure, *, repeatable: bool) -> SlackRefused:
    again = failure.is_rate_limit or (repeatable and failure.is_servers)
    after = failure.retry_after if failure.retry_after is not None else _USUAL_PAUSE
    return SlackRefused(failure.word or str(failure.status), failure.detail, after if again else None)


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
