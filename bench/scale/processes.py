"""The processes that are measured: a served bot, Bolt's no-op, a Slack; with the CPU and the memory of each."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_SECONDS, _END_SECONDS = 120.0, 20.0


@dataclass(frozen=True, slots=True)
class Done:
    """What a piece of work took: seconds of CPU and of the clock, and the longest hold of the event loop."""

    cpu: float
    wall: float
    hold: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running process that listens on a port."""

    port: int
    process: Process

    def cpu(self) -> float:
        """The seconds of CPU that its running threads have used."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self) -> int:
        """Its resident bytes now, without those of files that it maps, such as the database: they are the system's."""
        resident, of_files = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1:3]
        return (int(resident) - int(of_files)) * _PAGE

    async def does(self, work: str) -> Done:
        """Let a served bot do a piece of work. Raises RuntimeError if it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{work}\n".encode())
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process ended while it did: {work}")
        return Done(**json.loads(line))


@asynccontextmanager
async def started(module: str, *arguments: str) -> AsyncIterator[Server]:
    """Start `python -m MODULE ARGUMENTS`, which prints its port and ends with its standard input."""
    errors = None if os.environ.get("BENCH_STDERR") else asyncio.subprocess.DEVNULL
    command = (sys.executable, "-m", module, *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=errors)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        port = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
        if not port:
            raise RuntimeError(f"{module} ended before it listened; BENCH_STDERR=1 shows why")
        yield Server(int(port), process)
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _END_SECONDS)
        except TimeoutError:
            process.kill()


def noop() -> AbstractAsyncContextManager[Server]:
    """Bolt with an empty answer: the floor of every request."""
    return started("bench.servers", "noop", "", "")


def slack() -> AbstractAsyncContextManager[Server]:
    """A Slack that accepts everything."""
    return started("bench.servers", "slack", "", "")


def served(url: str, api_url: str, program: Path, *, keep: int = 0) -> AbstractAsyncContextManager[Server]:
    """The bot, by default without kept answers."""
    return started("bench.scale.served", url, api_url, str(program), str(keep))
