"""Renewing tokens that end (slack#authorization). What renews a token works once, and any replica may have used it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.token_keys import SealedByAnotherKey, TokenKeys
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledToken

RENEWED_BEFORE = timedelta(hours=2)
_FAILURES = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, LookupError, ValueError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What Slack knows the app by, under Basic Information."""

    client_id: str
    client_secret: str


class TokenRenewal:
    """Exchanges tokens before they end, one at a time for each installation."""

    def __init__(
        self,
        store: Workspaces,
        keys: TokenKeys,
        credentials: AppCredentials,
        client: AsyncWebClient,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._keys, self._credentials = store, keys, credentials
        self._client, self._clock = client, clock
        self._unstored = dict[str, tuple[str, InstalledToken]]()
        self._one_at_a_time = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def current(self, team_id: str, token: InstalledToken) -> InstalledToken | None:
        """The installation's token, good for a while yet if Slack renews it; None where it was removed meanwhile.

        A token that couldn't be renewed stays as it is: it is good until it ends, and tried again by then.
        """
        if not self._ends_soon(token):
            return token
        async with self._one_at_a_time[team_id]:
            if team_id in self._unstored:
                return await self._store_renewed(team_id)
            stored = await self._store.token_of(team_id)
            if stored is None or not self._ends_soon(stored):
                return stored
            try:
                self._unstored[team_id] = await self._renewed(stored)
            except SealedByAnotherKey:
                return stored
            except _FAILURES as error:
                return await self._after(team_id, stored, error)
            return await self._store_renewed(team_id)

    def _ends_soon(self, token: InstalledToken) -> bool:
        if token.refresh_token is None or token.expires_at is None:
            return False
        return self._clock() >= token.expires_at - RENEWED_BEFORE

    async def _renewed(self, token: InstalledToken) -> tuple[str, InstalledToken]:
        """What Slack gives for what renews the token, and that, which is worth nothing from now on."""
        used = self._keys.open(str(token.refresh_token))
        answer: Any = await self._client.oauth_v2_access(
            client_id=self._credentials.client_id,
            client_secret=self._credentials.client_secret,
            grant_type="refresh_token",
            refresh_token=used,
        )
        renewed = replace(
            token,
            token=self._keys.seal(str(answer["access_token"])),
            refresh_token=self._keys.seal(str(answer["refresh_token"])),
            expires_at=self._clock() + timedelta(seconds=int(answer["expires_in"])),
        )
        return used, renewed

    async def _store_renewed(self, team_id: str) -> InstalledToken | None:
        """Where the database can't be written, the next call stores it."""
        used, renewed = self._unstored[team_id]
        stored = await self._store.renew(team_id, lambda found: self._was_renewed_by(used, found), renewed)
        del self._unstored[team_id]
        return stored

    def _was_renewed_by(self, used: str, stored: InstalledToken) -> bool:
        """Whether it is still the token that was renewed, by whichever key it is sealed by now."""
        try:
            return stored.refresh_token is not None and self._keys.open(stored.refresh_token) == used
        except SealedByAnotherKey:
            return True  # nobody else can have used what renews it

    async def _after(self, team_id: str, token: InstalledToken, error: Exception) -> InstalledToken | None:
        """What is stored after Slack has refused to renew the token, or didn't answer: another replica's perhaps."""
        stored = await self._store.token_of(team_id)
        if stored != token:
            return stored
        reason = str(error.response.get("error")) if isinstance(error, SlackApiError) else str(error)[:200]
        ends = token.expires_at.isoformat() if token.expires_at else ""
        log.warning("token_not_renewed", team=team_id, error=type(error).__name__, reason=reason, ends=ends)
        return stored
