"""All the workspaces that the app is installed in: each is served by what it has of its own, made when it is first
needed, from its installation in the database.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.request.internals import extract_enterprise_id, extract_team_id
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import web_client
from bot.slack.oauth import InstallFlow, Offer
from bot.slack.token_keys import SealedByAnotherKey, TokenKeys
from bot.workspaces import ServedWorkspace, Shared
from handlers.acknowledgement import NOT_INSTALLED
from handlers.enterprise import Installation
from handlers.workspace_events import Workspace as WorkspaceEvents
from scheduler.delivery import Draft
from scheduler.poster import Faulty, NotInstalled, Poster
from tiercore.notifications.fault import Fault, Stops
from tiercore.notifications.types import ClaimedMessage
from tiercore.people.types import SLACK
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import Installed, InstalledToken, Workspace

_KNOWN_FOR = timedelta(seconds=60)  # until another replica's change of an installation is seen
_RENEWED_BEFORE = timedelta(hours=2)
_MOST_KEPT = 2_000
_SEALED = Fault(Stops.WORKSPACE, "the token is sealed by a key that isn't set")
Body = dict[str, Any]
log = structlog.get_logger()


@dataclass(slots=True)
class _Known:
    """What was found for a team, and when; None where the app isn't installed, or its token can't be opened."""

    served: ServedWorkspace | None
    token: InstalledToken | None
    at: datetime


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What Slack knows the app by, under Basic Information."""

    client_id: str
    client_secret: str


class ManyWorkspaces:
    """The workspaces of the database, whose tokens `keys` open. See ServedWorkspaces."""

    def __init__(
        self,
        shared: Shared,
        store: Workspaces,
        keys: TokenKeys,
        credentials: AppCredentials,
        clock: Callable[[], datetime],
    ) -> None:
        self._shared, self._store, self._keys, self._clock = shared, store, keys, clock
        self._credentials = credentials
        self._known: OrderedDict[tuple[str | None, str | None], _Known] = OrderedDict()
        self._finding: dict[tuple[str | None, str | None], asyncio.Task[_Known]] = {}

    async def dispatch(self, body: Body, headers: Mapping[str, str]) -> BoltResponse:
        """See ServedWorkspaces. Where the app isn't installed, or no longer, it says so."""
        team_id, enterprise_id = _team_of(body)
        served = await self.find(team_id, enterprise_id)
        if served is None:
            log.warning("not_installed", team=team_id, enterprise=enterprise_id)
            return BoltResponse(status=200, body=NOT_INSTALLED if "command" in body else "")
        return await served.dispatch(body, headers)

    async def find(self, team_id: str | None, enterprise_id: str | None = None) -> ServedWorkspace | None:
        """What the bot has in a team; None where the app isn't installed, or its token can't be opened."""
        return (await self._known_of(team_id, enterprise_id)).served

    async def _known_of(self, team_id: str | None, enterprise_id: str | None = None) -> _Known:
        key = (team_id, enterprise_id)
        known = self._known.get(key)
        if known is None or not known.at <= self._clock() < known.at + _KNOWN_FOR:
            task = self._finding.get(key)
            if task is None:
                task = self._finding[key] = asyncio.ensure_future(self._find(key, known))
                task.add_done_callback(lambda _: self._finding.pop(key, None))
            known = await asyncio.shield(task)
        return known

    async def _find(self, key: tuple[str | None, str | None], before: _Known | None) -> _Known:
        installed = await self._store.installation_for(*key)
        if installed is None:
            known = _Known(None, None, self._clock())
        else:
            workspace, token = await self._current(*installed)
            if before is not None and before.served is not None and before.token == token:
                known = _Known(before.served, token, self._clock())
            else:
                known = _Known(self._serve(workspace, token), token, self._clock())
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return known

    async def _current(self, workspace: Workspace, token: InstalledToken) -> tuple[Workspace, InstalledToken]:
        """The installation with a token that is good for a while yet; what Slack doesn't renew stays as it is."""
        if token.refresh_token is None or token.expires_at is None:
            return workspace, token
        if self._clock() < token.expires_at - _RENEWED_BEFORE:
            return workspace, token
        client = web_client(None, self._shared.settings.slack_api_url, self._shared.answering)
        try:
            answer = await client.oauth_v2_access(
                client_id=self._credentials.client_id,
                client_secret=self._credentials.client_secret,
                grant_type="refresh_token",
                refresh_token=self._keys.open(token.refresh_token),
            )
        except (SlackApiError, OSError, TimeoutError) as error:
            log.warning(
                "token_not_renewed", team=workspace.team_id, error=type(error).__name__, reason=str(error)[:200]
            )
            return workspace, token
        renewed = replace(
            token,
            token=self._keys.seal(str(answer["access_token"])),
            refresh_token=self._keys.seal(str(answer["refresh_token"])),
            expires_at=self._clock() + timedelta(seconds=int(answer["expires_in"])),
        )
        await self._store.renew(workspace.team_id, renewed)
        return workspace, renewed

    def _serve(self, workspace: Workspace, token: InstalledToken) -> ServedWorkspace | None:
        installation = Installation(
            workspace.team_id, workspace.enterprise_id, workspace.is_org_wide, token.bot_user_id
        )

        async def removed(event: str) -> None:
            await self._remove(workspace.team_id, event)

        try:
            return self._shared.serve(installation, self._keys.open(token.token), self.workspace_of, removed)
        except SealedByAnotherKey as error:
            log.error("token_sealed_by_another_key", team=workspace.team_id, next=str(error))
            return None

    async def _remove(self, team_id: str, event: str) -> None:
        """The app was uninstalled, or its token revoked: nothing more goes to the workspace."""
        self.forget(team_id)
        if await self._store.remove(team_id, SLACK):
            log.warning(event, team=team_id)

    def forget(self, team_id: str) -> None:
        """An installation has changed: look it up again."""
        for key in [each for each in self._known if team_id in each]:
            del self._known[key]

    async def workspace_of(self, team_id: str) -> WorkspaceEvents | None:
        """The workspace where a user of the team is reached; None where the app isn't installed."""
        served = await self.find(team_id)
        return served.listeners.workspace if served else None

    async def poster_of(self, team_id: str, /) -> Poster:
        """See ServedWorkspaces."""
        return (await self._to_send(team_id)).poster

    async def compose(self, message: ClaimedMessage) -> Draft:
        """See ServedWorkspaces."""
        return await (await self._to_send(message.team_id)).composer.compose(message)

    async def _to_send(self, team_id: str) -> ServedWorkspace:
        """What the bot has in a team that something is sent to. Raises NotInstalled, and Faulty until the operator sets
        the key that opens the token.
        """
        known = await self._known_of(team_id)
        if known.served is None:
            raise NotInstalled if known.token is None else Faulty(_SEALED)
        return known.served

    async def refresh_homes(self) -> None:
        """See ServedWorkspaces."""
        for workspace in await self._store.all():
            if not workspace.is_removed and (served := await self.find(workspace.team_id, workspace.enterprise_id)):
                await served.listeners.home.refresh()

    @property
    def removed(self) -> str | None:
        """See ServedWorkspaces: others may be installed at any time."""
        return None


def _team_of(body: Body) -> tuple[str | None, str | None]:
    """The team and the enterprise that a request comes from, as Slack names where the app is installed."""
    return extract_team_id(body), extract_enterprise_id(body)


def many_workspaces(shared: Shared, client: AsyncWebClient) -> tuple[ManyWorkspaces, list[web.RouteDef]]:
    """The workspaces that the settings' app is installed in, and the pages on which more are added."""
    settings, store = shared.settings, shared.services.workspaces
    assert settings.slack_client_secret is not None  # Settings checks what belongs together
    keys = TokenKeys(settings.keys)
    credentials = AppCredentials(settings.slack_client_id, settings.slack_client_secret.get_secret_value())
    clock = shared.services.people.now
    served = ManyWorkspaces(shared, store, keys, credentials, clock)

    async def installed(found: Installed) -> None:
        served.forget(found.workspace.team_id)
        await shared.services.outbox.try_now(team_id=found.workspace.team_id)

    offer = Offer(settings.operator, settings.public_url, settings.slack_authorize_url)
    flow = InstallFlow(store, keys, client, credentials.client_id, credentials.client_secret, offer, installed, clock)
    return served, flow.routes()
