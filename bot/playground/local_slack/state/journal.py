"""The journal: every request to the bot and every call from it, in order, with their outcomes."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.local_slack.screen import Shown

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request to the bot and its response: it took so many real `seconds` and was answered `at` this time of the
    clock; `user` caused it; `error` is Slack's error word.
    """

    kind: str
    payload: Json
    status: int | None
    body: str
    seconds: float
    at: float
    user: str
    error: str | None = None
    problems: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A call from the bot: a Web API method, or "response_url". `accepted` tells whether it took effect.

    `retry_after` are the seconds that the answer asked to wait. `fault` names an injected fault; with "lost answer" a
    call is accepted, but the bot never gets the answer.
    """

    method: str
    arguments: Json
    status: int | None
    answer: Json
    accepted: bool
    at: float
    error: str | None = None
    problems: tuple[str, ...] = ()
    fault: str | None = None
    retry_after: int | None = None


@dataclass(slots=True)
class Journal:
    """The journal; `entries` has both directions, in order."""

    entries: list[SentRequest | ReceivedCall] = field(default_factory=list)

    @property
    def sent(self) -> list[SentRequest]:
        """Requests to the bot."""
        return [each for each in self.entries if isinstance(each, SentRequest)]

    @property
    def received(self) -> list[ReceivedCall]:
        """Calls from the bot."""
        return [each for each in self.entries if isinstance(each, ReceivedCall)]

    def calls(self, method: str) -> list[ReceivedCall]:
        """The calls of one method, such as "chat.postMessage" or "response_url"."""
        return [each for each in self.received if each.method == method]

    @property
    def errors(self) -> list[SentRequest | ReceivedCall]:
        """The entries with an error."""
        return [each for each in self.entries if each.error]

    def clear(self) -> None:
        """Remove all entries."""
        self.entries.clear()
