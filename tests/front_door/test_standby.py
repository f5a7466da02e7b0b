"""The served bot beside a primary and a standby: answers come from the standby while it can be read."""

import json
import re
from pathlib import Path

import aiohttp
import pytest

from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.wiring import create_core
from tests.support.databases import Fill, PostgresDatabases
from tests.support.postgres_server import PostgresServer
from tests.support.served_bot import TODAY, WORKSPACE, connected_bot, text_of
from tests.support.waiting import TIMEOUT, time_limit


@pytest.mark.slow
async def test_a_bot_reads_answers_from_the_standby_and_says_where_it_cannot(
    postgres_databases: PostgresDatabases, standby: PostgresServer, fill: Fill, rules: Path
):
    url = postgres_databases.filled(fill)
    core = create_core(
        Settings(
            database_url=url.render_as_string(hide_password=False),
            read_url=standby.url(str(url.database)),
            program=rules,
            today=TODAY,
            port=0,
        )
    )
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        bot = connected_bot(core, slack)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"

        async def told(path: str) -> str:
            address = f"http://127.0.0.1:{bot.port}/{path}"
            async with aiohttp.ClientSession() as session, session.get(address) as response:
                assert response.status == 200
                return await response.text()

        async with time_limit("the standby is read"):
            while await told("readyz") != '{"status": "ready"}':
                pass
        assert "Platinum" in text_of(await slack.command("ana", "/tier"))
        async with time_limit("an answer comes from the standby, once it has replayed what the bot wrote"):
            while float(re.findall(r'tierbot_reads{server="standby"} (\S+)', await told("metrics"))[0]) == 0:
                await slack.command("ana", "/tier")
        standby.halt()
        try:
            assert "Platinum" in text_of(await slack.command("ana", "/gap"))
            assert json.loads(await told("readyz"))["standby"].startswith("it can't be read")
        finally:
            standby.resume()
        await bot.stop()
    core.engine.dispose()
    postgres_databases.drop()
