"""Run the benchmarks and print every row as a ratio to its baseline (`python -m bench [--requests N]`)."""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from bench.data import fill, write_folder
from bench.delivery import client_only, through_outbox
from bench.load import Measured, measure
from bench.mapping import compare
from bench.picture import chart_picture
from bench.verification import verification
from bench.while_importing import beside_an_import
from bot.loop_watch import freeze_garbage_collector
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

out = Console(highlight=False, width=110)
MAIN = ("/tier", "/gap", "/expiring")
COMMANDS = (("/tier", ""), ("/gap", "platinum"), ("/expiring", ""), ("/progress", ""), ("/clients", ""))
OTHER_LIMIT = 2.0  # for the commands other than MAIN


@asynccontextmanager
async def token_check() -> AsyncIterator[str]:
    """A stand-in for auth.test, which the bot calls once at the start; its URL. No measured request goes there."""

    async def auth_test(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "B1"})

    site = web.Application()
    site.router.add_post("/api/auth.test", auth_test)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    await runner.cleanup()


@asynccontextmanager
async def server(kind: str, url: str, api_url: str) -> AsyncIterator[int]:
    """A server in its own process; its port. Its logs are discarded unless BENCH_STDERR is set."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.servers",
        kind,
        url,
        api_url,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_STDERR") else None,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = await asyncio.wait_for(process.stdout.readline(), timeout=30)
    try:
        yield int(port)
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), timeout=10)


async def interleave(runs: dict[str, Callable[[int], Awaitable[Measured]]], rounds: int) -> dict[str, list[Measured]]:
    """Alternate between the runs for several rounds, so that noise affects all of them; the first round warms up."""
    results: dict[str, list[Measured]] = {name: [] for name in runs}
    for round_ in range(rounds + 1):
        for name, run in runs.items():
            measured = await run(round_)
            if round_:
                results[name].append(measured)
    return results


def median(values: list[float]) -> float:
    """The median of an odd number of values."""
    return sorted(values)[len(values) // 2]


Run = Callable[[int], Awaitable[Measured]]


async def commands(url: str, api_url: str, requests: int, limit: float) -> Table:
    """The rows "slash command c=1", "c=32" and "ledger size" of running#performance."""
    async with (
        server("noop", url, api_url) as noop,
        server("ours", url, api_url) as ours,
        server("fresh", url, api_url) as fresh,
        server("usual", url, api_url) as usual,
    ):
        return _table(url, await interleave(_runs(noop, ours, fresh, usual, requests), rounds=5), limit)


def _runs(noop: int, ours: int, fresh: int, usual: int, requests: int) -> dict[str, Run]:
    """All runs by name, for the servers at these ports; `fresh` is tierbot without its cache of answers."""

    def benchmark(port: int, command: str, text: str, user: str, connections: int, n: int) -> Run:
        return lambda _round: measure(port, command, text, user=user, connections=connections, requests=n)

    runs: dict[str, Run] = {}
    for c in (1, 32):
        runs[f"noop {c}"] = benchmark(noop, "/tier", "", "USMALL", c, requests)
        for command, text in COMMANDS:
            runs[f"{command} {c}"] = benchmark(ours, command, text, "USMALL", c, requests)
            runs[f"fresh {command} {c}"] = benchmark(fresh, command, text, "USMALL", c, requests)
        runs[f"usual {c}"] = benchmark(usual, "/tier", "", "USMALL", c, max(64, requests // 20))
    for command, text in COMMANDS:
        runs[f"{command} large"] = benchmark(fresh, command, text, "ULARGE", 1, max(64, requests // 8))
    runs["usual large"] = benchmark(usual, "/tier", "", "ULARGE", 1, 3)
    return runs


def _table(url: str, found: dict[str, list[Measured]], limit: float) -> Table:
    table = _empty_table(url.split(":")[0])

    def p50(name: str) -> float:
        return median([each.p50 for each in found[name]])

    def rate(name: str) -> float:
        return median([each.rate for each in found[name]])

    def row(what: str, measured: float, baseline: float, unit: str, target: str) -> None:
        shown = [f"{value * 1000:.2f} ms" if unit == "ms" else f"{value:,.0f} /s" for value in (measured, baseline)]
        table.add_row(what, *shown, f"{measured / baseline:.2f} ×", target)

    for command, _ in COMMANDS:
        ratio = limit if command in MAIN else max(limit, OTHER_LIMIT)
        row(f"slash command c=1, p50: {command}", p50(f"{command} 1"), p50("noop 1"), "ms", f"≤ {ratio} ×")
        row(f"  without the cache: {command}", p50(f"fresh {command} 1"), p50("noop 1"), "ms", "")
    row("  conventional: /tier", p50("usual 1"), p50("noop 1"), "ms", "comparison")
    for command, _ in COMMANDS:
        row(f"slash command c=32: {command}", rate(f"{command} 32"), rate("noop 32"), "/s", "≥ 0.65 ×")
        row(f"  without the cache: {command}", rate(f"fresh {command} 32"), rate("noop 32"), "/s", "")
    row("  conventional: /tier", rate("usual 32"), rate("noop 32"), "/s", "comparison")
    for command, _ in COMMANDS:
        large, small = p50(f"{command} large"), p50(f"fresh {command} 1")
        target = "" if command == "/clients" else "≤ 1.1 ×"  # its cost is that of the active credits
        row(f"100,000 entries against 1,000: {command}", large, small, "ms", target)
    row("  conventional: /tier", p50("usual large"), p50("usual 1"), "ms", "comparison")
    return table


def _empty_table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("what", "measured", "baseline", "ratio", "target"):
        table.add_column(name, justify="left" if name == "what" else "right", no_wrap=True)
    return table


def pictures() -> Table:
    """The row "chart PNG" of running#performance."""
    table = _empty_table("pictures")
    drawn, empty = chart_picture()
    measured, baseline = (f"{each * 1000:.2f} ms" for each in (drawn, empty))
    table.add_row("chart PNG 1200×600, against an empty one", measured, baseline, f"{drawn / empty:.2f} ×", "≤ 4 ×")
    return table


def verifying(engine: Engine) -> Table:
    """The row "tierbot verify" of running#performance."""
    table = _empty_table("verify")
    recounted, read = verification(engine)
    measured, baseline = (f"{each:.2f} s" for each in (recounted, read))
    table.add_row("101,000 sales, against reading", measured, baseline, f"{recounted / read:.2f} ×", "≤ 8 ×")
    return table


async def importing(url: str, api_url: str, folder: Path, sales: int) -> Table:
    """The row "/tier while an import runs" of running#performance."""
    async with server("fresh", url, api_url) as port:
        idle = await measure(port, "/tier", "", user="USMALL", connections=1, requests=500)
        found = await beside_an_import(port, url, folder / "large", sales)
    table = _empty_table("beside an import")
    for what, seconds, target in (("p50", found.p50, ""), ("p99", found.p99, "≤ 100 ms")):
        row = (f"{seconds * 1000:.2f} ms", f"{idle.p50 * 1000:.2f} ms", f"{seconds / idle.p50:.1f} ×", target)
        table.add_row(f"/tier while {sales:,} sales are imported, {what}", *row)
    table.caption = f"{found.answers:,} answers in {found.seconds:.0f} s"
    return table


def mapped(folder: Path, sales: int) -> Table:
    """The row "an import through a mapping" of running#performance."""
    own, through = compare(folder / "mapped", sales)
    table = _empty_table("mapping")
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
    table, baseline, ours = _empty_table("delivery"), median(baselines), median(delivered)
    shown = (f"{each * 1_000_000:.0f} µs" for each in (ours, baseline))
    table.add_row("CPU per delivered message, outbox on SQLite", *shown, f"{ours / baseline:.2f} ×", "≤ 1.6 ×")
    return table


async def main() -> None:
    """Fill a database on each engine, run the benchmarks, print the tables."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--requests", type=int, default=640, help="requests a measurement")
    parser.add_argument("--sqlite-only", action="store_true")
    parser.add_argument("--importing", type=int, default=100_000, help="sales to import beside the questions")
    options = parser.parse_args()
    out.print(pictures())
    folder = Path(tempfile.mkdtemp(prefix="tierbot-bench-"))
    try:
        out.print(mapped(folder, options.importing))
        out.print(await delivery(folder))
        write_folder(folder / "data")
        async with token_check() as api_url:
            await _on(f"sqlite:///{folder / 'bench.db'}", folder, api_url, options, 1.5)
            if not options.sqlite_only:
                await _on_postgresql(folder, api_url, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
        await _on(postgres.url(postgres.create_database()), folder, api_url, options, 3)
    finally:
        postgres.stop()


if __name__ == "__main__":
    asyncio.run(main())
