"""Typed entries that an incoming row may be under another ID (data#typed)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from tiercore.access import plain
from tiercore.facts.entries import Agreement, Client, Entry, Sale
from tiercore.ingest.incoming import Incoming
from tiercore.program import Catalogue
from tiercore.rating.same_deals import Deal, are_days_apart, deal_of
from tiercore.storage import rows
from tiercore.storage.bulk import chunks, table
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, SaleRow
from tiercore.storage.typed_entries import TypedEntry

Similar = Callable[[Entry], TypedEntry | None]
Entries = Mapping[tuple[str, ...], TypedEntry]
_agreement, _client, _sale = table(AgreementRow), table(ClientRow), table(SaleRow)


def similar_to(
    kind: type[Any], connection: Connection, incoming: Incoming, catalogue: Catalogue, entries: Entries
) -> Similar:
    """What says which of the typed entries an incoming one may be; None for one that is stored already, or is like
    none. Rows of a kind without IDs of its own are known by their key alone.
    """
    clients = _Clients(connection, incoming)
    if kind is Sale:
        return _Sales(connection, catalogue, clients, entries).get
    if kind is Agreement:
        return _Agreements(connection, clients, entries).get
    return lambda _incoming: None


class _Clients:
    """Clients that may be the same: of one ID, or of one name under two."""

    def __init__(self, connection: Connection, incoming: Incoming) -> None:
        self._connection, self._incoming = connection, incoming
        self._names: dict[str, str] | None = None

    def are_same(self, one: str, other: str) -> bool:
        """Whether two IDs are one client, or have one name."""
        return one == other or (bool(name := self._name(one)) and name == self._name(other))

    def _name(self, client_id: str) -> str:
        if self._names is None:
            clients = self._incoming.entries.get(Client, ())
            self._names = {each.client_id: plain(each.name) for each in clients if isinstance(each, Client)}
        if client_id not in self._names:
            name = self._connection.scalar(select(_client.c.name).where(_client.c.client_id == client_id))
            self._names[client_id] = plain(name or "")
        return self._names[client_id]


class _Sales:
    """Sales are alike by client, line and amount, days apart."""

    def __init__(self, connection: Connection, catalogue: Catalogue, clients: _Clients, entries: Entries) -> None:
        self._connection, self._catalogue, self._clients = connection, catalogue, clients
        self._deals: dict[Deal, list[tuple[Sale, TypedEntry]]] = defaultdict(list)
        for sale, entry in _stored(connection, _sale, rows.sale, entries):
            if sale.mrr.minor:
                self._deals[deal_of(sale, catalogue)].append((sale, entry))

    def get(self, incoming: Entry) -> TypedEntry | None:
        """The typed sale that this one may be."""
        if not self._deals or not isinstance(incoming, Sale):
            return None
        for sale, entry in self._deals.get(deal_of(incoming, self._catalogue), ()):
            near = are_days_apart(sale.sold_on, incoming.sold_on)
            same = near and self._clients.are_same(sale.client_id, incoming.client_id)
            if same and not _is_stored(self._connection, _sale, incoming.sale_id):
                return entry
        return None


class _Agreements:
    """Agreements are alike by partner and client, with a day in common."""

    def __init__(self, connection: Connection, clients: _Clients, entries: Entries) -> None:
        self._connection, self._clients = connection, clients
        self._of: dict[str, list[tuple[Agreement, TypedEntry]]] = defaultdict(list)
        added = {key: entry for key, entry in entries.items() if entry.before is None}
        for agreement, entry in _stored(connection, _agreement, rows.agreement, added):
            self._of[agreement.partner_id].append((agreement, entry))

    def get(self, incoming: Entry) -> TypedEntry | None:
        """The typed agreement that this one may be."""
        if not self._of or not isinstance(incoming, Agreement):
            return None
        for agreement, entry in self._of.get(incoming.partner_id, ()):
            same = _overlap(agreement, incoming) and self._clients.are_same(agreement.client_id, incoming.client_id)
            if same and not _is_stored(self._connection, _agreement, incoming.agreement_id):
                return entry
        return None


def _overlap(one: Agreement, other: Agreement) -> bool:
    ends = (each.ends_on or date.max for each in (one, other))
    return max(one.starts_on, other.starts_on) <= min(ends)


def _stored(
    connection: Connection, source: Any, read: Callable[[Any], Any], entries: Entries
) -> list[tuple[Any, TypedEntry]]:
    """The stored rows that were typed, each with its entry."""
    [key] = source.primary_key
    ids, found = {ids[0]: entry for ids, entry in entries.items()}, list[tuple[Any, TypedEntry]]()
    for chunk in chunks(ids):
        for row in connection.execute(select(source).where(key.in_(chunk))).mappings():
            found.append((read(row), ids[row[key.name]]))
    return found


def _is_stored(connection: Connection, source: Any, id_: str) -> bool:
    [key] = source.primary_key
    return connection.scalar(select(key).where(key == id_)) is not None
