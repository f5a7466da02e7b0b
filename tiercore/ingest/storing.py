"""Storing what an import brings: how it differs from what is stored, parents first, and rated again (data#imports)."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    Partner,
    Person,
    PipelineDeal,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.ingest.contradicting import Contradicting
from tiercore.ingest.files import FILES
from tiercore.ingest.incoming import Incoming, Stored
from tiercore.ingest.large_files import of_columns
from tiercore.ingest.typed_matches import Typed
from tiercore.program import Program
from tiercore.storage import rows
from tiercore.storage.bulk import analyze, table
from tiercore.storage.derive import former_rows, rebuild
from tiercore.storage.history import Recorder
from tiercore.storage.reconcile import Count, Difference, Row, difference, remove, settle, write
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, PipelineDealRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.tables.synced import SyncedRowRow
from tiercore.storage.versions import MANY_CLIENTS, mark_touched
from tiercore.stored_deals import TouchedDeals, store_deal_points

Progress = Callable[[str, int, int], None]
_DEALS = "pipeline.csv"
_ANALYZE_FROM = 500  # added rows of a table from which on PostgreSQL needs new statistics
_AFFECTS_RATING = (Client, Sale, SubscriptionLevel, Agreement)


def stored_in(connection: Connection) -> Stored:
    """The IDs and product lines in the database, for checking references and spelling."""
    partner, client = table(PartnerRow).c, table(ClientRow).c
    lines = {*connection.scalars(select(table(SaleRow).c.product_line).distinct())}
    lines |= {*connection.scalars(select(table(SubscriptionLevelRow).c.product_line).distinct())}
    return Stored(
        partner_ids=frozenset(connection.scalars(select(partner.partner_id))),
        client_ids=frozenset(connection.scalars(select(client.client_id))),
        product_lines=frozenset(lines),
    )


def differences(
    connection: Connection, incoming: Incoming, whole: frozenset[type[Any]], typed: Typed
) -> dict[type[Any], Difference]:
    """How each file's entries differ from the stored ones; those of `whole` kinds that aren't mentioned are
    removed, and those that the source says are gone. What someone typed stays."""
    gone = {FILES[file]: frozenset(keys) for file, keys in incoming.removals.items()}
    if won := _won(connection, incoming):
        gone[PipelineDeal] = gone.get(PipelineDeal, frozenset()) | won
    synced = _synced_deals(connection) if PipelineDeal in whole and PipelineDeal in incoming.entries else frozenset()
    found: dict[type[Any], Difference] = {}
    for file, kind in FILES.items():
        stays, mirror = partial(_stays, typed, synced, file), kind in whole and kind in incoming.entries
        if kind in incoming.columns:
            found[kind] = of_columns(connection, incoming, kind, mirror=mirror, stays=stays)
        elif kind in incoming.entries or kind in gone:
            of_kind, entries = gone.get(kind, frozenset()), incoming.entries.get(kind, ())
            found[kind] = difference(connection, entries, kind, mirror=mirror, gone=of_kind, stays=stays)
    return found


def _won(connection: Connection, incoming: Incoming) -> frozenset[str]:
    """The IDs of the stored open deals whose sales come in under the same IDs."""
    sold = {each.sale_id for each in incoming.entries.get(Sale, ()) if isinstance(each, Sale)}
    if not (sold or Sale in incoming.columns):
        return frozenset()
    deals = set(connection.scalars(select(table(PipelineDealRow).c.deal_id)))
    if Sale in incoming.columns and deals:
        sold.update(incoming.columns[Sale].lines_of("sale_id", deals))
    return frozenset(sold & deals)


def _stays(typed: Typed, synced: Collection[str], file: str, row: Row) -> bool:
    """Whether a row stays although a whole list doesn't have it: someone typed it, or a sync brought the deal."""
    return typed.has(file, row) or (file == _DEALS and row["deal_id"] in synced)


def _synced_deals(connection: Connection) -> frozenset[str]:
    """The IDs of the open deals that a sync has stored."""
    source = table(SyncedRowRow)
    keys = connection.scalars(select(source.c.entry_key).where(source.c.file == _DEALS))
    return frozenset(str(json.loads(key)[0]) for key in keys)


def store(
    connection: Connection,
    program: Program,
    found: Mapping[type[Any], Difference],
    warned: Contradicting,
    recorder: Recorder,
    *,
    today: date,
    progress: Progress | None,
) -> dict[str, Count]:
    """Write the differences and rate what they touch; a count for each file."""
    touched, usage_of = _touched(found, _AFFECTS_RATING), _touched(found, (ToolUsage,))
    levels_of = _touched(found, (SubscriptionLevel,))
    former = former_rows(connection, clients=touched, levels_of=levels_of, usage_of=usage_of)
    _write_all(connection, found, progress)
    warned.compare(found)
    rebuild(
        connection,
        program,
        clients=touched,
        usage_of=usage_of,
        progress=progress,
        on_contradiction=warned.add,
        watcher=recorder,
        former=former,
    )
    _mark(connection, found)
    store_deal_points(connection, program, today, _touched_deals(found))
    return {name: found[kind].count for name, kind in FILES.items() if kind in found}


def _write_all(connection: Connection, found: Mapping[type[Any], Difference], progress: Progress | None) -> None:
    """Store parents first, then remove children first. What rates and answers then finds statistics of the tables."""
    total = sum(len(each.added) + len(each.changed) for each in found.values())
    done = 0

    def on_written(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress("storing", done, total)

    for kind, each in found.items():
        write(connection, kind, each, on_written)
    for kind in reversed(list(found)):
        remove(connection, kind, found[kind])
    for kind, each in found.items():
        settle(connection, kind, each)
    analyze(connection, [rows.TABLE_OF[kind] for kind, each in found.items() if len(each.added) > _ANALYZE_FROM])


def _mark(connection: Connection, found: Mapping[type[Any], Difference]) -> None:
    """The answers of the partners change whose rows, clients or deals the differences touch."""
    clients = _touched(found, (Client, Sale, SubscriptionLevel, Agreement, ToolUsage, PipelineDeal))
    few = Sale in found and len(clients) < MANY_CLIENTS  # with many, nothing depends on the sales
    sales = found[Sale].values("sale_id") if few else set()
    own = (Partner, Sale, Agreement, Certification, TierCredited, PipelineDeal, Person)
    partners = {key for kind in own if kind in found for key in found[kind].values("partner_id")}
    mark_touched(connection, partners, {each for each in clients if each}, sales)


def _touched_deals(found: Mapping[type[Any], Difference]) -> TouchedDeals | None:
    """What the differences touch that open deals depend on; None where it is so much that all deals may."""
    clients = _touched(found, _AFFECTS_RATING)
    if len(clients) >= MANY_CLIENTS:
        return None
    partners = {key for kind in (Partner, PipelineDeal) if kind in found for key in found[kind].values("partner_id")}
    return TouchedDeals(partners, clients, found[Sale].values("sale_id") if Sale in found else ())


def _touched(found: Mapping[type[Any], Difference], kinds: tuple[type[Any], ...]) -> set[str]:
    """The clients with added, changed or removed entries of these kinds."""
    return {client_id for kind in kinds if kind in found for client_id in found[kind].values("client_id")}
