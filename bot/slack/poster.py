"""The clockwork's way out to Slack: what Slack's answers mean for a letter."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SlackFailure, failure_of
from scheduler.poster import Body, HistoryUnavailable, Rejected, RetryLater, Unconfirmed
from tiercore.notifications.types import Posted

EVENT_TYPE = "tierbot_letter"
_PAGES = 25
_PAGE = 200
_PROXY_SECONDS = 30.0
_NOT_SLACKS = frozenset({403, 407})  # a proxy on the way, which passed nothing on
# Slack's words for a server that failed midway: it may have taken the message all the same.
_DOUBTFUL = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_LATER = {"message_limit_exceeded": 60.0, "team_access_not_granted": 300.0}
_NO_LOOK = frozenset({"missing_scope", "not_in_channel", "no_permission", "access_denied", "method_not_supported"})


class SlackPoster:
    """Over a client that sends nothing again by itself. Users are written to in the direct message with them.

    What is sent is `spelled` before: it names commands as this workspace has them.
    """

    def __init__(
        self, client: AsyncWebClient, seconds: float = 10.0, spelled: Callable[[Body], Body] = lambda body: body
    ) -> None:
        self._client, self._seconds, self._spelled = client, seconds, spelled
        self._channels: dict[str, str] = {}

    async def post(self, place: str, body: Body, mark: str, root: Posted | None) -> Posted:
        """See scheduler.postbox: chat.postMessage with the mark in its metadata, and nothing in it live."""
        channel = root.channel if root else await self._channel(place)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"mark": mark}}
        thread: dict[str, Any] = {"thread_ts": root.ts} if root else {}
        answer = await self._asked(
            self._client.chat_postMessage(
                channel=channel,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **thread,
                **self._spelled(body),
            )
        )
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def change(self, posted: Posted, body: Body) -> Posted:
        """See scheduler.postbox: chat.update; the metadata stay."""
        await self._asked(self._client.chat_update(channel=posted.channel, ts=posted.ts, **self._spelled(body)))
        return posted

    async def find(self, place: str, mark: str, since: datetime, root: Posted | None) -> list[Posted]:
        """See scheduler.postbox: the channel's history, or the thread's, is read for the mark."""
        channel = root.channel if root else await self._channel(place)
        oldest, cursor = f"{since.timestamp():.6f}", ""
        found = set[Posted]()
        for _ in range(_PAGES):
            given: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": _PAGE, "include_all_metadata": True}
            given.update({"cursor": cursor} if cursor else {})
            read = (
                self._client.conversations_replies(ts=root.ts, **given)
                if root
                else self._client.conversations_history(**given)
            )
            answer = await self._asked(read, looking=True)
            for message in answer["messages"]:
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("mark") == mark:
                    found.add(Posted(channel, str(message["ts"])))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        else:
            raise Unconfirmed("the history is too long to be looked through")
        return sorted(found, key=lambda each: each.ts)

    async def remove(self, posted: Posted) -> None:
        """See scheduler.postbox: chat.delete."""
        try:
            await self._asked(self._client.chat_delete(channel=posted.channel, ts=posted.ts), harmless=True)
        except Rejected as error:
            if str(error) != "message_not_found":
                raise

    async def _channel(self, place: str) -> str:
        """The channel of a place: a user's is the direct message with them, whose history can be read."""
        if not place.startswith(("U", "W")):
            return place
        held = self._channels.get(place)
        if held is None:
            answer = await self._asked(self._client.conversations_open(users=place), harmless=True)
            held = self._channels[place] = str(answer["channel"]["id"])
        return held

    async def _asked(self, call: Awaitable[Any], *, looking: bool = False, harmless: bool = False) -> Any:
        """The call's answer, or what its failure means."""
        try:
            async with asyncio.timeout(self._seconds):
                return await call
        except SlackApiError as error:
            raise _meaning(failure_of(error), looking=looking, harmless=harmless) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError) as error:
            raise RetryLater(f"Slack can't be reached: {error}", 5.0) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # ValueError: an answer that is none
            why = f"{type(error).__name__}: no answer from Slack"
            raise (RetryLater(why, 2.0) if harmless else Unconfirmed(why)) from error


def _meaning(failure: SlackFailure, *, looking: bool, harmless: bool) -> Exception:
    """Only Slack's own "ok": false is a refusal; after any other answer Slack may have taken the message."""
    if failure.is_rate_limit or failure.word in _LATER:
        usual = _LATER.get(failure.word, 1.0)
        after = failure.retry_after if failure.retry_after is not None else usual
        return RetryLater(failure.word or "ratelimited", after)
    if looking and failure.word in _NO_LOOK:
        return HistoryUnavailable(f"the history can't be read: {failure.reason}")
    if failure.word and not failure.is_servers and failure.word not in _DOUBTFUL:
        return Rejected(failure.word)
    if harmless or failure.status in _NOT_SLACKS:
        return RetryLater(failure.reason, _PROXY_SECONDS)
    return Unconfirmed(failure.reason)
