"""All the workspaces that the app is installed in: each is served by what it has of its own, made when it is first
needed, from its installation in the database.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from aiohttp import web
from slack_bolt.request.internals import (
    extract_enterprise_id,
    extract_is_enterprise_install,
    extract_team_id,
)
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import web_client
from bot.slack.oauth import InstallFlow, Offer
from bot.slack.scopes import SCOPES
from bot.slack.token_keys import SealedByAnotherKey, TokenKeys
from bot.slack.token_renewal import AppCredentials, TokenRenewal
from bot.workspaces import ServedWorkspace, Shared
from handlers.acknowledgement import LOCKED, NOT_INSTALLED
from handlers.enterprise import Installation
from handlers.listeners import REMOVALS
from handlers.presenter import failures_logged
from handlers.workspace_events import Workspace as WorkspaceEvents
from scheduler.delivery import Draft
from scheduler.poster import Faulty, NotInstalled, Poster
from tiercore.notifications.fault import Fault, Stops
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.people.types import SLACK
from tiercore.turns import in_background
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import Installed, InstalledToken, Workspace, WorkspaceRole

_KNOWN_FOR = timedelta(seconds=60)  # until another replica's change of an installation is seen
_MOST_KEPT = 2_000
_RENEWAL_SECONDS = 1.0  # of the three that Slack waits for an acknowledgement
_SEALED = Fault(Stops.WORKSPACE, "the token is sealed by a key that isn't set")
Body = dict[str, Any]
T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found for a team, and when; nothing where the app isn't installed, or where it `is_locked`: none of the
    operator's keys opens its token.
    """

    served: ServedWorkspace | None
    at: datetime
    is_locked: bool = False


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
        client = web_client(None, shared.settings.slack_api_url, shared.answering)
        self._renewal = TokenRenewal(store, keys, credentials, client, clock)
        self._known: OrderedDict[tuple[str | None, str | None], _Known] = OrderedDict()
        self._served: OrderedDict[str, tuple[object, ServedWorkspace | None]] = OrderedDict()  # by installation
        self._finding: dict[tuple[str | None, str | None], asyncio.Task[_Known]] = {}
        self._changes = 0

    async def dispatch(self, body: Body, headers: Mapping[str, str]) -> BoltResponse:
        """See ServedWorkspaces. Where the app isn't installed, or no longer, it says so."""
        team_id, enterprise_id = _team_of(body)
        known = await self._known_of(team_id, enterprise_id)
        served = known.served
        if served is None:
            if not known.is_locked:
                log.warning("not_installed", team=team_id, enterprise=enterprise_id)
            said = LOCKED if known.is_locked else NOT_INSTALLED
            return BoltResponse(status=200, body=said if "command" in body else "")
        if served.installation.team_id != team_id and await self._is_already_removed(team_id, body):
            return BoltResponse(status=200, body="")
        return await served.dispatch(body, headers)

    async def _is_already_removed(self, team_id: str | None, body: Body) -> bool:
        """Whether the event says once more that a workspace's own installation ended: its organization's goes on."""
        event = body.get("event")
        if not isinstance(event, dict) or event.get("type") not in REMOVALS:
            return False
        return any(each.team_id == team_id for each in await self._store.all())

    async def find(self, team_id: str | None, enterprise_id: str | None = None) -> ServedWorkspace | None:
        """What the bot has in a team, which is all of its organization's where the app is installed in that; None where
        it isn't installed, or its token can't be opened.
        """
        return (await self._known_of(team_id, enterprise_id)).served

    async def _known_of(self, team_id: str | None, enterprise_id: str | None = None) -> _Known:
        key = (team_id, enterprise_id)
        known = self._known.get(key)
        if known is None or not known.at <= self._clock() < known.at + _KNOWN_FOR:
            task = self._finding.get(key)
            if task is None:
                with in_background(None):  # people wait for it, too, whoever asks first
                    task = self._finding[key] = asyncio.ensure_future(self._find(key))
                task.add_done_callback(partial(self._found, key))
                self._shared.background.start(_ended(task))
            known = await asyncio.shield(task)
        return known

    def _found(self, key: tuple[str | None, str | None], task: "asyncio.Task[_Known]") -> None:
        if self._finding.get(key) is task:  # else another has been begun since an installation changed
            del self._finding[key]

    async def _find(self, key: tuple[str | None, str | None]) -> _Known:
        served, token, changes = None, None, self._changes
        if (installed := await self._store.installation_for(*key)) is not None:
            workspace, stored = installed
            token = await self._current(workspace.team_id, stored)
            served = self._served_with(workspace, token) if token else None
        known = _Known(served, self._clock(), is_locked=served is None and token is not None)
        if changes == self._changes:  # else an installation has changed since it was read
            self._known[key] = known
            _keep_latest(self._known, key)
        return known

    async def _current(self, team_id: str, stored: InstalledToken) -> InstalledToken | None:
        """The installation's token, renewed where it ends soon. People wait for that no longer than they have to."""
        renewal = asyncio.ensure_future(self._renewal.current(team_id, stored))
        self._shared.background.start(_ended(renewal))
        is_good = stored.expires_at is None or self._clock() < stored.expires_at
        done, _ = await asyncio.wait((renewal,), timeout=_RENEWAL_SECONDS if is_good else None)
        return renewal.result() if done else stored

    def _served_with(self, workspace: Workspace, token: InstalledToken) -> ServedWorkspace | None:
        """What the bot has by an installation: what it had, unless the token or the workspace's role is another."""
        made_with = (_installation(workspace, token), token)
        before = self._served.get(workspace.team_id)
        if before is None or before[0] != made_with:
            self._served[workspace.team_id] = before = (made_with, self._serve(workspace, token))
        _keep_latest(self._served, workspace.team_id)
        return before[1]

    def _serve(self, workspace: Workspace, token: InstalledToken) -> ServedWorkspace | None:
        installation = _installation(workspace, token)

        async def removed(event: str, at: datetime | None) -> None:
            await self._remove(workspace.team_id, event, at)

        try:
            return self._shared.serve(installation, self._keys.open(token.token), self.workspace_of, removed)
        except SealedByAnotherKey as error:
            log.error("token_sealed_by_another_key", team=workspace.team_id, next=str(error))
            return None

    async def _remove(self, team_id: str, event: str, at: datetime | None) -> None:
        """The app was uninstalled, or its token revoked: nothing more goes to the workspace. A late event is of an
        installation before.
        """
        if await self._store.remove(team_id, SLACK, at):
            log.warning(event, team=team_id)
        self.forget(team_id)

    def forget(self, team_id: str) -> None:
        """An installation has changed: look up again what it serves, and what wasn't found, which it may serve now."""
        self._changes += 1
        self._finding.clear()
        self._served.pop(team_id, None)
        for key, known in list(self._known.items()):
            if team_id in key or known.served is None or known.served.installation.team_id == team_id:
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
        if known.served is None:  # it may have been installed since, by another replica: what is dropped is gone
            self._known.pop((team_id, None), None)
            known = await self._known_of(team_id)
        if known.served is None:
            raise Faulty(_SEALED) if known.is_locked else NotInstalled
        return known.served

    async def refresh_homes(self) -> None:
        """See ServedWorkspaces."""
        found = [await self.find(team_id) for team_id in await self._shared.services.people.recent_home_teams()]
        for served in {id(each): each for each in found if each is not None}.values():  # an organization's, once
            await served.listeners.home.refresh()

    @property
    def removed(self) -> str | None:
        """See ServedWorkspaces: others may be installed at any time."""
        return None


def _installation(workspace: Workspace, token: InstalledToken) -> Installation:
    return Installation(
        workspace.team_id,
        workspace.enterprise_id,
        workspace.is_org_wide,
        token.bot_user_id,
        workspace.role is WorkspaceRole.PARTNER,
        tuple(each.without for each in SCOPES if each.name not in token.scopes),
    )


def _team_of(body: Body) -> tuple[str | None, str | None]:
    """The team and the enterprise that a request comes from, as Slack names where the app is installed. For all that an
    organization's installation is sent that is the organization, so that it is looked up once.
    """
    enterprise_id = extract_enterprise_id(body)
    if enterprise_id and extract_is_enterprise_install(body):
        return enterprise_id, enterprise_id
    return extract_team_id(body), enterprise_id


async def _ended(task: "asyncio.Future[Any]") -> None:
    """Let it end before the bot stops: what renews a token works once, and what Slack gives for it has to be stored."""
    await asyncio.wait([task])


def _keep_latest(kept: OrderedDict[T, Any], used: T) -> None:
    kept.move_to_end(used)
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


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
        with failures_logged():  # it is installed, whatever comes of what waits
            await shared.services.outbox.try_now(team_id=found.workspace.team_id)

    offer = Offer(settings.operator, settings.public_url, settings.slack_authorize_url)
    flow = InstallFlow(store, keys, client, credentials.client_id, credentials.client_secret, offer, installed, clock)
    return served, flow.routes()
