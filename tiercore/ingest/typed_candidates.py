"""The rows of large files that may be what someone typed: they are judged as rows of small files are (data#typed)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from tiercore.facts.entries import Agreement, Sale
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.incoming import Incoming
from tiercore.storage import rows
from tiercore.storage.bulk import chunks, table
from tiercore.storage.typed_entries import TypedEntry, TypedMatch

if TYPE_CHECKING:
    import polars as pl

_Keys = set[tuple[str, ...]]
_LIKE = {Sale: ("partner_id", "mrr_minor", "currency"), Agreement: ("partner_id",)}


def take_candidates(
    connection: Connection,
    incoming: Incoming,
    typed: Mapping[str, Mapping[tuple[str, ...], TypedEntry]],
    waiting: Iterable[TypedMatch],
) -> None:
    """Move the rows with the key of what is typed or waits, or like it, from the columns to the entries."""
    keys: dict[type[Any], _Keys] = {FILES[file]: set(entries) for file, entries in typed.items()}
    for each in waiting:
        keys.setdefault(FILES[each.file], set()).add(each.key)
    for kind, of_kind in keys.items():
        if kind in incoming.columns and of_kind:
            found = incoming.columns[kind].take(*_conditions(connection, kind, of_kind))
            both = sorted(
                [*zip(incoming.lines[kind], incoming.entries[kind], strict=True), *found], key=lambda each: each[0]
            )
            incoming.lines[kind], incoming.entries[kind] = [line for line, _ in both], [entry for _, entry in both]


def _conditions(connection: Connection, kind: type[Any], keys: _Keys) -> "Iterator[pl.Expr]":
    import polars as pl

    names = FORMATS[FILE_OF[kind]].key
    texts = ["\t".join(each) for each in keys]
    yield pl.concat_str([pl.col(name).fill_null("") for name in names], separator="\t").is_in(texts)
    if kind in _LIKE:
        columns = _LIKE[kind]
        alike = {"\t".join(map(str, each)) for each in _values(connection, kind, columns, {key[0] for key in keys})}
        yield pl.concat_str([pl.col(name).cast(pl.String) for name in columns], separator="\t").is_in(list(alike))


def _values(connection: Connection, kind: type[Any], columns: Iterable[str], ids: Iterable[str]) -> Iterator[Any]:
    """These columns of the stored rows with the IDs."""
    source = table(rows.TABLE_OF[kind])
    [key] = source.primary_key
    wanted = [source.c[name] for name in columns]
    for chunk in chunks(ids):
        yield from connection.execute(select(*wanted).where(key.in_(chunk)))


FILE_OF = {kind: file for file, kind in FILES.items()}
