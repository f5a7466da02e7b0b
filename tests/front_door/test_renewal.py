"""Renewing tokens by several replicas: what renews one works once, and nothing of it is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from bot.playground.local_slack.faults import refused
from bot.playground.local_slack.server import Slack
from bot.serving import Bot
from bot.slack.client import web_client
from bot.slack.token_keys import TokenKeys, new_key
from bot.slack.token_renewal import AppCredentials, TokenRenewal
from tests.support.installed_app import PARTNERS, InstalledApp
from tests.support.served_bot import link_user, text_of
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledToken

TEAM = "T02ZWEITE"


@pytest.fixture
async def zweite(app: InstalledApp) -> Slack:
    other = await app.beside(PARTNERS, "PB")
    link_user(app.core.engine, TEAM, "U0BEA2", "bea@example.com")
    return other


def exchanges(app: InstalledApp) -> list[str | None]:
    """What became of each attempt to renew a token: None for those that succeeded, Slack's error for the others."""
    renewing = {"grant_type": "refresh_token"}.items()
    return [
        each.error
        for each in app.slack.journal.received
        if each.method == "oauth.v2.access" and renewing <= each.arguments.items()
    ]


async def stored_token(app: InstalledApp) -> str:
    """The stored token, opened."""
    token = await app.workspaces.token_of(TEAM)
    assert token is not None
    return TokenKeys(app.core.settings.keys).open(token.token)


@asynccontextmanager
async def renewing(app: InstalledApp, store: Workspaces | None = None) -> AsyncIterator[TokenRenewal]:
    """A replica's renewal alone, over a store of its own."""
    settings = app.core.settings
    assert settings.slack_client_secret is not None
    credentials = AppCredentials(settings.slack_client_id, settings.slack_client_secret.get_secret_value())
    async with aiohttp.ClientSession() as session:
        client = web_client(None, settings.slack_api_url, session)
        yield TokenRenewal(store or app.workspaces, TokenKeys(settings.keys), credentials, client, app.clock)


async def to_be_renewed(app: InstalledApp) -> InstalledToken:
    app.clock.jump(app.clock() + timedelta(hours=11))
    token = await app.workspaces.token_of(TEAM)
    assert token is not None
    return token


async def test_two_replicas_that_renew_at_once_go_on_with_the_one_new_token(app: InstalledApp, zweite: Slack):
    second = Bot(app.core, moment=app.clock)
    await second.start()
    first = zweite.state.bot_token
    app.clock.jump(app.clock() + timedelta(hours=11))
    found = await asyncio.gather(*(each.workspaces.find(TEAM) for each in (app.bot, second)))
    assert exchanges(app).count(None) == 1
    assert zweite.state.bot_token != first
    assert await stored_token(app) == zweite.state.bot_token
    for served in found:
        assert served is not None
        assert (await served.slack.client.auth_test())["team_id"] == TEAM
    app.clock.jump(app.clock() + timedelta(minutes=2))
    later = [await each.workspaces.find(TEAM) for each in (app.bot, second)]
    assert {each.slack.client.token for each in later} == {zweite.state.bot_token}
    assert exchanges(app).count(None) == 1, "and is not renewed again"
    await second.stop()


class LateStore(Workspaces):
    """A replica whose renewed token is stored late."""

    def __init__(self, app: InstalledApp) -> None:
        super().__init__(Transactions(app.core.engine, app.clock))
        self.may_store = asyncio.Event()

    async def renew(self, *arguments) -> InstalledToken | None:
        await self.may_store.wait()
        return await super().renew(*arguments)


async def test_a_replica_that_comes_late_goes_on_with_the_old_token_and_then_with_the_new(
    app: InstalledApp, zweite: Slack
):
    token = await to_be_renewed(app)
    late = LateStore(app)
    async with renewing(app, late) as one, renewing(app) as other:
        renewed = asyncio.ensure_future(one.current(TEAM, token))
        assert await app.slack.until(lambda: exchanges(app) == [None])
        assert await other.current(TEAM, token) == token, "which is good for an hour yet"
        assert exchanges(app) == [None, "invalid_refresh_token"]
        late.may_store.set()
        new = await renewed
        assert new != token
        assert await other.current(TEAM, token) == new
    assert await stored_token(app) == zweite.state.bot_token


async def test_of_many_requests_at_once_one_renews(app: InstalledApp, zweite: Slack):
    token = await to_be_renewed(app)
    async with renewing(app) as renewal:
        found = await asyncio.gather(*(renewal.current(TEAM, token) for _ in range(20)))
    assert exchanges(app) == [None]
    assert set(found) == {await app.workspaces.token_of(TEAM)}


class BrokenStore(Workspaces):
    """A replica that can't write for a while."""

    broken = 1

    async def renew(self, *arguments) -> InstalledToken | None:
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the database is gone")
        return await super().renew(*arguments)


async def test_a_new_token_that_cannot_be_stored_is_kept_until_it_can(app: InstalledApp, zweite: Slack):
    token = await to_be_renewed(app)
    async with renewing(app, BrokenStore(Transactions(app.core.engine, app.clock))) as renewal:
        with pytest.raises(ConnectionError):
            await renewal.current(TEAM, token)
        new = await renewal.current(TEAM, token)
    assert exchanges(app) == [None], "Slack isn't asked again"
    assert new == await app.workspaces.token_of(TEAM)
    assert await stored_token(app) == zweite.state.bot_token


async def test_what_is_installed_or_removed_meanwhile_is_not_overwritten(app: InstalledApp, zweite: Slack):
    token = await to_be_renewed(app)
    late = LateStore(app)
    async with renewing(app, late) as renewal:
        renewed = asyncio.ensure_future(renewal.current(TEAM, token))
        assert await app.slack.until(lambda: exchanges(app) == [None])
        await app.install(zweite, "U0BEA2", None)
        installed = await app.workspaces.token_of(TEAM)
        late.may_store.set()
        assert await renewed == installed
        token = await to_be_renewed(app)
        late.may_store.clear()
        renewed = asyncio.ensure_future(renewal.current(TEAM, token))
        assert await app.slack.until(lambda: exchanges(app) == [None, None])
        await app.workspaces.remove(TEAM)
        late.may_store.set()
        assert await renewed is None
    assert await app.workspaces.token_of(TEAM) is None


async def test_a_token_sealed_anew_meanwhile_is_still_the_one_that_was_renewed(app: InstalledApp, zweite: Slack):
    token = await to_be_renewed(app)
    late = LateStore(app)
    changed = TokenKeys([new_key(), *app.core.settings.keys])
    async with renewing(app, late) as renewal:
        renewed = asyncio.ensure_future(renewal.current(TEAM, token))
        assert await app.slack.until(lambda: exchanges(app) == [None])
        await app.workspaces.reseal(changed.reseal)
        late.may_store.set()
        assert await renewed == await app.workspaces.token_of(TEAM)
    assert await stored_token(app) == zweite.state.bot_token


async def test_while_slack_does_not_answer_the_token_stays_and_is_tried_again(app: InstalledApp, zweite: Slack):
    before = zweite.state.bot_token
    app.clock.jump(app.clock() + timedelta(hours=11))
    app.slack.faults.add("oauth.v2.access", refused("internal_error", 500))
    assert "Zweite GmbH" in text_of(await zweite.command("bea", "/tier"))
    assert zweite.state.bot_token == before
    app.clock.jump(app.clock() + timedelta(minutes=2))
    assert "Zweite GmbH" in text_of(await zweite.command("bea", "/tier"))
    assert zweite.state.bot_token == await stored_token(app) != before
