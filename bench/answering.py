"""How long commands take to be answered, beside a bare server that answers nothing."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from rich.table import Table

from bench.load import Measured, measure

MAIN = ("/tier", "/gap", "/expiring")
COMMANDS = (("/tier", ""), ("/gap", "platinum"), ("/expiring", ""), ("/progress", ""), ("/clients", ""))
OTHER_LIMIT = 2.0  # for the commands other than MAIN
Run = Callable[[int], Awaitable[Measured]]


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
    table = empty_table(url.split(":")[0])

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


def empty_table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("what", "measured", "baseline", "ratio", "target"):
        table.add_column(name, justify="left" if name == "what" else "right", no_wrap=True)
    return table
