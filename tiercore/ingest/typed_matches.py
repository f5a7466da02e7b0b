"""Incoming rows that may be what someone typed in Slack: held back until somebody decides (data#typed)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from tiercore.access import plain
from tiercore.facts.entries import Client, Entry, Person, Sale
from tiercore.facts.typed import Decision
from tiercore.ingest.files import FILES
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.typed_rows import cells_of, key_of, stored_key
from tiercore.program import Catalogue
from tiercore.rating.same_deals import Deal, are_days_apart, deal_of
from tiercore.storage import rows, typed_entries
from tiercore.storage.bulk import chunks, table
from tiercore.storage.tables.ledger import ClientRow, SaleRow
from tiercore.storage.typed_entries import Ended, TypedEntry, TypedMatch

KIND = "typed in Slack"
_client, _sale = table(ClientRow), table(SaleRow)


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed and in force, by file and key; `entries` keep their rows through every import."""

    entries: Mapping[str, Mapping[tuple[str, ...], TypedEntry]]

    @classmethod
    def stored(cls, connection: Connection) -> "Typed":
        """What the database has."""
        found: dict[str, dict[tuple[str, ...], TypedEntry]] = defaultdict(dict)
        for each in typed_entries.in_force(connection):
            found[each.file][each.key] = each
        return cls(found)

    def has(self, file: str, row: Mapping[str, Any]) -> bool:
        """Whether someone typed this stored row."""
        return file in self.entries and key_of(file, row) in self.entries[file]


def hold_back(
    connection: Connection, incoming: Incoming, typed: Typed, catalogue: Catalogue, source: str, at: datetime
) -> Collected:
    """Take the rows out of `incoming` that may be what someone typed, and store them for a decision.

    A row that is exactly what was typed passes, and so does one about which somebody decided that both count. People
    that a file lists are the file's from then on. Returns a warning for each row that waits.
    """
    warned, new = Collected(), list[TypedMatch]()
    for file, entries in typed.entries.items():
        kind = FILES[file]
        if kind not in incoming.entries:
            continue
        if kind is Person:
            _leave_to_list(connection, entries, incoming.entries[kind], at)
            continue
        _Held(connection, incoming, catalogue, source, at).take(file, entries, new, warned)
    typed_entries.hold_back(connection, new)
    return warned


def _leave_to_list(
    connection: Connection, entries: Mapping[tuple[str, ...], TypedEntry], listed: Iterable[Entry], at: datetime
) -> None:
    keys = {key_of("people.csv", rows.entry_row(each)) for each in listed}
    named = [each.entry_id for key, each in entries.items() if key in keys]
    typed_entries.end(connection, named, Ended.LISTED, at, reason="people.csv lists them")


class _Held:
    """The rows of one source's table that are held back."""

    def __init__(
        self, connection: Connection, incoming: Incoming, catalogue: Catalogue, source: str, at: datetime
    ) -> None:
        self._connection, self._incoming, self._catalogue = connection, incoming, catalogue
        self._source, self._at = source, at
        self._known = {each.match_id: each for each in typed_entries.matches(connection)}

    def take(
        self,
        file: str,
        entries: Mapping[tuple[str, ...], TypedEntry],
        new: list[TypedMatch],
        warned: Collected,
    ) -> None:
        kind = FILES[file]
        found, lines = self._incoming.entries[kind], self._incoming.lines[kind]
        held = set[int]()
        for at, one in self._candidates(file, found, entries):
            cells = cells_of(file, rows.entry_row(found[at]))
            match = self._match(file, one, cells)
            known = self._known.get(match.match_id)
            if known and known.decision is Decision.TWO:
                continue
            held.add(at)
            if known and known.cells == match.cells and known.decision is Decision.MINE:
                continue
            if known is None or known.cells != match.cells:
                new.append(match)
            warned.add(KIND, _waiting, file, lines[at], match, one)
        if held:
            kept = [at for at in range(len(found)) if at not in held]
            self._incoming.entries[kind] = [found[at] for at in kept]
            self._incoming.lines[kind] = [lines[at] for at in kept]

    def _match(self, file: str, one: TypedEntry, cells: Mapping[str, str]) -> TypedMatch:
        key = key_of(file, cells)
        match_id = sha256("\0".join((one.entry_id, file, *key)).encode()).hexdigest()[:24]
        return TypedMatch(match_id, one.entry_id, one.partner_id, file, key, cells, self._source, self._at)

    def _candidates(
        self, file: str, found: Sequence[Entry], entries: Mapping[tuple[str, ...], TypedEntry]
    ) -> Iterator[tuple[int, TypedEntry]]:
        """The place of each row that may be what someone typed, with that entry."""
        similar = self._similar(file, entries)
        for at, each in enumerate(found):
            row = rows.entry_row(each)
            one = entries.get(key_of(file, row))
            if one is not None:
                if self._stored(file, one) != row:
                    yield at, one
            elif (other := similar.get(each)) is not None:
                yield at, other

    def _stored(self, file: str, one: TypedEntry) -> Mapping[str, Any] | None:
        source = table(rows.TABLE_OF[FILES[file]])
        key = stored_key(file, one.key)
        values = key if isinstance(key, tuple) else (key,)
        where = [column == value for column, value in zip(source.primary_key, values, strict=True)]
        row = self._connection.execute(select(source).where(*where)).mappings().one_or_none()
        return dict(row) if row else None

    def _similar(self, file: str, entries: Mapping[tuple[str, ...], TypedEntry]) -> "_Similar":
        if FILES[file] is Sale:
            return _Similar(self._connection, self._incoming, self._catalogue, entries)
        return _Similar(self._connection, self._incoming, self._catalogue, {})


class _Similar:
    """Typed sales that an incoming one may be under another id: client, line, amount, and days apart."""

    def __init__(
        self,
        connection: Connection,
        incoming: Incoming,
        catalogue: Catalogue,
        entries: Mapping[tuple[str, ...], TypedEntry],
    ) -> None:
        self._connection, self._incoming, self._catalogue = connection, incoming, catalogue
        self._deals: dict[Deal, list[tuple[Sale, TypedEntry]]] = defaultdict(list)
        ids = {key[0]: entry for key, entry in entries.items()}
        for chunk in chunks(ids):
            for row in connection.execute(select(_sale).where(_sale.c.sale_id.in_(chunk))).mappings():
                sale = rows.sale(row)
                if sale.mrr.minor:
                    self._deals[deal_of(sale, catalogue)].append((sale, ids[sale.sale_id]))
        self._names: dict[str, str] | None = None

    def get(self, incoming: Entry) -> TypedEntry | None:
        """The typed sale that this one may be; None for one that is stored already, or is like none."""
        if not self._deals or not isinstance(incoming, Sale):
            return None
        for sale, entry in self._deals.get(deal_of(incoming, self._catalogue), ()):
            near = are_days_apart(sale.sold_on, incoming.sold_on)
            if near and self._same_client(sale, incoming) and not self._is_stored(incoming):
                return entry
        return None

    def _same_client(self, one: Sale, other: Sale) -> bool:
        """The same client, or one of the same name under another id."""
        if one.client_id == other.client_id:
            return True
        return bool(name := self._name(one.client_id)) and name == self._name(other.client_id)

    def _name(self, client_id: str) -> str:
        if self._names is None:
            clients = self._incoming.entries.get(Client, ())
            self._names = {each.client_id: plain(each.name) for each in clients if isinstance(each, Client)}
        if client_id not in self._names:
            name = self._connection.scalar(select(_client.c.name).where(_client.c.client_id == client_id))
            self._names[client_id] = plain(name or "")
        return self._names[client_id]

    def _is_stored(self, sale: Sale) -> bool:
        stored = select(_sale.c.sale_id).where(_sale.c.sale_id == sale.sale_id)
        return self._connection.scalar(stored) is not None


def _waiting(file: str, line: int, match: TypedMatch, one: TypedEntry) -> Problem:
    column = next(iter(match.cells))
    value = match.cells[column]
    who, day = one.entered_name, f"{one.entered_at:%Y-%m-%d}"
    message = f"waits: it may be what {who} typed in Slack on {day} ({', '.join(one.key)}), which goes on counting"
    return Problem(
        file, line, column, value, KIND, message, f"{who} and the CAM are asked in Slack which of them counts"
    )
