"""The local Slack: an implementation of Slack's behaviour and limits for the tests, the demo and the benchmarks.

    async with Slack(signing_secret="…") as slack:
        slack.bot_url = "http://127.0.0.1:3000/slack/events"
        answer = await slack.command("anna", "/tier", "acme")
        print(answer.text, answer.blocks)
        answer = await slack.click("anna", answer.message, "Gap")

It runs a real HTTP server on a free port of the loopback interface, and all it knows of the bot is a URL. Without a URL
it uses the connected Socket Mode clients.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import web

from bot.playground.local_slack.api.views import shown as shown_view
from bot.playground.local_slack.apps import OAuthApp
from bot.playground.local_slack.faults import Faults
from bot.playground.local_slack.http_delivery import BotResponse, Delivery, HttpDelivery
from bot.playground.local_slack.routes import create_application
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.signing import FORM, signed_headers
from bot.playground.local_slack.socket_delivery import SocketDelivery
from bot.playground.local_slack.state.files import Files
from bot.playground.local_slack.state.journal import Journal
from bot.playground.local_slack.state.state import SlackState
from bot.playground.local_slack.state.workspace import Channel, Directory, Person, Workspace
from bot.playground.local_slack.users import Users

Json = dict[str, Any]
ACK_SECONDS = 3.0


class Slack(Users):
    """A Slack workspace on this machine.

    `clock` gives seconds since 1970, for triggers, response_urls, rate limits and timestamps, and Slack is so many
    seconds `ahead` of it; the time-outs for acknowledgements (`ack_seconds`) and for waiting (`patience`) are in real
    seconds.
    """

    def __init__(
        self,
        bot_url: str | None = None,
        *,
        workspace: Workspace | None = None,
        signing_secret: str = "local-signing-secret",  # noqa: S107  (of a server that lives for one test)
        bot_token: str = "xoxb-local",  # noqa: S107
        app_token: str = "xapp-local",  # noqa: S107
        clock: Callable[[], float] = time.time,
        rate_limits: bool = True,
        ack_seconds: float = ACK_SECONDS,
        patience: float = 3.0,
        should_escape: bool = False,
    ) -> None:
        self.ahead = 0.0
        in_slack = lambda: clock() + self.ahead  # noqa: E731
        self.state = SlackState(workspace or Workspace(), in_slack, bot_token, app_token, rate_limits)
        self.bot_url, self.signing_secret, self.bot_token, self.app_token = (
            bot_url,
            signing_secret,
            bot_token,
            app_token,
        )
        self.patience, self.should_escape, self._ack_seconds = patience, should_escape, ack_seconds
        self.app = OAuthApp(in_slack)
        self._beside: list[Slack] = []
        self.sockets = SocketDelivery(self.state, ack_seconds)
        self._http: HttpDelivery | None = None
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def beside(self, workspace: Workspace, *, installed: str = "") -> "Slack":
        """Another workspace of the same Slack, in which the same app may be installed: at once with a token, otherwise
        by its OAuth flow. Call it when this one has started.
        """
        other = Slack(
            self.bot_url,
            workspace=workspace,
            signing_secret=self.signing_secret,
            bot_token=installed,
            clock=self.state.clock,
            patience=self.patience,
            ack_seconds=self._ack_seconds,
        )
        other.app, other.url, other.state.url = self.app, self.url, self.url
        other.state.screen.on_change = self.state.screen.notify
        other._http = HttpDelivery("", self.signing_secret, self.state.clock, self._ack_seconds)
        self._beside.append(other)
        return other

    def allow(self, authorize_url: str, user: Person | str) -> str:
        """Press Allow on Slack's page for installing the app, as somebody of this workspace; where the browser goes."""
        return self.app.allow(authorize_url, self.state, self.directory.person(user).user_id)

    @property
    def is_installed(self) -> bool:
        """Whether the app is installed here."""
        return bool(self.state.bot_token)

    async def uninstall(self, user: Person | str) -> None:
        """Remove the app: its token is revoked, and both events are sent, in whichever order."""
        revoked, self.state.bot_token = self.state.bot_token, ""
        self.state.revoked |= {revoked, self.state.former_token[0]} - {""}
        bot = self.state.workspace.bot_user_id
        await self.event(user, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}})
        await self.event(user, {"type": "app_uninstalled"})

    async def start(self) -> None:
        """Listen on a free port; `url`, `api_url` and `response_prefix` are set from then on."""
        self._runner = web.AppRunner(
            create_application(self._states, self.app, self.sockets), access_log=None, shutdown_timeout=1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.url = self.state.url = f"http://127.0.0.1:{port}/"
        self.state.sockets_url = f"ws://127.0.0.1:{port}/link/"
        self._http = HttpDelivery("", self.signing_secret, self.state.clock, self._ack_seconds)

    async def stop(self) -> None:
        """End hanging calls, close the sockets and stop listening."""
        self.state.closing.set()
        for other in self._beside:
            await other.stop()
        for socket in list(self.sockets.sockets):
            await socket.close()
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The base URL for a Web API client."""
        return f"{self.url}api/"

    @property
    def response_prefix(self) -> str:
        """The beginning of every response_url."""
        return self.url

    @property
    def journal(self) -> Journal:
        """Every request to the bot and every call from it."""
        return self.state.journal

    @property
    def faults(self) -> Faults:
        """The injected faults."""
        return self.state.faults

    @property
    def files(self) -> Files:
        """The uploaded files: `slack.files[id].data`; `slack.files.processing = 2` makes processing take longer."""
        return self.state.files

    def limit_history(self, page: int = 15, seconds: float = 60.0) -> None:
        """Show histories as to an app that isn't in Slack's Marketplace: so many messages a page, one call in so many
        seconds.
        """
        self.state.history_page, self.state.history_seconds = page, seconds

    @property
    def unsupported_types(self) -> set[str]:
        """The block types that this workspace refuses: `slack.unsupported_types.add("data_visualization")`."""
        return self.state.unsupported_types

    @property
    def directory(self) -> Directory:
        """The people and channels."""
        return self.state.directory

    def signed(
        self, body: bytes, content_type: str = FORM, timestamp: int | str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers Slack would send with this body; with another time or secret, forged ones."""
        stamp = int(self.state.clock()) if timestamp is None else timestamp
        return signed_headers(self.signing_secret if secret is None else secret, stamp, body, content_type)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> BotResponse:
        """Post exactly these bytes and headers to the bot's URL."""
        return await self._to_bot().post(body, headers)

    def messages(self, channel: Channel | str, reader: Person | str | None = None) -> list[Shown]:
        """The messages of a channel, or of someone's direct message, oldest first; with `reader`, also those that only
        this person sees.
        """
        user_id = self.directory.person(reader).user_id if reader is not None else None
        return self.state.screen.in_channel(self.directory.channel(channel).channel_id, user_id)

    def home(self, user: Person | str) -> Shown | None:
        """Someone's Home tab as last published."""
        view = self.state.views.homes.get(self.directory.person(user).user_id)
        return shown_view(view) if view else None

    def modal(self, user: Person | str) -> Shown | None:
        """The topmost modal someone has open."""
        stack = self.state.views.stacks.get(self.directory.person(user).user_id)
        return shown_view(stack[-1]) if stack else None

    async def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `holds` is true, checking whenever a message, view, call or socket changes; False if it isn't
        within `seconds` (by default `patience`).
        """
        return await self.state.screen.until(holds, self.patience if seconds is None else seconds)

    def _states(self) -> list[SlackState]:
        return [self.state, *(each.state for each in self._beside)]

    @property
    def _delivery(self) -> Delivery:
        return self._to_bot() if self.bot_url is not None else self.sockets

    def _to_bot(self) -> HttpDelivery:
        if self._http is None or self.bot_url is None:
            raise RuntimeError("start the local Slack and set bot_url first")
        self._http.url = self.bot_url
        return self._http
