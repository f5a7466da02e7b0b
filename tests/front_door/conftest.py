"""The sample folder imported on each engine, and the bot that serves it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.wiring import Core, create_core
from tests.support.databases import Databases, Fill
from tests.support.installed_app import InstalledApp, installed_app
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, Clock, ServedBot, connected_bot, link_user
from tests.support.waiting import TIMEOUT
from tests.support.watchdog import no_hold
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.storage.schema import upgrade

TOGETHER_WITH_SLACK = 0.2  # seconds: the local Slack runs in the same event loop, and checks what it is sent


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's TOML file."""
    file = tmp_path_factory.mktemp("rules") / "rules.toml"
    file.write_text(TABLE)
    return file


@pytest.fixture(scope="session")
def fill(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Fill:
    """Imports the sample folder and links a Slack user to each of its people."""
    folder, program = write_folder(tmp_path_factory.mktemp("data")), load_program(rules)

    def filled(engine: Engine) -> None:
        upgrade(engine)
        assert not import_folder(engine, program, folder, today=TODAY).problems
        for person in PEOPLE[:4]:
            link_user(engine, WORKSPACE.team_id, person.user_id, person.email)

    return filled


@pytest.fixture
def core(databases: Databases, fill: Fill, rules: Path) -> Iterator[Core]:
    """The imported sample folder, with a Slack user linked to each of its people."""
    url = databases.filled(fill).render_as_string(hide_password=False)
    created = create_core(Settings(database_url=url, program=rules, today=TODAY, port=0))
    yield created
    created.engine.dispose()


@pytest.fixture
async def tierbot(core: Core) -> AsyncIterator[ServedBot]:
    """The bot, serving over HTTP. A test of it fails where something holds the event loop."""
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        async with no_hold(TOGETHER_WITH_SLACK):
            yield ServedBot(slack, bot, core, clock)
        await bot.stop()


@pytest.fixture
async def app(core: Core) -> AsyncIterator[InstalledApp]:
    """The bot, installed by a click in the program's workspace."""
    async with installed_app(core) as running:
        yield running
