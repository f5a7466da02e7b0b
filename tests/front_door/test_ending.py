"""SIGTERM ends the process within ten seconds, whatever can't be reached (running#starting-and-stopping)."""

import asyncio
import json
import signal
import time
from functools import partial

import pytest
from sqlalchemy.engine import make_url

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.process import serve_process, stop_process
from tests.support.served_bot import WORKSPACE
from tests.support.stalling_proxy import StallingProxy
from tests.support.waiting import TIMEOUT, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
AT_MOST = 10.5  # seconds: ten, and half a one for the machine


async def ended(process: asyncio.subprocess.Process) -> list[dict]:
    """Terminate the process; it ends in time, and each line that it logs is JSON."""
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    lines = (await stop_process(process)).splitlines()
    assert time.monotonic() - started < AT_MOST
    return [json.loads(line) for line in lines]


async def test_sigterm_ends_it_while_the_database_hangs(core: Core):
    url = make_url(core.settings.database_url)
    if url.get_backend_name() != "postgresql":
        return
    socket = f"{url.query['host']}/.s.PGSQL.5432"
    async with (
        Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack,
        StallingProxy(partial(asyncio.open_unix_connection, socket)) as proxy,
    ):
        behind = url.set(host="127.0.0.1", port=proxy.port, query={}).render_as_string(hide_password=False)
        process, port = await serve_process(core, slack, TIERBOT_DATABASE_URL=behind, TIERBOT_TICK_SECONDS="0.2")
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        proxy.stall()
        commands = [asyncio.create_task(slack.command("ana", *each)) for each in (("/tier", ""), ("/digest", "pause"))]
        assert await slack.until(lambda: len(slack.journal.sent) == 2)
        await ended(process)
        for each in commands:
            each.cancel()


async def test_sigterm_ends_it_while_sqlite_is_locked(core: Core):
    if core.url.get_backend_name() != "sqlite":
        return
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve_process(core, slack, TIERBOT_TICK_SECONDS="0.2")
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        with core.engine.begin():
            pause = asyncio.create_task(slack.command("ana", "/digest", "pause", wait=0))
            assert await slack.until(lambda: len(slack.journal.sent) == 1)
            await ended(process)
        pause.cancel()


async def test_sigterm_ends_it_while_slack_is_unreachable(core: Core):
    if core.url.get_backend_name() != "sqlite":
        return
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        api = make_url(slack.api_url)
        async with StallingProxy(partial(asyncio.open_connection, api.host, api.port)) as proxy:
            here, away = f"{api.host}:{api.port}", f"127.0.0.1:{proxy.port}"
            process, port = await serve_process(core, slack, TIERBOT_SLACK_API_URL=slack.api_url.replace(here, away))
            slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
            proxy.stall()
            await slack.command("ana", "/digest", "now", wait=0)
            opening = asyncio.create_task(slack.open_home("ana"))
            await wait_until(lambda: len(slack.journal.sent) >= 2, "Home was opened")
            logged = await ended(process)
            opening.cancel()
        assert {line["event"] for line in logged} >= {"question"}
        assert process.returncode == 0
