"""`tierbot serve` as a process of its own: it gets ready, answers, and leaves when it is told to."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

from office import WORKSPACE, said

from bot.playground.slack import Slack
from bot.wiring import Core


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
    async with asyncio.timeout(30):
        async for line in process.stderr:
            if found := re.search(rb"listens on http://127\.0\.0\.1:(\d+)", line):
                return process, int(found[1])
    raise AssertionError("the process ended before it listened")


async def test_a_process_answers_and_ends_by_sigterm_with_status_0(core: Core):
    async with Slack(workspace=WORKSPACE) as slack:
        process, port = await serving(core, slack)
        slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        answer = await slack.command("ana", "/tier")
        assert "225.00 points to Platinum" in said(answer)
        clicked = asyncio.create_task(slack.click("ana", answer.message, "Gap"))
        assert await slack.until(lambda: len(slack.journal.sent) == 2)
        process.send_signal(signal.SIGTERM)
        assert "any mix" in said(await clicked)
        async with asyncio.timeout(15):
            logs = (await process.communicate())[1].decode()
        assert process.returncode == 0
        assert slack.bot_token not in logs
        assert slack.signing_secret not in logs
        assert '"event":"question"' in logs
