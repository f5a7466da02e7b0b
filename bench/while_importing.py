"""How long `/tier` takes while a large import runs beside it, on the same database."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.data import write_folder
from bench.scale.beside import answers_beside


@dataclass(frozen=True, slots=True)
class Beside:
    """Seconds per answer: the median and the slowest of a hundred, and how long the import took."""

    p50: float
    p99: float
    answers: int
    seconds: float


def large_sizes(sales: int, partners: int = 100) -> Mapping[str, int]:
    """That many sales, spread over new partners."""
    return {f"UB{number:03}": sales // partners for number in range(partners)}


async def beside_an_import(port: int, url: str, folder: Path, sales: int) -> Beside:
    """Import so many sales with `tierbot import` while one connection asks for `/tier` fifty times a second."""
    await asyncio.to_thread(write_folder, folder, large_sizes(sales))
    (folder / "people.csv").unlink()  # part of another list: nobody loses access
    started = asyncio.get_running_loop().time()
    importing = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("tierbot")),
        "import",
        str(folder),
        env={**os.environ, "TIERBOT_DATABASE_URL": url, "TIERBOT_TODAY": "2022-09-05"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ordered = await answers_beside(port, lambda: "USMALL", importing.wait())
    if importing.returncode:
        raise RuntimeError(f"the import ended with {importing.returncode}")
    elapsed = asyncio.get_running_loop().time() - started
    return Beside(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], len(ordered), elapsed)
