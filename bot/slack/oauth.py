"""Installing the app by a click: Bolt's OAuth flow over our own store, and the pages that people see (slack#install).

A state is stored by its digest and works once; it is signed, so that a made-up one costs no look in the database.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import install_pages
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.slack.scopes import SCOPES
from bot.slack.token_keys import TokenKeys
from tiercore.people.types import InvalidChange
from tiercore.workspaces.invitations import UnknownState
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import STATE_LIFE, Installed, InstalledBy, InstalledToken

_HTML: dict[str, str | Sequence[str]] = {"Content-Type": "text/html; charset=utf-8"}
_GUARDED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action https:",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Offer:
    """What the install page says of who operates this tierbot, and where it answers (an https address)."""

    operator: str
    public_url: str
    authorize_url: str = "https://slack.com/oauth/v2/authorize"


class _States(AsyncOAuthStateStore):
    """Bolt's state store over ours. What a state was begun with is kept until its installation is stored."""

    def __init__(self, workspaces: Workspaces, secret: str) -> None:
        self._workspaces, self._secret = workspaces, secret.encode()
        self.begun_with: dict[str, str | None] = {}

    async def issue(self, code: str | None) -> str:
        """A signed state, by an invitation or without one. Raises InvalidChange for an invitation that isn't good."""
        state = await self._workspaces.begin(code)
        return f"{state}.{self._signature(state)}"

    async def async_issue(self, *_: object, **__: object) -> str:
        """See AsyncOAuthStateStore."""
        return await self.issue(None)

    async def async_consume(self, state: str) -> bool:
        """See AsyncOAuthStateStore."""
        stated, _, signature = state.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(stated).encode()):
            return False
        try:
            self.begun_with[state] = await self._workspaces.use_state(stated)
        except UnknownState:
            return False
        return True

    def _signature(self, state: str) -> str:
        return hmac.new(self._secret, state.encode(), sha256).hexdigest()


class _NoInstallations(AsyncInstallationStore):
    """In place of Bolt's: installations are stored by InstallFlow, and looked up by ManyWorkspaces."""


class InstallFlow(AsyncOAuthFlow):
    """Installs the app and tells `on_installed`. Nothing is stored of an installation whose invitation was used
    meanwhile. With fewer scopes than asked for it is installed, and the page says what won't work.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        keys: TokenKeys,
        client: AsyncWebClient,
        client_id: str,
        client_secret: str,
        offer: Offer,
        on_installed: Callable[[Installed], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._workspaces, self._keys, self._offer, self._clock = workspaces, keys, offer, clock
        self._on_installed = on_installed
        self._states = _States(workspaces, client_secret)
        super().__init__(
            client=client,
            settings=AsyncOAuthSettings(
                client_id=client_id,
                client_secret=client_secret,
                scopes=[each.name for each in SCOPES],
                redirect_uri=f"{offer.public_url}{REDIRECT_PATH}",
                authorization_url=offer.authorize_url,
                install_path=INSTALL_PATH,
                redirect_uri_path=REDIRECT_PATH,
                state_store=self._states,
                state_expiration_seconds=int(STATE_LIFE.total_seconds()),
                installation_store=_NoInstallations(),
                callback_options=AsyncCallbackOptions(success=self._succeeded, failure=self._failed),
            ),
        )

    def routes(self) -> list[web.RouteDef]:
        """The two pages."""
        return [web.get(INSTALL_PATH, self._page), web.get(REDIRECT_PATH, self._back)]

    async def _page(self, request: web.Request) -> web.Response:
        try:
            return _guarded(await to_aiohttp_response(await self.handle_installation(await to_bolt_request(request))))
        except InvalidChange as error:
            return _guarded(web.Response(status=410, text=install_pages.refused(str(error)), content_type="text/html"))

    async def _back(self, request: web.Request) -> web.Response:
        bolt_request = await to_bolt_request(request)
        try:
            return _guarded(await to_aiohttp_response(await self.handle_callback(bolt_request)))
        except InvalidChange as error:
            return _guarded(web.Response(status=410, text=install_pages.refused(str(error)), content_type="text/html"))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("not_installed", reason=type(error).__name__)
            page = install_pages.failed("no answer from Slack")
            return _guarded(web.Response(status=502, text=page, content_type="text/html"))
        finally:
            self._states.begun_with.pop(_state_of(bolt_request), None)

    async def issue_new_state(self, request: AsyncBoltRequest) -> str:
        """See AsyncOAuthFlow: with the invitation that the link carries."""
        return await self._states.issue(request.query.get("invite", [None])[0])

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """See AsyncOAuthFlow: which workspace is chosen on Slack's page alone."""
        return str(self.settings.authorize_url_generator.generate(state=state))

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        """See AsyncOAuthFlow."""
        return install_pages.offer(url, self._offer.operator, is_invited="invite" in request.query)

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """See AsyncOAuthFlow. Raises InvalidChange."""
        if not installation.bot_token:
            raise InvalidChange("Slack gave no bot token. Install it again; nothing was stored.")
        is_org_wide = bool(installation.is_enterprise_install)
        ends, seconds = installation.bot_token_expires_at, 0.0
        if ends is not None:  # by this machine's clock, which may not be Slack's
            seconds = ends - installation.installed_at
        found = await self._workspaces.install(
            InstalledBy(
                str(installation.enterprise_id if is_org_wide else installation.team_id),
                installation.enterprise_id,
                str((installation.enterprise_name if is_org_wide else installation.team_name) or ""),
                is_org_wide,
                str(installation.user_id),
            ),
            InstalledToken(
                str(installation.app_id),
                str(installation.bot_id),
                str(installation.bot_user_id),
                frozenset(installation.bot_scopes or ()),
                self._keys.seal(installation.bot_token),
                self._keys.seal(installation.bot_refresh_token) if installation.bot_refresh_token else None,
                self._clock() + timedelta(seconds=seconds) if seconds else None,
            ),
            self._states.begun_with.get(_state_of(request)),
        )
        log.info("installed", team=found.workspace.team_id, new=found.is_new, partners=len(found.workspace.partners))
        await self._on_installed(found)

    async def _succeeded(self, args: AsyncSuccessArgs) -> BoltResponse:
        return BoltResponse(status=200, headers=_HTML, body=_after(args.installation))

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        log.warning("not_installed", reason=args.reason)
        return BoltResponse(status=args.suggested_status_code, headers=_HTML, body=install_pages.failed(args.reason))


def _state_of(request: AsyncBoltRequest) -> str:
    return str(request.query.get("state", [""])[0])


def _after(installation: Installation) -> str:
    """The page after it, with what Slack didn't grant."""
    granted = set(installation.bot_scopes or ())
    missing = [each for each in SCOPES if each.name not in granted]
    return install_pages.installed(
        _app_link(installation), missing, is_org_wide=bool(installation.is_enterprise_install)
    )


def _app_link(installation: Installation) -> str:
    """Opens the app in the workspace."""
    team = installation.team_id or installation.enterprise_id
    return f"slack://app?team={team}&id={installation.app_id}&tab=home"


def _guarded(response: web.Response) -> web.Response:
    response.headers.update(_GUARDED)
    return response
