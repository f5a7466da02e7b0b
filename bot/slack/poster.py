"""The scheduler's Poster over Slack's Web API, and what Slack's answers mean for an outbox message."""

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
_MAX_PAGES = 25
_PAGE_SIZE = 200
_PROXY_SECONDS = 30.0
_PROXY_STATUSES = frozenset({403, 407})  # from a proxy that didn't pass the request on
# Slack's words for a failure of its own, after which it may have taken the message all the same.
_UNCONFIRMED_WORDS = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_RETRY_WORDS = {"message_limit_exceeded": 60.0, "team_access_not_granted": 300.0}
_HISTORY_WORDS = frozenset(
    {"missing_scope", "not_in_channel", "no_permission", "access_denied", "method_not_supported"}
)


class SlackPoster:
    """Posts over a client that doesn't retry. A user as target means the direct message with them.

    Everything sent goes through `spelled`, which spells commands as this workspace has them.
    """

    def __init__(
        self, client: AsyncWebClient, seconds: float = 10.0, spelled: Callable[[Body], Body] = lambda body: body
    ) -> None:
        self._client, self._seconds, self._spelled = client, seconds, spelled
        self._channels: dict[str, str] = {}

    async def post(self, target: str, body: Body, marker: str, root: Posted | None) -> Posted:
        """See scheduler.poster.Poster: chat.postMessage with the marker in its metadata, without unfurling."""
        channel = root.channel if root else await self._channel(target)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"mark": marker}}
        thread: dict[str, Any] = {"thread_ts": root.ts} if root else {}
        answer = await self._call(
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
        """See scheduler.poster.Poster: chat.update, which keeps the metadata."""
        await self._call(self._client.chat_update(channel=posted.channel, ts=posted.ts, **self._spelled(body)))
        return posted

    async def find(self, target: str, marker: str, since: datetime, root: Posted | None) -> list[Posted]:
        """See scheduler.poster.Poster: searches the history of the channel, or of the thread, for the marker."""
        channel = root.channel if root else await self._channel(target)
        oldest, cursor = f"{since.timestamp():.6f}", ""
        found = set[Posted]()
        for _ in range(_MAX_PAGES):
            arguments: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": _PAGE_SIZE}
            arguments |= {"include_all_metadata": True, **({"cursor": cursor} if cursor else {})}
            page = (
                self._client.conversations_replies(ts=root.ts, **arguments)
                if root
                else self._client.conversations_history(**arguments)
            )
            answer = await self._call(page, reading=True)
            for message in answer["messages"]:
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("mark") == marker:
                    found.add(Posted(channel, str(message["ts"])))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        else:
            raise Unconfirmed("the history is too long to search")
        return sorted(found, key=lambda each: each.ts)

    async def remove(self, posted: Posted) -> None:
        """See scheduler.poster.Poster: chat.delete."""
        try:
            await self._call(self._client.chat_delete(channel=posted.channel, ts=posted.ts), idempotent=True)
        except Rejected as error:
            if str(error) != "message_not_found":
                raise

    async def _channel(self, target: str) -> str:
        """The channel id of a target: for a user, the direct message with them, whose history the app can read."""
        if not target.startswith(("U", "W")):
            return target
        channel = self._channels.get(target)
        if channel is None:
            answer = await self._call(self._client.conversations_open(users=target), idempotent=True)
            channel = self._channels[target] = str(answer["channel"]["id"])
        return channel

    async def _call(self, call: Awaitable[Any], *, reading: bool = False, idempotent: bool = False) -> Any:
        """The call's answer. Raises RetryLater, Rejected, Unconfirmed, HistoryUnavailable."""
        try:
            async with asyncio.timeout(self._seconds):
                return await call
        except SlackApiError as error:
            raise _exception_for(failure_of(error), reading=reading, idempotent=idempotent) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError) as error:
            raise RetryLater(f"Slack can't be reached: {error}", 5.0) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # ValueError: the answer isn't JSON
            why = f"{type(error).__name__}: no answer from Slack"
            raise (RetryLater(why, 2.0) if idempotent else Unconfirmed(why)) from error


def _exception_for(failure: SlackFailure, *, reading: bool, idempotent: bool) -> Exception:
    """Only Slack's own "ok": false is a refusal; after any other answer Slack may have taken the message.

    `reading` is for a history, `idempotent` for a call that can safely be repeated.
    """
    if failure.is_rate_limit or failure.word in _RETRY_WORDS:
        default = _RETRY_WORDS.get(failure.word, 1.0)
        after = failure.retry_after if failure.retry_after is not None else default
        return RetryLater(failure.word or "ratelimited", after)
    if reading and failure.word in _HISTORY_WORDS:
        return HistoryUnavailable(f"the history can't be read: {failure.reason}")
    if failure.word and not failure.is_server_error and failure.word not in _UNCONFIRMED_WORDS:
        return Rejected(failure.word)
    if idempotent or failure.status in _PROXY_STATUSES:
        return RetryLater(failure.reason, _PROXY_SECONDS)
    return Unconfirmed(failure.reason)
