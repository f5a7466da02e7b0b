"""Any CSV file or spreadsheet as tables of text, whatever its columns: for mappings and for looking into a file."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tiercore.ingest.tables import BrokenRow, Cells


class RawRows(Protocol):
    """Opens the file and gives the rows below the header, each with its line."""

    def __call__(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        """The rows. Raises BadCell or OSError."""
        ...


@dataclass(frozen=True, slots=True)
class RawTable:
    """A CSV file or a sheet. `name` is what messages call it: "deals.csv", "book.xlsx (Deals)"; a CSV file has no
    `sheet`.

    `rows(on_broken)` opens the file anew and streams it: days of spreadsheets are 2024-03-01, with a time 2024-03-01
    14:30:00, numbers have a decimal point and nothing else. Every row is as long as the header, or longer. `notes`
    says what was done to read the file: another encoding, a header further down. `count` is about how many rows.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    header_line: int
    rows: RawRows
    count: int = 0
    notes: tuple[str, ...] = ()
    since_1904: bool = False


def raw_tables(path: Path, *, columns: Collection[str] = ()) -> list[RawTable]:
    """The tables of a .csv, .tsv, .txt or .xlsx file: one, or one for each sheet that has rows.

    The header is the first row with all of `columns`, by default the first with two cells or more. Raises BadCell for a
    file that can't be read at all, or OSError.
    """
    raise NotImplementedError
