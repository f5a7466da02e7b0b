"""Which rows of ours a sync has stored, and which of them its records no longer give (data#hubspot-removals)."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.ingest.cells import clean
from tiercore.ingest.days import Days
from tiercore.ingest.files import FORMATS
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import Listing, Table
from tiercore.storage.bulk import chunks, table
from tiercore.storage.tables.synced import SyncedRowRow

# The files whose rows a sync takes back. Partners, clients and people stay: rows of other sources may refer to them.
TAKEN_BACK = ("sales.csv", "agreements.csv", "subscriptions.csv", "pipeline.csv")
Keys = dict[str, frozenset[str]]
_synced = table(SyncedRowRow)


def keys_in(listing: Listing) -> Keys:
    """The keys of the rows of a listing's tables, by file, of those that a sync takes back. Raises OSError."""
    return {each.file: frozenset(_keys(each)) for each in listing.tables if each.file in TAKEN_BACK}


def as_stored(file: str, keys: Iterable[str], today: date) -> list[Any]:
    """The keys as the ledger's tables have them: of one column its value, of several a tuple."""
    days = Days(today)
    return [_as_stored(FORMATS[file].key, json.loads(key), days) for key in keys]


def absent_rows(connection: Connection, keys: Mapping[str, Collection[str]], before: int | None = None) -> Keys:
    """The rows that syncs have stored and that aren't among these; with `before`, those absent since an earlier one."""
    rows = select(_synced.c.file, _synced.c.entry_key)
    if before is not None:
        rows = rows.where(_synced.c.absent_since < before)
    found: dict[str, set[str]] = {}
    for file, key in connection.execute(rows):
        if key not in keys.get(file, ()):
            found.setdefault(file, set()).add(key)
    return {file: frozenset(each) for file, each in found.items()}


def has_absent(connection: Connection) -> bool:
    """Whether any row is marked as absent."""
    return connection.scalar(select(_synced.c.file).where(_synced.c.absent_since.is_not(None)).limit(1)) is not None


def record_rows(connection: Connection, sync_id: int, given: Keys, confirmed: Keys, removed: Keys) -> Keys:
    """Record that the rows `given` are stored and those `removed` no longer; of the stored ones, those that aren't
    `confirmed` are absent from now on. Which ones are newly so.
    """
    known = absent_rows(connection, {})
    for file, keys in removed.items():
        _each(connection, delete(_synced), file, keys)
    for file, keys in given.items():
        new = [{"file": file, "entry_key": key, "absent_since": None} for key in keys - known.get(file, frozenset())]
        if new:
            connection.execute(insert(_synced), new)
    marked = _marked(connection)
    back = {file: keys & confirmed.get(file, frozenset()) for file, keys in marked.items()}
    for file, keys in back.items():
        _each(connection, update(_synced).values(absent_since=None), file, keys)
    absent = absent_rows(connection, confirmed)
    fresh = {file: keys - marked.get(file, frozenset()) for file, keys in absent.items()}
    for file, keys in fresh.items():
        _each(connection, update(_synced).values(absent_since=sync_id), file, keys)
    return {file: keys for file, keys in fresh.items() if keys}


def _marked(connection: Connection) -> Keys:
    rows = connection.execute(select(_synced.c.file, _synced.c.entry_key).where(_synced.c.absent_since.is_not(None)))
    found: dict[str, set[str]] = {}
    for file, key in rows:
        found.setdefault(file, set()).add(key)
    return {file: frozenset(keys) for file, keys in found.items()}


def _each(connection: Connection, statement: Any, file: str, keys: Collection[str]) -> None:
    for chunk in chunks(keys):
        connection.execute(statement.where(_synced.c.file == file, _synced.c.entry_key.in_(chunk)))


def _keys(of: Table) -> Iterable[str]:
    """The key of each row as JSON; a row whose key can't be read is the import's to refuse."""
    with of.open() as rows:
        lines = rows.read(lambda _broken: None)
        _, header = next(lines)
        names = [name.strip().lower() for name in header]
        places = [names.index(column) if column in names else None for column in FORMATS[of.file].key]
        for _, cells in lines:
            values = ["" if place is None or place >= len(cells) else cells[place] for place in places]
            try:
                yield json.dumps(list(map(clean, values)), ensure_ascii=False)
            except BadCell:
                continue


def _as_stored(columns: tuple[str, ...], values: list[str], days: Days) -> Any:
    found = tuple(
        days.parse_date(value) if column.endswith("_on") else value
        for column, value in zip(columns, values, strict=True)
    )
    return found[0] if len(found) == 1 else found
