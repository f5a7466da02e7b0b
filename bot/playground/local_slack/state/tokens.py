"""What an interaction gives to the bot: a trigger_id for 3 seconds, a response_url for 5 posts within 30 minutes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.local_slack.errors import ApiError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_POSTS = 5


@dataclass(slots=True)
class Trigger:
    """A trigger_id, which opens one view for one person."""

    trigger_id: str
    user_id: str
    issued_at: float
    view_id: str | None = None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A response_url; `message_ts` is the message that it can replace, None for a command."""

    key: str
    user_id: str
    channel_id: str
    trigger_id: str
    issued_at: float
    message_ts: str | None = None
    posts: int = 0


class InteractionTokens:
    """Issues trigger_ids and response_urls, and checks them when they are used, by the given clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}

    def new_trigger(self, user_id: str, view_id: str | None = None) -> str:
        """A new trigger_id."""
        trigger_id = f"{len(self.triggers) + 1}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(trigger_id, user_id, self._clock(), view_id)
        return trigger_id

    def use_trigger(self, trigger_id: object) -> Trigger:
        """Use a trigger_id (once). Raises ApiError: invalid_trigger_id, exchanged_trigger_id, expired_trigger_id."""
        found = self.triggers.get(trigger_id) if isinstance(trigger_id, str) else None
        if found is None:
            raise ApiError("invalid_trigger_id")
        if found.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock() - found.issued_at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        found.used = True
        return found

    def new_response_url(self, user_id: str, channel_id: str, trigger_id: str, message_ts: str | None = None) -> str:
        """The key of a new response_url."""
        key = secrets.token_urlsafe(18)
        self.response_urls[key] = ResponseUrl(key, user_id, channel_id, trigger_id, self._clock(), message_ts)
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        """Count a post. Raises ApiError with status 404: expired_url, or used_url after five posts."""
        found = self.response_urls.get(key)
        if found is None or self._clock() - found.issued_at > RESPONSE_SECONDS:
            raise ApiError("expired_url", status=404)
        if found.posts >= RESPONSE_POSTS:
            raise ApiError("used_url", status=404)
        found.posts += 1
        return found
