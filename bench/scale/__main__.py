"""Print every row as a ratio to its floor in the same run: python -m bench.scale [--rows N] [--engine E]."""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.scale.generate import generate
from bench.scale.program import PARTS, Measured, measure_program
from bench.scale.starting import start_rows
from bench.scale.table import table_of, with_growth

out = Console(highlight=False, width=150)


async def main() -> None:
    """Measure a program of the size and one of a tenth of it, on the engines asked for."""
    parser = argparse.ArgumentParser(prog="make bench-scale")
    parser.add_argument("--rows", type=int, default=1_000_000, help="sales")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--requests", type=int, default=400, help="requests a measurement")
    parser.add_argument("--mixed", type=int, default=100_000, help="requests after which memory is looked at")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="which rows")
    parser.add_argument("--without-growth", action="store_true", help="don't measure a tenth of the size")
    options = parser.parse_args()
    engines = ("sqlite", "postgresql") if options.engine == "both" else (options.engine,)
    folder = Path(tempfile.mkdtemp(prefix="tierbot-scale-"))
    try:
        out.print(table_of("start", await start_rows()))
        await _measure(folder, engines, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path, engines: Sequence[str], options: argparse.Namespace) -> None:
    sizes = [options.rows] if options.without_growth else [options.rows // 10, options.rows]
    smaller: dict[str, dict[str, float]] = {}
    for sales in sizes:
        data = folder / str(sales)
        generate(data, sales)
        for engine in engines:
            first = sales == options.rows and engine == engines[0]
            mixed = options.mixed if first and "requests" in options.parts else 0
            found = Measured(engine, data, folder, sales, options.requests, mixed, options.parts)
            rows = with_growth(await measure_program(found, out), smaller.get(engine, {}))
            smaller[engine] = {each.what: each.measured for each in rows}
            out.print(table_of(f"{engine}, {sales:,} sales", rows))


if __name__ == "__main__":
    asyncio.run(main())
