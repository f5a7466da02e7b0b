"""What starting costs: `tierbot serve` beside importing its libraries alone, and `tierbot --help`."""

import asyncio
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.scale.table import Row

LIBRARIES = (
    "import aiohttp.web, apscheduler.schedulers.asyncio, babel.numbers, dateutil.relativedelta, orjson, "
    "prometheus_client, pydantic_settings, rapidfuzz.process, slack_bolt.adapter.socket_mode.aiohttp, "
    "slack_bolt.async_app, sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite, sqlmodel, structlog"
)
SERVE = "from bot.cli.start import import_serving; import_serving()"
_ROUNDS = 5


async def start_rows() -> Sequence[Row]:
    """The CPU of each, the median of rounds in which they take turns.

    The libraries are those without which serve can't answer on SQLite; SQLAlchemy itself loads both dialects for
    indexes with options of both. Our modules have their bytecode, as libraries have: pip compiles both when it
    installs them. A first round that isn't counted makes it.
    """
    python, tierbot = sys.executable, str(Path(sys.executable).with_name("tierbot"))
    commands = {"libraries": (python, "-c", LIBRARIES), "serve": (python, "-c", SERVE), "help": (tierbot, "--help")}
    found: dict[str, list[float]] = {name: [] for name in commands}
    with TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
        for command in commands.values():
            await _cpu_of(command, environment)
        for _ in range(_ROUNDS):
            for name, command in commands.items():
                found[name].append(await _cpu_of(command, environment))
    cost = {name: median(each) for name, each in found.items()}
    return [
        Row.ms("importing what serve needs", cost["serve"], cost["libraries"], "≤ 1.2 ×"),
        Row.ms("tierbot --help", cost["help"], cost["libraries"], "≤ 250 ms"),
    ]


async def _cpu_of(command: Sequence[str], environment: Mapping[str, str]) -> float:
    before, nowhere = _children(), asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere, env=environment)
    if await process.wait():
        raise RuntimeError(f"{command[-1]} failed")
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
