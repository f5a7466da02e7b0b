"""`tierbot serve` processes that can be killed, frozen and restarted."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.playground.local_slack.server import Slack

TEAM = "T1"
_GONE_SECONDS = 60.0  # in which a killed process is gone, however busy the machine is


class Replicas:
    """A number of `tierbot serve` processes on one database."""

    def __init__(self, slack: Slack, url: str, number: int, program: Path | None = None) -> None:
        self._environment = {
            **self.environment(url, program),
            "TIERBOT_SLACK_API_URL": slack.api_url,
            "TIERBOT_SLACK_RESPONSE_URL": slack.response_prefix,
            "TIERBOT_TICK_SECONDS": "0.5",
            "TIERBOT_POSTS_A_SECOND": "1000",
            "TIERBOT_POST_SECONDS": "1",
            "TIERBOT_LEASE_SECONDS": "3",
            "TIERBOT_SETTLE_SECONDS": "2",
            "TIERBOT_SWEEP_SECONDS": "6",
            "TIERBOT_LOG_LEVEL": "ERROR",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
        self._number = number
        self.running: list[asyncio.subprocess.Process] = []

    @staticmethod
    def environment(url: str, program: Path | None = None) -> dict[str, str]:
        """The environment of every process on the database."""
        rules = {"TIERBOT_PROGRAM": str(program)} if program else {}
        return {**os.environ, "TIERBOT_DATABASE_URL": url, "TIERBOT_TODAY": "2022-09-05", **rules}

    async def start(self) -> None:
        """Start as many as are missing."""
        command = Path(sys.executable).parent / "tierbot"
        while len(self.running) < self._number:
            self.running.append(
                await asyncio.create_subprocess_exec(
                    command, "serve", "--port", "0", env=self._environment, stderr=asyncio.subprocess.DEVNULL, cwd="/"
                )
            )

    async def kill(self, chance: random.Random) -> None:
        """Kill a random one (SIGKILL)."""
        victim = self.running.pop(chance.randrange(len(self.running)))
        victim.kill()
        await asyncio.wait_for(victim.wait(), _GONE_SECONDS)

    async def freeze(self, chance: random.Random, seconds: float) -> None:
        """Stop a random one for so many seconds (longer than its lease), then let it continue."""
        victim = chance.choice(self.running)
        victim.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        if victim.returncode is None:
            victim.send_signal(signal.SIGCONT)

    async def end(self) -> None:
        """Kill all of them."""
        for process in self.running:
            if process.returncode is None:
                process.kill()
            await asyncio.wait_for(process.wait(), _GONE_SECONDS)


async def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until it holds. Raises TimeoutError, which says `what` was waited for."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(holds):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.2)
