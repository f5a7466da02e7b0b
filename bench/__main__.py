"""Run the benchmarks and print every row as a ratio to its baseline (`python -m bench [--requests N]`)."""

import argparse
import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from bench.answering import commands, empty_table, median, server, token_check
from bench.data import fill, write_folder
from bench.delivery import client_only, through_outbox
from bench.load import measure
from bench.mapping import compare
from bench.picture import chart_picture
from bench.planning import measure as measure_plans
from bench.scale.generate import generate
from bench.scale.program import Measured, servers, worked
from bench.scale.requests import MANY, request_rows
from bench.scale.table import table_of
from bench.verification import verification
from bench.while_importing import beside_an_import
from bot.loop_watch import freeze_garbage_collector
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

out = Console(highlight=False, width=110)


def pictures() -> Table:
    """The row "chart PNG" of running#performance."""
    table = empty_table("pictures")
    drawn, empty = chart_picture()
    measured, baseline = (f"{each * 1000:.2f} ms" for each in (drawn, empty))
    table.add_row("chart PNG 1200×600, against an empty one", measured, baseline, f"{drawn / empty:.2f} ×", "≤ 4 ×")
    return table


def verifying(engine: Engine) -> Table:
    """The row "tierbot verify" of running#performance."""
    table = empty_table("verify")
    recounted, read = verification(engine)
    measured, baseline = (f"{each:.2f} s" for each in (recounted, read))
    table.add_row("101,000 sales, against reading", measured, baseline, f"{recounted / read:.2f} ×", "≤ 8 ×")
    return table


def plans() -> Table:
    """The row "a plan" of running#performance."""
    table = empty_table("plans")
    slowest, added = measure_plans()
    measured, baseline = (f"{each * 1000:.2f} ms" for each in (slowest, added))
    table.add_row("a plan, p99, against adding up", measured, baseline, f"{slowest / added:.2f} ×", "≤ 10 ms")
    return table


async def importing(url: str, api_url: str, folder: Path, sales: int) -> Table:
    """The row "/tier while an import runs" of running#performance."""
    async with server("fresh", url, api_url) as port:
        idle = await measure(port, "/tier", "", user="USMALL", connections=1, requests=500)
        found = await beside_an_import(port, url, folder / "large", sales)
    table = empty_table("beside an import")
    for what, seconds, target in (("p50", found.p50, ""), ("p99", found.p99, "≤ 100 ms")):
        row = (f"{seconds * 1000:.2f} ms", f"{idle.p50 * 1000:.2f} ms", f"{seconds / idle.p50:.1f} ×", target)
        table.add_row(f"/tier while {sales:,} sales are imported, {what}", *row)
    table.caption = f"{found.answers:,} answers in {found.seconds:.0f} s"
    return table


def mapped(folder: Path, sales: int) -> Table:
    """The row "an import through a mapping" of running#performance."""
    own, through = compare(folder / "mapped", sales)
    table = empty_table("mapping")
    shown = (f"{through:.1f} s", f"{own:.1f} s", f"{through / own:.2f} ×", "≤ 1.2 ×")
    table.add_row(f"{sales:,} sales through a mapping, against our own form", *shown)
    return table


async def delivery(folder: Path, messages: int = 1_000) -> Table:
    """The row "digest delivery, CPU per message" of running#performance: the median of five alternating rounds."""
    baselines, delivered = [], []
    freeze_garbage_collector()  # as `tierbot serve` does
    async with server("slack", "", "") as port:
        api_url = f"http://127.0.0.1:{port}/api/"
        for round_ in range(6):
            baseline, ours = await client_only(api_url, messages), await through_outbox(api_url, messages, folder)
            if round_:
                baselines.append(baseline)
                delivered.append(ours)
    table, baseline, ours = empty_table("delivery"), median(baselines), median(delivered)
    shown = (f"{each * 1_000_000:.0f} µs" for each in (ours, baseline))
    table.add_row("CPU per delivered message, outbox on SQLite", *shown, f"{ours / baseline:.2f} ×", "≤ 1.6 ×")
    return table


async def main() -> None:
    """Fill a database on each engine, run the benchmarks, print the tables."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--requests", type=int, default=640, help="requests a measurement")
    parser.add_argument("--sales", type=int, default=1_000_000, help="sales of the program that is asked about")
    parser.add_argument("--sqlite-only", action="store_true")
    parser.add_argument("--importing", type=int, default=100_000, help="sales to import beside the questions")
    options = parser.parse_args()
    out.print(pictures())
    out.print(plans())
    folder = Path(tempfile.mkdtemp(prefix="tierbot-bench-"))
    try:
        out.print(mapped(folder, options.importing))
        out.print(await delivery(folder))
        write_folder(folder / "data")
        async with token_check() as api_url:
            out.print(await random_partners(f"sqlite:///{folder / 'program.db'}", folder, options))
            await _on(f"sqlite:///{folder / 'bench.db'}", folder, api_url, options, 1.5)
            if not options.sqlite_only:
                await _on_postgresql(folder, api_url, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def random_partners(url: str, folder: Path, options: argparse.Namespace) -> Table:
    """The main rows of a command: made anew for a random partner of a generated program."""
    data, engine = folder / "program", url.partition("+")[0].partition(":")[0]
    if not data.exists():
        generate(data, options.sales)
    await worked("import", url, str(data), "link")
    of = Measured(engine, data, folder, options.sales, options.requests, 0)
    async with servers(url, of.program) as (floor, fresh, kept):
        rows = await request_rows(floor, fresh, kept, of.partners, of.requests, MANY[engine])
    return table_of(f"{engine}: a program of {options.sales:,} sales", rows)


async def _on(url: str, folder: Path, api_url: str, options: argparse.Namespace, limit: float) -> None:
    engine = create_database_engine(database_url(url))
    upgrade(engine)
    started = time.perf_counter()
    fill(engine, folder / "data")
    out.print(f"101,000 sales imported and rated in {time.perf_counter() - started:.1f} s", style="dim")
    out.print(verifying(engine))
    rendered = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    out.print(await commands(rendered, api_url, options.requests, limit))
    out.print(await importing(rendered, api_url, folder, options.importing))


async def _on_postgresql(folder: Path, api_url: str, options: argparse.Namespace) -> None:
    from tests.support.postgres_server import PostgresServer, find_binaries

    binaries = find_binaries()
    if binaries is None:
        out.print("PostgreSQL's server is not installed: its rows are left out (apt-get install postgresql)")
        return
    postgres = PostgresServer(binaries)
    postgres.start()
    try:
        out.print(await random_partners(postgres.url(postgres.create_database()), folder, options))
        await _on(postgres.url(postgres.create_database()), folder, api_url, options, 3)
    finally:
        postgres.stop()


if __name__ == "__main__":
    asyncio.run(main())
