"""The sample folder imported on each engine, and the bot serving it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.wiring import Core, create_core
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import PEOPLE, TODAY, WORKSPACE, Clock, Office, bind_user, connected
from tiercore.ingest.importing import import_folder
from tiercore.storage.engine import create_database_engine
from tiercore.storage.schema import upgrade


@pytest.fixture
def core(database: URL, tmp_path: Path) -> Iterator[Core]:
    """The sample folder, imported, with a Slack user bound to each of its people."""
    rules = tmp_path / "rules.toml"
    rules.write_text(TABLE)
    engine = create_database_engine(database)
    upgrade(engine)
    engine.dispose()
    settings = Settings(database_url=database.render_as_string(hide_password=False), program=rules, today=TODAY, port=0)
    made = create_core(settings)
    assert not import_folder(made.engine, made.program, write_folder(tmp_path / "data"), today=TODAY).problems
    for person in PEOPLE[:4]:
        bind_user(made.engine, WORKSPACE.team_id, person.user_id, person.email)
    yield made
    made.engine.dispose()


@pytest.fixture
async def office(core: Core) -> AsyncIterator[Office]:
    """The bot, serving over HTTP."""
    async with Slack(workspace=WORKSPACE) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected(core, slack, clock)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield Office(slack, bot, core, clock)
        await bot.stop()
