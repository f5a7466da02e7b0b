"""The bot as an app that is installed by a click: the program's workspace, a partner's, and a browser's way to both."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import aiohttp
from sqlalchemy import select

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from bot.serving import Bot
from bot.settings import Settings
from bot.slack.token_keys import new_key
from bot.wiring import Core
from tests.support.served_bot import WORKSPACE, Clock
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.notifications.outbox_types import State
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import WorkspaceRole

PUBLIC_URL = "https://tierbot.example.com"
PARTNERS = Workspace(
    people=(
        Person("U0BEA2", "bea", "Bea", "bea@example.com"),
        Person("U0CARLA2", "carla", "Carla", "carla@example.com"),
        Person("U0NEW", "new", "New", "new@example.com"),
    ),
    channels=(Channel("C02TEAM", "team"),),
    team_id="T02ZWEITE",
    domain="zweite",
    name="Zweite GmbH",
    bot_user_id="U02TIERBOT",
)


@dataclass(slots=True)
class Page:
    """What a browser gets: the status, the page, and where the state's cookie was set."""

    status: int
    text: str
    cookie: str = ""

    @property
    def add_to_slack(self) -> str:
        """The address behind the page's button."""
        found = re.search(r'<a class="button" href="([^"]+)"', self.text)
        assert found, self.text
        return html.unescape(found[1])


@dataclass(slots=True)
class InstalledApp:
    """The bot, a Slack with the program's workspace, and the workspaces' service as the operator has it."""

    slack: Slack
    bot: Bot
    core: Core
    clock: Clock
    workspaces: Workspaces

    async def get(self, url: str, cookie: str = "") -> Page:
        """What a browser sees at an address of the bot's."""
        path = url.removeprefix(PUBLIC_URL)
        headers = {"Cookie": cookie} if cookie else {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.bot.port}{path}", headers=headers, allow_redirects=False) as answer,
        ):
            cookies = [f"{name}={morsel.value}" for name, morsel in answer.cookies.items()]
            return Page(answer.status, await answer.text(), "; ".join(cookies))

    async def install(self, where: Slack, user: str, code: str | None) -> Page:
        """Install the app in a workspace as somebody there, by an invitation or without one; the last page."""
        page = await self.get(f"/slack/install{f'?invite={code}' if code else ''}")
        assert page.status == 200, page.text
        assert parse_qs(urlsplit(page.add_to_slack).query)["client_id"] == [where.app.client_id]
        return await self.get(where.allow(page.add_to_slack, user), page.cookie)

    async def beside(self, workspace: Workspace = PARTNERS, *partners: str) -> Slack:
        """Another workspace, with the app installed by the operator's invitation for the partners."""
        other = self.slack.beside(workspace)
        code = await self.workspaces.invite(None, WorkspaceRole.PARTNER, partners)
        page = await self.install(other, workspace.people[0].user_id, code)
        assert page.status == 200, page.text
        await wait_until(self.has_told, "whoever installed or invited is told")
        return other

    def has_told(self) -> bool:
        """Whether nothing is left to be sent."""
        outbox = table(OutboxRow)
        unsent = select(outbox.c.outbox_id).where(outbox.c.state.in_([State.PENDING.value, State.SENDING.value]))
        with reading(self.core.engine) as connection:
            return connection.execute(unsent).first() is None


@asynccontextmanager
async def installed_app(core: Core, **settings: object) -> AsyncIterator[InstalledApp]:
    """The bot, installed in the program's workspace, where everybody is linked."""
    async with Slack(workspace=WORKSPACE, bot_token="", patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        of_app = {
            "slack_client_id": slack.app.client_id,
            "slack_client_secret": slack.app.client_secret,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
            "slack_response_url": slack.response_prefix,
            "token_keys": new_key(),
            "public_url": PUBLIC_URL,
            "watch_seconds": 0.1,
            "tick_seconds": 0.1,
            "post_seconds": 0.4,
            "settle_seconds": 0.5,
            **settings,
        }
        used = Core(Settings(**{**core.settings.model_dump(), **of_app}), core.program, core.engine)
        bot = Bot(used, moment=clock)
        await bot.start()
        try:
            yield await _with_program(
                InstalledApp(slack, bot, used, clock, Workspaces(Transactions(core.engine, clock)))
            )
        finally:
            await bot.stop()


async def _with_program(app: InstalledApp) -> InstalledApp:
    """Installed in the program's workspace."""
    app.slack.bot_url = f"http://127.0.0.1:{app.bot.port}/slack/events"
    page = await app.install(app.slack, "U0ADMIN", await app.workspaces.invite(None, WorkspaceRole.PROGRAM, ()))
    assert page.status == 200, page.text
    return app
