"""What an interaction hands to the bot: a trigger_id for 3 seconds, a response_url for 5 posts in 30 minutes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.local_slack.errors import ApiError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_POSTS = 5


@dataclass(slots=True)
class Trigger:
    """The right to open one view for one person."""

    trigger_id: str
    user_id: str
    made_at: float
    view_id: str | None = None
    spent: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """The right to answer one interaction; `message_ts` is the message it came from, None for a command."""

    key: str
    user_id: str
    channel_id: str
    trigger_id: str
    made_at: float
    message_ts: str | None = None
    posts: int = 0


class Tickets:
    """Gives out triggers and response_urls and takes them back, by the clock it is given."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}

    def trigger(self, user_id: str, view_id: str | None = None) -> str:
        """A new trigger_id."""
        trigger_id = f"{len(self.triggers) + 1}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(trigger_id, user_id, self._clock(), view_id)
        return trigger_id

    def spend(self, trigger_id: object) -> Trigger:
        """Use up a trigger. Raises ApiError: invalid_trigger_id, exchanged_trigger_id, expired_trigger_id."""
        found = self.triggers.get(trigger_id) if isinstance(trigger_id, str) else None
        if found is None:
            raise ApiError("invalid_trigger_id")
        if found.spent:
            raise ApiError("exchanged_trigger_id")
        if self._clock() - found.made_at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        found.spent = True
        return found

    def response_url(self, user_id: str, channel_id: str, trigger_id: str, message_ts: str | None = None) -> str:
        """The key of a new response_url."""
        key = secrets.token_urlsafe(18)
        made = ResponseUrl(key, user_id, channel_id, trigger_id, self._clock(), message_ts)
        self.response_urls[key] = made
        return key

    def respond(self, key: str) -> ResponseUrl:
        """Count one post. Raises ApiError with status 404: expired_url, or used_url after five posts."""
        found = self.response_urls.get(key)
        if found is None or self._clock() - found.made_at > RESPONSE_SECONDS:
            raise ApiError("expired_url", status=404)
        if found.posts >= RESPONSE_POSTS:
            raise ApiError("used_url", status=404)
        found.posts += 1
        return found
