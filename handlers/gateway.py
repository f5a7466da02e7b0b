"""Slack's Web API as the handlers see it; the wiring provides the client."""

from typing import Any, NamedTuple, Protocol

from handlers.views.parts.chart import Chart
from tiercore.access import SlackUser

Body = dict[str, Any]


class SlackRefused(RuntimeError):
    """Slack rejected a request; `word` is Slack's error code (slack#refusals). `after` is how many seconds to wait
    before sending it again, where Slack says so.
    """

    def __init__(self, word: str, detail: str = "", after: float | None = None) -> None:
        super().__init__(f"{word} {detail}".strip())
        self.word, self.detail, self.after = word, detail, after


class ChannelInfo(NamedTuple):
    """A channel as the app sees it: whether the bot is in it, and whether other organizations are, or are invited:
    `teams` are the IDs of their workspaces, as far as Slack names them.
    """

    is_member: bool
    is_archived: bool
    is_shared: bool
    is_private: bool = False
    teams: frozenset[str] = frozenset()


class Profile(NamedTuple):
    """A user as the app sees them: whether the account is deactivated, and the time zone, an IANA name."""

    is_deactivated: bool
    timezone: str | None


class SlackGateway(Protocol):
    """What handlers do in Slack. Every method may raise SlackRefused, and whatever the network raises."""

    async def respond(self, response_url: str, body: Body) -> None:
        """Post to the response_url of a command or a click."""

    async def open_view(self, trigger_id: str, view: Body, *, push: bool = False) -> str:
        """Open a modal, with `push` on top of the one that is open; its id."""

    async def update_view(self, view_id: str, view: Body) -> None:
        """Replace what a modal shows."""

    async def publish_home(self, user_id: str, view: Body) -> None:
        """Show the view in the user's Home tab."""

    async def post(self, channel: str, body: Body) -> str:
        """Post a message to a channel, or to a user as a direct message; its timestamp."""

    async def picture(self, chart: Chart) -> str:
        """The file id of the chart as a picture, uploaded and ready to be shown."""

    async def send_file(self, user_id: str, name: str, data: bytes, comment: str) -> None:
        """Send the user a file of this name in a direct message, under the comment. Raises SlackRefused
        ("upload_failed", with the step and Slack's answer).
        """

    async def timezone_of(self, user_id: str) -> str | None:
        """The time zone in the user's Slack profile, an IANA name; None where the app may not see it."""

    async def email_of(self, user_id: str) -> str | None:
        """The e-mail in the user's Slack profile; None where the app may not see it."""

    async def enterprise_of(self, user: SlackUser) -> str | None:
        """The ID of the enterprise that the user's workspace is of, "" for none; None where the app may not see it, or
        sees another user of that ID.
        """

    async def channel(self, channel_id: str, *, fresh: bool = False) -> ChannelInfo | None:
        """The channel, as it was within the last minutes, or `fresh`; None where the app may not see it."""

    async def members(self, channel_id: str, limit: int) -> list[str] | None:
        """The ids of the users in the channel as it is now; None where there are more than the limit."""

    async def profile(self, user_id: str) -> Profile | None:
        """The user, as they were within the last hour; None where the app may not see it, or not so often."""

    def forget(self, id_: str) -> None:
        """A channel or user has changed: what is known of them is out of date."""

    async def verified_email_of(self, user: SlackUser) -> str | None:
        """The e-mail in the profile of a full member of the user's own team, where Slack has confirmed it; None for
        guests, for people of other organizations, and where the app may not see it.
        """

    async def download(self, url: str, limit: int) -> bytes:
        """The bytes of a file in Slack. Raises SlackRefused: "not_slacks_address", "too_large" (more bytes than the
        `limit`), "missing_scope", "unreachable", or Slack's own word.
        """

    async def file(self, file_id: str) -> Body:
        """A file's details (files.info)."""
