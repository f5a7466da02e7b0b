"""A look at Slack now and then, so that its time is known even while nothing is sent."""

import asyncio
from collections.abc import Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.slack_time import SlackTime, since_boot

_EVERY_SECONDS = 300.0
_TIMEOUT_SECONDS = 10.0


class Connection:
    """Measures Slack's time at most every five minutes. `steady` gives seconds that only go forward."""

    def __init__(self, client: AsyncWebClient, slack_time: SlackTime, steady: Callable[[], float] = since_boot) -> None:
        self._client, self._slack_time, self._steady = client, slack_time, steady
        self._checked = steady()

    async def check(self) -> None:
        """Ask Slack for the time, unless that was done lately. Raises what the network raises."""
        if self._steady() - self._checked < _EVERY_SECONDS:
            return
        self._checked = started = self._steady()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await self._client.auth_test()
        except SlackApiError as error:
            self._slack_time.heard(started, getattr(error.response, "headers", None) or {})
        else:
            self._slack_time.heard(started, answer.headers)
