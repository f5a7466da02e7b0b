"""The scheduler's Poster over Slack's Web API."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import failure_of
from bot.slack.refusals import exception_for
from bot.slack.slack_time import SlackTime, since_boot
from scheduler.poster import Body, Page, Rejected, RetryLater, SearchLimited, Unconfirmed
from tiercore.notifications.outbox_types import Posted

EVENT_TYPE = "tierbot_letter"
_PAGE_SIZE = 200
_MICROSECONDS = 1_000_000
_POST = "chat.postMessage"
_CHANNELS_SECOND = 1.0  # a pause of this length is for the channel alone, a longer one for the method


class SlackPoster:
    """Posts over a client that doesn't retry. A user as target means the direct message with them.

    Everything sent goes through `spelled`, which spells commands as this workspace has them. `slack_time` learns from
    the answers. A method that Slack wants to pause isn't called before the pause is over.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        seconds: float = 10.0,
        spelled: Callable[[Body], Body] = lambda body: body,
        slack_time: SlackTime | None = None,
        steady: Callable[[], float] = since_boot,
    ) -> None:
        self.client, self._seconds, self._spelled, self._steady = client, seconds, spelled, steady
        self.slack_time = slack_time or SlackTime()
        self._channels: dict[str, str] = {}
        self._paused_until: defaultdict[str, float] = defaultdict(lambda: -math.inf)

    async def open(self, target: str) -> None:
        """See scheduler.poster.Poster: conversations.open for a user, once."""
        await self._channel(target)

    async def post(self, target: str, body: Body, marker: str, root: Posted | None) -> Posted:
        """See scheduler.poster.Poster: chat.postMessage with the marker in its metadata, without unfurling."""
        channel = root.channel if root else await self._channel(target)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"mark": marker}}
        thread: dict[str, Any] = {"thread_ts": root.ts} if root else {}
        arguments = {"metadata": metadata, "unfurl_links": False, "unfurl_media": False, **thread}
        answer = await self._call(
            _POST,
            lambda: self.client.chat_postMessage(channel=channel, **arguments, **self._spelled(body)),
            target=target,
        )
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def change(self, posted: Posted, body: Body) -> Posted:
        """See scheduler.poster.Poster: chat.update, which keeps the metadata."""
        await self._call(
            "chat.update",
            lambda: self.client.chat_update(channel=posted.channel, ts=posted.ts, **self._spelled(body)),
            target=posted.channel,
        )
        return posted

    async def search(self, target: str, root: Posted | None, oldest: str, latest: str) -> Page:
        """See scheduler.poster.Poster: one page of the history of the channel, or of the thread."""
        channel = root.channel if root else await self._channel(target)
        arguments: dict[str, Any] = {"channel": channel, "oldest": oldest, "latest": latest, "limit": _PAGE_SIZE}
        arguments |= {"include_all_metadata": True, "inclusive": True}
        method, call = (
            ("conversations.replies", lambda: self.client.conversations_replies(ts=root.ts, **arguments))
            if root
            else ("conversations.history", lambda: self.client.conversations_history(**arguments))
        )
        answer = await self._call(method, call, target=target, reading=True)
        marked: defaultdict[str, list[Posted]] = defaultdict(list)
        in_span = [each for each in answer["messages"] if oldest <= str(each["ts"]) <= latest]
        for message in sorted(in_span, key=lambda each: float(each["ts"])):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if "mark" in payload:
                marked[str(payload["mark"])].append(Posted(channel, str(message["ts"])))
        return Page(marked, _further(answer, in_span, in_thread=root is not None))

    async def remove(self, posted: Posted) -> None:
        """See scheduler.poster.Poster: chat.delete."""
        try:
            await self._call(
                "chat.delete",
                lambda: self.client.chat_delete(channel=posted.channel, ts=posted.ts),
                target=posted.channel,
                idempotent=True,
            )
        except Rejected as error:
            if str(error) != "message_not_found":
                raise

    async def _channel(self, target: str) -> str:
        """The channel id of a target: for a user, the direct message with them, whose history the app can read."""
        if not target.startswith(("U", "W")):
            return target
        channel = self._channels.get(target)
        if channel is None:
            answer = await self._call(
                "conversations.open",
                lambda: self.client.conversations_open(users=target),
                target=target,
                idempotent=True,
            )
            channel = self._channels[target] = str(answer["channel"]["id"])
        return channel

    async def _call(
        self,
        method: str,
        call: Callable[[], Awaitable[Any]],
        *,
        target: str,
        reading: bool = False,
        idempotent: bool = False,
    ) -> Any:
        """The call's answer. Raises RetryLater, Rejected, Faulty, Unconfirmed, HistoryUnavailable."""
        left = self._paused_until[method] - self._steady()
        if left > 0:
            raise (SearchLimited if reading else RetryLater)("ratelimited", left)
        started = self.slack_time.started()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await call()
        except SlackApiError as error:
            self.slack_time.heard(started, getattr(error.response, "headers", None) or {})
            failed = exception_for(failure_of(error), target, reading=reading, idempotent=idempotent)
            self._pause(method, failed)
            raise failed from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError) as error:
            raise RetryLater(f"Slack can't be reached: {error}", 5.0) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # ValueError: the answer isn't JSON
            why = f"{type(error).__name__}: no answer from Slack"
            raise (RetryLater(why, 2.0) if idempotent else Unconfirmed(why)) from error
        self.slack_time.heard(started, answer.headers, str(answer["ts"]) if method == _POST else None)
        return answer

    def _pause(self, method: str, failed: Exception) -> None:
        if isinstance(failed, RetryLater) and not (method == _POST and failed.seconds <= _CHANNELS_SECOND):
            self._paused_until[method] = self._steady() + failed.seconds


def _further(answer: Any, in_span: list[Any], *, in_thread: bool) -> str | None:
    """Where the search goes on after a page; None where it was the last one. A thread's first message is on every
    page.
    """
    if not answer.get("has_more") and not (answer.get("response_metadata") or {}).get("next_cursor"):
        return None
    reached = [round(float(each["ts"]) * _MICROSECONDS) for each in in_span]
    if not reached:
        return None
    after = max(reached) + 1 if in_thread else min(reached) - 1
    return f"{after // _MICROSECONDS:010d}.{after % _MICROSECONDS:06d}"
