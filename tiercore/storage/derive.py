"""Rebuilding the derived tables, for the clients an import touched or for all (architecture#the-one-idea)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select, union
from sqlmodel import SQLModel

from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import BookLines, credits_of, lines_of
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, timeline_of
from tiercore.storage import rows
from tiercore.storage.books import books_of, credits_of_partner, levels_of, usage_of
from tiercore.storage.bulk import chunks, table
from tiercore.storage.tables.ledger import BalanceRow, ClientRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.versions import begin_version

Progress = Callable[[str, int, int], None]
OnRated = Callable[[ClientBook, BookLines, Sequence[Credit]], None]

_ANALYZE_FROM = 500  # changed clients from which on PostgreSQL needs new statistics
REBUILD_NEEDED = ""  # the fingerprint that a migration stores if a derived table needs a rebuild
_DERIVED = (CreditRow, BalanceRow, RetentionRow)


class Watcher(Protocol):
    """Learns what a rebuild replaces, while it does."""

    @property
    def is_watching(self) -> bool: ...

    def owned(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Pairs of a client and a partner that has, or had, credits from it."""

    def compare(self, partner_id: str, timeline: Sequence[Balance]) -> None:
        """The timeline is about to replace the stored one."""


def rebuild(
    connection: Connection,
    program: Program,
    *,
    clients: Collection[str],
    usage_of: Collection[str] = (),
    progress: Progress | None = None,
    on_rated: OnRated | None = None,
    watcher: Watcher | None = None,
) -> None:
    """Rebuild the credits of `clients`, and the partners with credits from them or from the clients in `usage_of`.

    Rebuilds everything if the rules that rate credits have changed. `on_rated` is called with each client rated.
    """
    if stored_fingerprint(connection) != program.rating_fingerprint:
        rebuild_all(connection, program, progress=progress, on_rated=on_rated, watcher=watcher)
        return
    begin_version(connection, program.rating_fingerprint, everything=False)
    watching = watcher if watcher and watcher.is_watching else None
    partners = _rebuild_credits(connection, program, sorted(clients), progress, on_rated, watching)
    partners |= _partners_of(connection, sorted(usage_of))
    _rebuild_partners(connection, program, sorted(partners), progress, watching)
    if len(clients) > _ANALYZE_FROM:
        _analyze(connection)


def rebuild_all(
    connection: Connection,
    program: Program,
    *,
    progress: Progress | None = None,
    on_rated: OnRated | None = None,
    watcher: Watcher | None = None,
) -> tuple[int, int]:
    """Rebuild all derived tables by the program's rules. Returns the numbers of clients and partners."""
    begin_version(connection, program.rating_fingerprint, everything=True)
    watching = watcher if watcher and watcher.is_watching else None
    connection.execute(delete(table(CreditRow)))
    clients = list(connection.scalars(select(table(ClientRow).c.client_id).order_by("client_id")))
    partners = _rebuild_credits(connection, program, clients, progress, on_rated, watching)
    _empty_partners(connection, program, partners, watching)
    _rebuild_partners(connection, program, sorted(partners), progress, watching)
    _analyze(connection)
    return len(clients), len(partners)


def _analyze(connection: Connection) -> None:
    """Update PostgreSQL's statistics after a bulk write, so that it doesn't plan queries for the old tables."""
    if connection.dialect.name == "postgresql":
        for model in _DERIVED:
            connection.exec_driver_sql(f"ANALYZE {model.__tablename__}")


def stored_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the rules that the derived tables were built with, None before the first import."""
    return connection.scalar(select(table(DerivedRow).c.rating_fingerprint))


def rules_changed(connection: Connection, program: Program) -> bool:
    """Whether the stored derived tables were built with other rules; False where nothing was built yet, or by an
    earlier release.
    """
    return stored_fingerprint(connection) not in (None, REBUILD_NEEDED, program.rating_fingerprint)


def _rebuild_credits(
    connection: Connection,
    program: Program,
    client_ids: Sequence[str],
    progress: Progress | None,
    on_rated: OnRated | None,
    watcher: Watcher | None,
) -> set[str]:
    """Rate the clients again. Returns the partners that had or have credits from them."""
    credit, partners, done = table(CreditRow), set[str](), 0
    for chunk in chunks(client_ids):
        pairs = _owners_of(connection, chunk)
        connection.execute(delete(credit).where(credit.c.client_id.in_(chunk)))
        credits = [each for book in books_of(connection, chunk) for each in _rate(book, program, on_rated)]
        if credits:
            connection.execute(insert(credit), [rows.credit_row(each) for each in credits])
        pairs |= {(each.client_id, each.partner_id) for each in credits}
        partners.update(partner_id for _, partner_id in pairs)
        if watcher:
            watcher.owned(pairs)
        done += len(chunk)
        if progress:
            progress("rating clients", done, len(client_ids))
    return partners


def _rate(book: ClientBook, program: Program, on_rated: OnRated | None) -> Sequence[Credit]:
    lines = lines_of(book, program.catalogue)
    credits = credits_of(book, program, lines)
    if on_rated:
        on_rated(book, lines, credits)
    return credits


def _partners_of(connection: Connection, client_ids: Sequence[str]) -> set[str]:
    owners = (_owners_of(connection, chunk) for chunk in chunks(client_ids))
    return {partner_id for pairs in owners for _, partner_id in pairs}


def _owners_of(connection: Connection, client_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Each of the clients with each partner that has credits from it."""
    credit = table(CreditRow)
    pairs = select(credit.c.client_id, credit.c.partner_id).where(credit.c.client_id.in_(client_ids)).distinct()
    return {(client_id, partner_id) for client_id, partner_id in connection.execute(pairs)}


def _empty_partners(connection: Connection, program: Program, kept: Collection[str], watcher: Watcher | None) -> None:
    """Empty the timelines and retention of the partners that have no credits any more, or aren't stored at all."""
    stored = set(connection.scalars(union(*(select(table(each).c.partner_id) for each in (BalanceRow, RetentionRow)))))
    _rebuild_partners(connection, program, sorted(stored.difference(kept)), None, watcher)


def _rebuild_partners(
    connection: Connection,
    program: Program,
    partner_ids: Sequence[str],
    progress: Progress | None,
    watcher: Watcher | None,
) -> None:
    """Rebuild the partners' timelines and retention from the stored credits."""
    for done, partner_id in enumerate(partner_ids, start=1):
        credits = list(credits_of_partner(connection, partner_id))
        days = timeline_of(credits, usage_of(connection, partner_id))
        if watcher:
            watcher.compare(partner_id, days)
        _replace(connection, BalanceRow, partner_id, [rows.balance_row(partner_id, day) for day in days])
        months = retention_months(credits, levels_of(connection, partner_id), program)
        _replace(connection, RetentionRow, partner_id, [rows.retention_row(partner_id, month) for month in months])
        if progress:
            progress("timelines", done, len(partner_ids))


def _replace(connection: Connection, model: type[SQLModel], partner_id: str, new_rows: Sequence[rows.Row]) -> None:
    """Replace the partner's rows in a derived table."""
    target = table(model)
    connection.execute(delete(target).where(target.c.partner_id == partner_id))
    if new_rows:
        connection.execute(insert(target), new_rows)
