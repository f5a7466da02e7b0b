"""Reading a test's files, with two partners and two clients already in the database."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.discovery import files_in
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.program import load_program

TODAY = date(2026, 1, 15)
TIERS = frozenset({"gold", "platinum", "diamond", "elite"})
STORED = Stored(frozenset({"P1", "P2"}), frozenset({"C1", "C2"}), frozenset())

CATALOGUE = load_program().catalogue
ReadFiles = Callable[..., Incoming]


def _read_files(
    files: dict[str, str | bytes],
    stored: Stored = STORED,
    dates: DateOrder | None = None,
    decimal: DecimalMark | None = None,
) -> Incoming:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_tables(files_in(folder, dates, decimal), stored, tiers=TIERS, catalogue=CATALOGUE, today=TODAY)


@pytest.fixture(scope="session")
def read_files() -> ReadFiles:
    """Reads files given as {name: content}; P1, P2, C1 and C2 are in the database by default."""
    return _read_files
