"""Servers that come from npm, at the versions of a folder's package-lock.json: installed once, and run for a test."""

import asyncio
import fcntl
import hashlib
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.waiting import time_limit

PATIENCE = 120.0  # seconds for npm to install something, or for a server to start, however busy the machine is


def installed(folder: Path) -> Path:
    """The folder's node_modules; installed once for each lock file, by one process. The packages' own scripts aren't
    run.
    """
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, modules = hashlib.sha256(lock.read()).hexdigest(), folder / "node_modules"
        stamp = modules / ".installed"
        if not stamp.is_file() or stamp.read_text() != wanted:
            npm = shutil.which("npm")
            assert npm, f"npm is needed for {folder.name}"
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True, timeout=PATIENCE)
            stamp.write_text(wanted)
        return modules


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def running(command: Sequence[str], ready: bytes) -> AsyncIterator[None]:
    """The server, from when it says that it is `ready` to the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        assert process.stdout is not None
        said = b""
        async with time_limit(f"{command[0]} is ready", PATIENCE):
            async for line in process.stdout:
                said += line
                if ready in line:
                    break
            else:
                raise AssertionError(f"{command[0]} ended before it was ready: {said.decode()}")
        yield
    finally:
        process.terminate()
        await process.communicate()
