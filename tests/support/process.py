"""`tierbot serve` as a separate process."""

import asyncio
import os
import re
import resource
import sys
from functools import partial
from pathlib import Path

from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tests.support.waiting import time_limit, within

PATIENCE = 60.0  # seconds for a process to start or end, however busy the machine is


async def serve_process(
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


async def stop_process(process: asyncio.subprocess.Process) -> str:
    """Terminate the process and return what it logged until it ended."""
    _, logged = await within(process.communicate(), "tierbot serve ends", PATIENCE)
    return logged.decode()
