"""`tierbot serve` as a separate process: it becomes ready, answers, and exits on SIGTERM."""

import asyncio
import os
import re
import resource
import signal
import sys
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.served_bot import WORKSPACE, text_of
from tests.support.waiting import TIMEOUT, time_limit, within

PATIENCE = 60.0  # seconds for a process to start or end, however busy the machine is
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def serve(
    core: Core, slack: Slack, limit: int | None = None, **more: str
) -> tuple[asyncio.subprocess.Process, int]:
    """The process and the port from its log; `limit` is how many files it may have open."""
    settings = core.settings
    environment = {
        **os.environ,
        "TIERBOT_DATABASE_URL": settings.database_url,
        "TIERBOT_PROGRAM": str(settings.program),
        "TIERBOT_TODAY": "2022-09-05",
        "TIERBOT_SLACK_API_URL": slack.api_url,
        "TIERBOT_SLACK_RESPONSE_URL": slack.response_prefix,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        **more,
    }
    command = Path(sys.executable).parent / "tierbot"
    limited = None if limit is None else partial(resource.setrlimit, resource.RLIMIT_NOFILE, (limit, limit))
    process = await asyncio.create_subprocess_exec(
        *(command, "serve", "--port", "0"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        preexec_fn=limited,
    )
    assert process.stderr is not None
    logged = b""
    try:
        async with time_limit("tierbot serve listens", PATIENCE):
            async for line in process.stderr:
                logged += line
                if b'"event":"serving"' in line and (found := re.search(rb'"port":(\d+)', line)):
                    return process, int(found[1])
    except AssertionError:
        process.kill()
        raise
    raise AssertionError(f"the process ended before it listened: {logged.decode()}")


async def stop(process: asyncio.subprocess.Process) -> str:
    """Terminate the process and return what it logged until it ended."""
    _, logged = await within(process.communicate(), "tierbot serve ends", PATIENCE)
    return logged.decode()


async def test_a_process_answers_and_exits_with_status_0_on_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        answer = await slack.command("ana", "/tier")
        assert "225 points to Platinum" in text_of(answer)
        clicked = asyncio.create_task(slack.click("ana", answer.message, "Gap"))
        assert await slack.until(lambda: len(slack.journal.sent) == 2)
        process.send_signal(signal.SIGTERM)
        assert "sold, managed or a mix" in text_of(await clicked)
        logs = await stop(process)
        assert process.returncode == 0
        assert slack.bot_token not in logs
        assert slack.signing_secret not in logs
        assert '"event":"question"' in logs


async def test_twenty_acknowledged_commands_are_all_answered_despite_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        models = ("points", "dollars") * 10
        await asyncio.gather(*(slack.command("ana", "/tier", f"prefer {model}", wait=0) for model in models))
        process.send_signal(signal.SIGTERM)
        assert await slack.until(lambda: len(slack.journal.calls("response_url")) == len(models), TIMEOUT)
        await stop(process)
        assert process.returncode == 0
        shown = [each for each in slack.state.screen.stream if "From now on, you see the" in text_of(each)]
        assert len(shown) == len(models)
        assert slack.journal.errors == []


async def test_a_second_process_on_the_same_sqlite_file_is_refused_with_a_reason(core: Core):
    if core.url.get_backend_name() != "sqlite":
        return
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        first, _ = await serve(core, slack)
        with pytest.raises(AssertionError, match="SQLite is for one process"):
            await serve(core, slack)
        first.send_signal(signal.SIGTERM)
        await stop(first)
        third, _ = await serve(core, slack)
        third.send_signal(signal.SIGTERM)
        await stop(third)


async def test_a_thousand_half_open_connections_stop_nobody_with_256_descriptors(core: Core):
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        process, port = await serve(core, slack, limit=256)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        writers = []
        for number in range(1_000):
            _, writer = await within(asyncio.open_connection("127.0.0.1", port), f"connection {number}")
            writer.write(
                b"POST /slack/events HTTP/1.1\r\nHost: tierbot\r\nContent-Length: 9\r\n" + b"\r\nx" * (number % 2)
            )
            writers.append(writer)
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        for who in ("ana", "bea", "carla"):
            assert "Partner A" in text_of(await slack.command(who, "/tier", "")) or who == "bea"
        for writer in writers:
            writer.close()
        process.send_signal(signal.SIGTERM)
        await stop(process)
        assert process.returncode == 0
