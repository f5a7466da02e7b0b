"""One generated program on one engine: imported, rated, asked and worked on, each beside its floor."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench.scale.beside import slowest_beside
from bench.scale.changing import change_some
from bench.scale.processes import Server, noop, served, slack
from bench.scale.requests import MANY, request_rows, steady_memory
from bench.scale.server_cpu import SERVER
from bench.scale.table import Row, table_of
from bench.scale.work import Worked
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

PARTS = ("import", "requests", "work", "beside")  # of the rows; all but the first need the imported database


@dataclass(frozen=True, slots=True)
class Measured:
    """What is to be measured: an engine, the folder of the files, one to work in, and how many sales and requests."""

    engine: str
    data: Path
    folder: Path
    sales: int
    requests: int
    mixed: int
    parts: Sequence[str] = PARTS

    @property
    def partners(self) -> int:
        """How many the files have."""
        with (self.data / "partners.csv").open() as file:
            return sum(1 for _ in file) - 1

    @property
    def full(self) -> Path:
        """The entries, in a SQLite database that the floors read."""
        return self.folder / f"full-{self.sales}.sqlite"

    @property
    def changed(self) -> Path:
        """The folder of the files with a hundredth of the sales changed, made when it is first asked for."""
        folder = self.folder / f"changed-{self.sales}"
        if not folder.exists():
            change_some(self.data, folder, every=100)
        return folder

    @property
    def program(self) -> Path:
        """The rules, with thresholds."""
        return self.data / "program.toml"


async def worked(*arguments: str) -> Worked:
    """A piece of work in a process of its own. Raises RuntimeError if it fails."""
    command = (sys.executable, "-m", "bench.scale.work", *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} failed")
    return Worked(**json.loads(printed.splitlines()[-1]))


async def measure_program(of: Measured, out: Console) -> Sequence[Row]:
    """Every row of the program on its engine."""
    rows: list[Row] = []
    async with _database(of) as (url, empty):
        rows += await _import_rows(of, url, empty)
        out.print(table_of(f"{of.engine}, {of.sales:,} sales: import", rows))
        async with servers(url, of.program) as (floor, fresh, kept):
            if "requests" in of.parts:
                rows += await request_rows(floor, fresh, kept, of.partners, of.requests, MANY[of.engine])
            if of.mixed:
                rows.append(await steady_memory(kept, of.partners, of.mixed))
            if "work" in of.parts:
                rows += await _work_rows(of, fresh)
            if "beside" in of.parts:
                rows += await _beside_rows(of, url, fresh)
    return rows


@asynccontextmanager
async def servers(url: str, program: Path) -> AsyncIterator[tuple[Server, Server, Server]]:
    """Bolt's no-op, the bot without kept answers, and the bot with them."""
    async with slack() as api, noop() as floor:
        api_url = f"http://127.0.0.1:{api.port}/api/"
        async with served(url, api_url, program) as fresh, served(url, api_url, program, keep=20_000) as kept:
            yield floor, fresh, kept


async def _import_rows(of: Measured, url: str, empty: Callable[[], str]) -> list[Row]:
    """The first import, the same with a hundredth changed, and everything rated again."""
    first = await worked("import", url, str(of.data), "link")
    if "import" not in of.parts:
        return [Row.seconds("the whole import", first.cpu, 0.0, "≤ 500 MB", first.peak)]
    if of.engine == "sqlite":
        shutil.copyfile(url.removeprefix("sqlite:///"), of.full)
        floor = await worked("floor", "executemany", str(of.full), empty().removeprefix("sqlite:///"))
        name = "import, rating not counted, beside bare executemany"
    else:
        await _require_full(of)
        floor = await worked("floor", "copy", str(of.full), empty())
        name = "import, rating not counted, beside COPY"
    spent = floor.stages["storing"]
    target = "≥ 0.8 ×" if of.engine == "sqlite" else "≥ 0.6 ×"
    rows_a_second = of.sales / first.without_rating, of.sales / spent
    again = await worked("rebuild", url, str(of.program))
    loop = (await worked("floor", "plain_loop", str(of.full))).stages["rating"]
    second = await worked("import", url, str(of.changed), "")
    return [
        Row.rate(f"{name}, sales", *rows_a_second, target),
        Row.seconds("  the whole import", first.cpu, spent, "≤ 500 MB", first.peak),
        Row.seconds("rating and timelines, beside a plain loop", again.cpu, loop, "≤ 10 ×", again.peak),
        Row.seconds("import again with 1 % changed, beside the first", second.cpu, first.cpu, "≤ 10 s", second.peak),
    ]


async def _require_full(of: Measured) -> None:
    """Make the database that the floors read, unless it is there."""
    if not of.full.exists():
        await worked("import", f"sqlite:///{of.full}", str(of.data), "")


async def _work_rows(of: Measured, bot: Server) -> list[Row]:
    """Overviews, the look for alerts, and digests planned, made and sent."""
    await _require_full(of)
    ten_days = (await worked("floor", "balances", str(of.full))).stages["portfolio"]
    polars = (await worked("floor", "kernel", str(of.full))).stages["portfolio"]
    names = [f"portfolio of {who}" for who in ("a CAM", "an admin")]
    found, kept = [[await bot.does(name) for name in names] for _ in range(2)]
    week = await bot.does("week of a CAM")
    idle = await bot.does("tick")
    await bot.does("subscribe alerts")
    first, again = await bot.does("tick"), await bot.does("tick")  # the second with nothing changed
    next_day = await bot.does("next day")
    await bot.does("subscribe digest")
    digests = await bot.does("digests")
    one = digests.cpu / of.partners
    return [
        Row.ms("all partners on ten days from the timelines, beside polars", ten_days, polars, "≤ 1 ×"),
        Row.ms("portfolio of a CAM with 400 partners", found[0].cpu, ten_days, "≤ 50 ms"),
        Row.ms("  kept", kept[0].cpu, ten_days, "≤ 50 ms"),
        Row.ms(f"portfolio of an admin with {of.partners:,}", found[1].cpu, ten_days, "≤ 500 ms"),
        Row.ms("  kept", kept[1].cpu, ten_days, "≤ 500 ms"),
        Row.ms("  the longest hold of the event loop", found[1].hold, 0.0, "≤ 50 ms"),
        Row.ms("the digest of a CAM with 400 partners", week.cpu, ten_days, "≤ 50 ms"),
        Row.seconds(f"first look for alerts of {of.partners:,}", first.cpu, idle.cpu, ""),
        Row.ms("  the longest hold of the event loop", first.hold, 0.0, "≤ 50 ms"),
        Row.seconds("the look on the next day", next_day.cpu, idle.cpu, "≤ 2 s"),
        Row.seconds("next look, with nothing changed", again.cpu, idle.cpu, "≤ 2 s"),
        Row.seconds(f"{of.partners:,} digests planned, made and sent", digests.cpu, 0.0, "≤ 60 s"),
        Row.ms("  one of them", one, 0.0, "≤ 3 ms"),
        Row.ms("  the longest hold of the event loop, digests", digests.hold, 0.0, "≤ 50 ms"),
    ]


async def _beside_rows(of: Measured, url: str, bot: Server) -> list[Row]:
    """The slowest of a hundred `/tier` while something large runs, each in turn, with everybody subscribed."""
    if "work" not in of.parts:
        for done_before in ("subscribe alerts", "tick", "subscribe digest"):
            await bot.does(done_before)
    large = {
        "an import": lambda: worked("import", url, str(of.data), ""),
        "a rebuild": lambda: worked("rebuild", url, str(of.program)),
        "an import of changes": lambda: worked("import", url, str(of.changed), ""),
        "the look for alerts": lambda: bot.does("next day"),
        "the digests": lambda: bot.does("digests"),
    }
    alone = await slowest_beside(bot, of.partners, lambda: asyncio.sleep(5))
    return [
        Row.ms(f"/tier beside {name}, p99", await slowest_beside(bot, of.partners, work), alone, "≤ 50 ms")
        for name, work in large.items()
    ]


@asynccontextmanager
async def _database(of: Measured) -> AsyncIterator[tuple[str, Callable[[], str]]]:
    """An empty database's URL, and what makes another one with our schema; gone at the end."""
    if of.engine == "sqlite":
        numbers = iter(range(9))

        def another() -> str:
            url = f"sqlite:///{of.folder / f'{of.sales}-{next(numbers)}.sqlite'}"
            upgrade(create_database_engine(database_url(url)))
            return url

        yield f"sqlite:///{of.folder / f'{of.sales}.sqlite'}", another
        return
    from tests.support.postgres_server import PostgresServer, find_binaries

    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL's server is not installed (apt-get install postgresql): use --engine sqlite")
    server = PostgresServer(binaries, Path(tempfile.mkdtemp(prefix="tierbot-pg-")))  # on disk, as in production
    server.start()
    os.environ[SERVER] = str(server.pid)
    try:

        def another_one() -> str:
            url = server.url(server.create_database())
            upgrade(create_database_engine(database_url(url)))
            return url

        yield server.url(server.create_database()), another_one
    finally:
        del os.environ[SERVER]
        server.stop()
