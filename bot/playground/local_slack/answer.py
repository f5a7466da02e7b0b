"""The result of a person's action."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.local_slack.errors import NothingShown
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.state.journal import SentRequest

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot's acknowledgement, and everything that the person saw because of the action, in order."""

    sent: SentRequest
    shown: tuple[Shown, ...] = ()
    options: list[Json] = field(default_factory=list)

    @property
    def status(self) -> int | None:
        """The HTTP status; 200 for an acknowledgement over a socket, None without any."""
        return self.sent.status

    @property
    def seconds(self) -> float:
        """How long the acknowledgement took, in real seconds."""
        return self.sent.seconds

    @property
    def error(self) -> str | None:
        """Slack's error word for the acknowledgement, such as operation_timeout."""
        return self.sent.error

    @property
    def message(self) -> Shown:
        """The last message the person saw. Raises NothingShown."""
        return self._last("message")

    @property
    def view(self) -> Shown:
        """The last modal or Home tab the person saw. Raises NothingShown."""
        return self._last("modal", "home")

    @property
    def text(self) -> str:
        """The last message's text. Raises NothingShown."""
        return self.message.text

    @property
    def blocks(self) -> list[Json]:
        """The last message's blocks. Raises NothingShown."""
        return self.message.blocks

    def _last(self, *kinds: str) -> Shown:
        for each in reversed(self.shown):
            if each.where in kinds and not each.deleted:
                return each
        why = f"{self.error} {'; '.join(self.sent.problems)}".strip() if self.error else "no error"
        raise NothingShown(
            f"no {' or '.join(kinds)} was shown: status {self.status}, {why}, body {self.sent.body[:300]!r}"
        )
