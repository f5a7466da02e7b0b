"""Rows of the database as the cells and the key that a file would have (data#typed)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from tiercore.facts.money import Money
from tiercore.ingest.files import FORMATS
from tiercore.ingest.tables import Listing, TextTable
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.reconcile import Row

TYPED = "typed in Slack"


def key_of(file: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    """The key of a stored row, or of a row of cells."""
    return tuple(_text(row[name]) for name in FORMATS[file].key)


def cells_of(file: str, row: Row) -> dict[str, str]:
    """A stored row as its cells in the file."""
    cells = {column.name: _text(row.get(column.name)) for column in FORMATS[file].columns}
    if "mrr_minor" in row:
        cells["mrr"] = Money(row["mrr_minor"], row["currency"]).as_decimal()
    return cells


def stored_key(file: str, key: tuple[str, ...]) -> Any:
    """The key as the removals of a listing have it: of one column its value, of several a tuple."""
    source = table(rows.TABLE_OF[FORMATS[file].entry])
    texts = dict(zip(FORMATS[file].key, key, strict=True))
    values = tuple(_value(column, texts[column.name]) for column in source.primary_key)
    return values[0] if len(values) == 1 else values


def _value(column: Any, text: str) -> Any:
    return date.fromisoformat(text) if column.type.python_type is date else text


def _text(value: object) -> str:
    return "" if value is None else str(value)


class TypedRows:
    """A source of at most one row of `file` to store, and of keys to remove: what someone typed or decided in Slack."""

    lists_everyone = False
    name = TYPED

    def __init__(
        self, file: str, cells: Mapping[str, str] | None = None, removed: Collection[tuple[str, ...]] = ()
    ) -> None:
        self._file, self._cells, self._removed = file, cells, removed

    def tables(self) -> Listing:
        """The row as a table of one line."""
        listing = Listing(removals={self._file: [stored_key(self._file, key) for key in self._removed]})
        if self._cells is not None:
            columns = tuple(column.name for column in FORMATS[self._file].columns)
            line = [self._cells.get(name, "") for name in columns]
            listing.tables.append(TextTable(self._file, TYPED, columns, {1: line}))
        return listing
