"""Installing the app through a Slack of others: what the flow sends is taken, and what comes back works."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.signing import FORM, signed_headers
from bot.serving import Bot
from bot.settings import Settings
from bot.slack.scopes import SCOPES
from bot.slack.token_keys import TokenKeys, new_key
from bot.wiring import Core
from tests.support.delivered import MONDAY, rows
from tests.support.emulated_slack import EmulatedSlack, emulated_slack, why_not
from tests.support.installed_app import PUBLIC_URL, InstalledApp
from tests.support.served_bot import Clock, ServedBot, link_user
from tests.support.waiting import wait_until
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import WorkspaceRole

CLIENT_ID, SECRET, SIGNING = "1000.2000", "a-client-secret", "a-signing-secret"
SEED = {
    "team": {"name": "Emulated GmbH", "domain": "emulated"},
    "users": [{"name": "bea", "real_name": "Bea", "email": "bea@example.com"}],
    "oauth_apps": [
        {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "name": "tierbot",
            "redirect_uris": [f"{PUBLIC_URL}/slack/oauth_redirect"],
            "scopes": ["commands"],
        }
    ],
    "strict_scopes": True,
}
pytestmark = pytest.mark.slow


@pytest.fixture
async def foreign(tmp_path: Path) -> AsyncIterator[EmulatedSlack]:
    if reason := why_not():
        pytest.skip(reason)
    async with emulated_slack(SEED, tmp_path) as running:
        yield running


@pytest.fixture
async def app(core: Core, foreign: EmulatedSlack) -> AsyncIterator[InstalledApp]:
    """The bot as an app of that Slack, installed nowhere yet."""
    of_app = {
        "slack_client_id": CLIENT_ID,
        "slack_client_secret": SECRET,
        "slack_signing_secret": SIGNING,
        "slack_api_url": f"{foreign.url}/api/",
        "slack_response_url": foreign.url,
        "slack_authorize_url": f"{foreign.url}/oauth/v2/authorize",
        "token_keys": new_key(),
        "public_url": PUBLIC_URL,
        "tick_seconds": 0.1,
    }
    used = Core(Settings(**{**core.settings.model_dump(), **of_app}), core.program, core.engine)
    clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
    bot = Bot(used, moment=clock)
    await bot.start()
    yield InstalledApp(Slack(), bot, used, clock, Workspaces(Transactions(core.engine, clock)))
    await bot.stop()


async def command(app: InstalledApp, team: str, user: str, word: str, text: str = "") -> str:
    """A slash command as Slack signs it; the answer's body."""
    fields = {"team_id": team, "user_id": user, "command": word, "text": text, "channel_id": "C1"}
    body = urlencode({**fields, "response_url": f"{app.core.settings.slack_response_url}/none"}).encode()
    headers = signed_headers(SIGNING, int(time.time()), body, FORM)
    url = f"http://127.0.0.1:{app.bot.port}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_partner_installs_asks_and_gets_a_digest(app: InstalledApp, foreign: EmulatedSlack):
    code = await app.workspaces.invite(None, WorkspaceRole.PARTNER, ["PB"])
    page = await app.get(f"/slack/install?invite={code}")
    back = await foreign.allow(page.add_to_slack, "Bea")
    assert back.startswith(f"{PUBLIC_URL}/slack/oauth_redirect?code=")
    end = await app.get(back, page.cookie)
    assert (end.status, "tierbot is installed" in end.text) == (200, True), end.text

    [sent] = foreign.called("oauth.v2.access")
    assert sent["redirect_uri"] == f"{PUBLIC_URL}/slack/oauth_redirect"
    [workspace] = await app.workspaces.all()
    assert (workspace.name, workspace.partners, workspace.enterprise_id) == ("Emulated GmbH", ("PB",), None)
    token = await app.workspaces.token_of(workspace.team_id)
    assert token.scopes == {each.name for each in SCOPES}
    assert (token.refresh_token, token.expires_at) == (None, None), "it doesn't rotate tokens"
    opened = TokenKeys(app.core.settings.keys).open(token.token)
    client = AsyncWebClient(token=opened, base_url=f"{foreign.url}/api/")
    identity = await client.auth_test()
    assert (identity["team_id"], identity["user_id"]) == (workspace.team_id, token.bot_user_id)

    link_user(app.core.engine, workspace.team_id, workspace.installed_by, "bea@example.com")
    answer = await command(app, workspace.team_id, workspace.installed_by, "/tier")
    assert "Zweite GmbH" in answer
    assert "Partner A" not in answer
    await command(app, workspace.team_id, workspace.installed_by, "/digest", "monday 9:00")
    seen = ServedBot(app.slack, app.bot, app.core, app.clock)
    await wait_until(lambda: rows(seen, SubscriptionRow), "it is stored")
    assert foreign.called("users.info"), "Slack was asked for the time zone, which it doesn't give"
    await wait_until(lambda: [row.state for row in rows(seen, OutboxRow)] == ["sent"], "the installer is told")
    app.clock.jump(MONDAY + timedelta(hours=2))
    await wait_until(lambda: [row.state for row in rows(seen, OutboxRow)] == ["sent", "sent"], "the digest is sent")
    channel = (await client.conversations_open(users=workspace.installed_by))["channel"]["id"]
    texts = [each["text"] for each in (await client.conversations_history(channel=channel))["messages"]]
    assert any("Zweite GmbH" in each for each in texts), texts


async def test_what_slack_did_not_give_installs_nothing(app: InstalledApp, foreign: EmulatedSlack):
    page = await app.get("/slack/install")
    back = await foreign.allow(page.add_to_slack, "Bea")
    code = back.partition("code=")[2].partition("&")[0]
    made_up = await app.get(back.replace(code, "0" * len(code)), page.cookie)
    assert made_up.status >= 400
    assert "Nothing was installed" in made_up.text
    assert (await app.get(back, page.cookie)).status == 401, "its state was used"
    assert await app.workspaces.all() == []
    with pytest.raises(LookupError, match="not registered"):
        await foreign.allow(page.add_to_slack.replace(CLIENT_ID, "1.1"), "Bea")
    with pytest.raises(LookupError, match="redirect_uri"):
        await foreign.allow(page.add_to_slack.replace("tierbot.example", "evil.example"), "Bea")
