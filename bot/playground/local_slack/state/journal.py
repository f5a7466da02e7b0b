"""What went on: every request to the bot and every call from it, in order, with their outcomes."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.local_slack.screen import Shown

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to the bot and its answer: how many real `seconds` it took, and when, by the clock, whose doing was
    answered; `error` is Slack's word for what went wrong.
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
class Received:
    """A call from the bot: a Web API method, or "response_url". `accepted` says whether it took effect.

    `fault` names an injected fault; with "lost answer" a call is accepted although the bot never learns so.
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


@dataclass(slots=True)
class Journal:
    """The record of one run; `entries` has both directions in order."""

    entries: list[Sent | Received] = field(default_factory=list)

    @property
    def sent(self) -> list[Sent]:
        """Requests to the bot."""
        return [each for each in self.entries if isinstance(each, Sent)]

    @property
    def received(self) -> list[Received]:
        """Calls from the bot."""
        return [each for each in self.entries if isinstance(each, Received)]

    def calls(self, method: str) -> list[Received]:
        """The calls of one method, such as "chat.postMessage" or "response_url"."""
        return [each for each in self.received if each.method == method]

    @property
    def errors(self) -> list[Sent | Received]:
        """Whatever did not go well."""
        return [each for each in self.entries if each.error]

    def clear(self) -> None:
        """Forget what was."""
        self.entries.clear()
