"""`tierbot serve` as a process of its own: it gets ready, answers, and leaves when it is told to."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.served_bot import WORKSPACE, said
from tests.support.waiting import ENOUGH, ending, within

PATIENCE = 60.0  # seconds in which a process begins or ends, however busy the machine is
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def serving(core: Core, slack: Slack, **more: str) -> tuple[asyncio.subprocess.Process, int]:
    """The process and the port that it says it listens on."""
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
    process = await asyncio.create_subprocess_exec(
        command, "serve", "--port", "0", env=environment, stderr=asyncio.subprocess.PIPE, cwd="/"
    )
    assert process.stderr is not None
    logged = b""
    try:
        async with ending("tierbot serve listens", PATIENCE):
            async for line in process.stderr:
                logged += line
                if found := re.search(rb"listens on http://127\.0\.0\.1:(\d+)", line):
                    return process, int(found[1])
    except AssertionError:
        process.kill()
        raise
    raise AssertionError(f"the process ended before it listened: {logged.decode()}")


async def ended(process: asyncio.subprocess.Process) -> str:
    """What it logged until it ended, after it was told to."""
    _, logged = await within(process.communicate(), "tierbot serve ends", PATIENCE)
    return logged.decode()


async def test_a_process_answers_and_exits_with_status_0_on_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=ENOUGH, ack_seconds=ENOUGH) as slack:
        process, port = await serving(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        answer = await slack.command("ana", "/tier")
        assert "225 points to Platinum" in said(answer)
        clicked = asyncio.create_task(slack.click("ana", answer.message, "Gap"))
        assert await slack.until(lambda: len(slack.journal.sent) == 2)
        process.send_signal(signal.SIGTERM)
        assert "sold, managed or a mix" in said(await clicked)
        logs = await ended(process)
        assert process.returncode == 0
        assert slack.bot_token not in logs
        assert slack.signing_secret not in logs
        assert '"event":"question"' in logs


async def test_twenty_acknowledged_commands_are_all_answered_despite_sigterm(core: Core):
    async with Slack(workspace=WORKSPACE, patience=ENOUGH, ack_seconds=ENOUGH) as slack:
        process, port = await serving(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        models = ("points", "dollars") * 10
        await asyncio.gather(*(slack.command("ana", "/tier", f"prefer {model}", wait=0) for model in models))
        process.send_signal(signal.SIGTERM)
        assert await slack.until(lambda: len(slack.journal.calls("response_url")) == len(models), ENOUGH)
        await ended(process)
        assert process.returncode == 0
        shown = [each for each in slack.state.screen.stream if "From now on, you see the" in said(each)]
        assert len(shown) == len(models)
        assert slack.journal.errors == []


async def test_a_second_process_on_the_same_sqlite_file_is_refused_with_a_reason(core: Core):
    if core.url.get_backend_name() != "sqlite":
        return
    async with Slack(workspace=WORKSPACE, patience=ENOUGH, ack_seconds=ENOUGH) as slack:
        first, _ = await serving(core, slack)
        with pytest.raises(AssertionError, match="SQLite is for one process"):
            await serving(core, slack)
        first.send_signal(signal.SIGTERM)
        await ended(first)
        third, _ = await serving(core, slack)
        third.send_signal(signal.SIGTERM)
        await ended(third)
