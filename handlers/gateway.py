"""The way out to Slack, as the handlers see it; the wiring provides it."""

from typing import Any, Protocol

from handlers.views.parts.chart import Chart

Body = dict[str, Any]


class SlackRefused(RuntimeError):
    """Slack did not take what was sent; `word` is its own word for why (slack#refusals). `after` are the seconds after
    which it may be sent again, where Slack said so.
    """

    def __init__(self, word: str, detail: str = "", after: float | None = None) -> None:
        super().__init__(f"{word} {detail}".strip())
        self.word, self.detail, self.after = word, detail, after


class SlackGateway(Protocol):
    """What can be done in Slack. Everything may raise SlackRefused, and what the network raises."""

    async def respond(self, response_url: str, body: Body) -> None:
        """Post to the address that came with a command or click."""

    async def open_view(self, trigger_id: str, view: Body, *, push: bool = False) -> str:
        """Open a window (on top of the one that is open, with `push`); its id."""

    async def update_view(self, view_id: str, view: Body) -> None:
        """Show something else in a window."""

    async def publish_home(self, user_id: str, view: Body) -> None:
        """Show this in someone's Home tab."""

    async def post(self, channel: str, body: Body) -> str:
        """Post a message to a channel, or to a user's own; its time stamp."""

    async def picture(self, chart: Chart) -> str:
        """The id of the chart's picture, uploaded and ready to be shown."""

    async def timezone_of(self, user_id: str) -> str | None:
        """The time zone in someone's Slack profile, an IANA name; None where the app may not see it."""

    async def email_of(self, user_id: str) -> str | None:
        """The e-mail in someone's Slack profile; None where the app may not see it."""
