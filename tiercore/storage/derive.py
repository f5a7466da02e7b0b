"""Rebuilding the derived tables, for the clients an import touched or for all (architecture#the-one-idea)."""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import Connection, delete, func, select, union

from tiercore.program import Program
from tiercore.rating.client_batches import RatedClients
from tiercore.storage.bulk import analyze, table
from tiercore.storage.rating_steps import State, clients_in_order, forget_steps, stored_steps
from tiercore.storage.raw import large_cache
from tiercore.storage.rerating import OnContradiction, Progress, Rerating
from tiercore.storage.shifting import Former, former_count
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, SaleRow, SubscriptionLevelRow, ToolUsageRow
from tiercore.storage.versions import begin_version
from tiercore.storage.watching import Watcher
from tiercore.storage.workers import HERE, Workers, cores, processes

_ANALYZE_FROM = 500  # changed clients from which on PostgreSQL needs new statistics
# Changed clients from which on starting processes pays, where their partners are made anew and where they are moved.
_PROCESSES_FROM, _PROCESSES_FROM_MOVED = 5_000, 20_000
# Touched clients whose partners are moved: so many, or up to a quarter of all.
_FEW_CLIENTS, _SHARE, _MOST_CLIENTS = 1_000, 4, 50_000
_MOST_ROWS = 300_000  # levels and usage that memory keeps of them, of about 440 bytes each
REBUILD_NEEDED = ""  # the fingerprint that a migration stores if a derived table needs a rebuild
_RATED = (ClientRow, SaleRow, SubscriptionLevelRow, AgreementRow, ToolUsageRow)
_BY_PARTNER = (BalanceRow, RetentionRow)


def rebuild(
    connection: Connection,
    program: Program,
    *,
    clients: Collection[str],
    usage_of: Collection[str] = (),
    progress: Progress | None = None,
    on_contradiction: OnContradiction | None = None,
    watcher: Watcher | None = None,
    workers: Workers | None = None,
    former: Former | None = None,
) -> None:
    """Rate `clients` again, and the partners with credits from them or from the clients in `usage_of`.

    With what the clients had before, `former`, the partners' other clients are read only where they must be. Rates
    everything again if the rules that rate credits have changed. `on_contradiction` is called with what contradicts
    itself in the entries of `clients`. Without `workers`, very many clients are rated by processes of this machine.
    """
    changed = stored_fingerprint(connection) != program.rating_fingerprint
    begin_version(connection, program.rating_fingerprint, everything=changed)
    many = len(clients) >= (_PROCESSES_FROM_MOVED if former else _PROCESSES_FROM)
    with _these_or(workers, many=many) as these, large_cache(connection):
        rerating = Rerating(connection, program, workers=these, progress=progress, watcher=watcher)
        if changed:
            _all(connection, rerating, (), clients, on_contradiction)
            forget_steps(connection)
        else:
            _some(connection, rerating, clients, usage_of, on_contradiction, former)


def former_rows(
    connection: Connection,
    *,
    clients: Collection[str],
    levels_of: Collection[str],
    usage_of: Collection[str],
    most_rows: int = _MOST_ROWS,
) -> Former | None:
    """What the clients have before an import writes that touches `clients`, the levels of some and the usage of some;
    None if their partners are better made anew: it touches very many, or memory would have to keep over `most_rows`.
    """
    touched = len({*clients, *usage_of})
    if touched > _FEW_CLIENTS:
        stored = connection.scalar(select(func.count()).select_from(table(ClientRow))) or 0
        if touched > min(stored // _SHARE, _MOST_CLIENTS):
            return None
    if former_count(connection, levels_of, usage_of) > most_rows:
        return None
    return Former(connection, levels_of, usage_of)


def _these_or(workers: Workers | None, *, many: bool) -> AbstractContextManager[Workers]:
    """The workers, or else a process for each core where the clients are very many."""
    return nullcontext(workers) if workers else processes(cores() if many else 1)


def _some(
    connection: Connection,
    rerating: Rerating,
    clients: Collection[str],
    usage_of: Collection[str],
    on_contradiction: OnContradiction | None,
    former: Former | None,
) -> None:
    """Rate these clients and their partners again, and the partners of the clients in `usage_of`."""
    many = len(clients) > _ANALYZE_FROM
    if former:
        partners = rerating.touched_clients(sorted({*clients, *usage_of}), former, clients, on_contradiction)
    else:
        partners = rerating.clients(sorted(clients), clients, on_contradiction)
    if many:
        analyze(connection, (CreditRow,))
    if not former:
        partners |= rerating.owners_of(sorted(usage_of))
    rerating.partners(sorted(partners))
    if many:
        analyze(connection, _BY_PARTNER)


def rebuild_all(
    connection: Connection,
    program: Program,
    *,
    progress: Progress | None = None,
    watcher: Watcher | None = None,
    workers: Workers = HERE,
    is_committed: bool = False,
) -> tuple[int, int]:
    """Rebuild all derived tables by the program's rules. Returns how many clients there are, and how many
    partners' rows differ and are rewritten.

    What `rate_ahead` has rated from the same state of the data isn't rated again. With `is_committed`, the transaction
    has written nothing before.
    """
    state = State.stored(connection, program)
    begin_version(connection, program.rating_fingerprint, everything=True)
    rerating = Rerating(
        connection, program, workers=workers, progress=progress, watcher=watcher, is_committed=is_committed
    )
    with large_cache(connection):
        rebuilt = _all(connection, rerating, stored_steps(connection, state))
    forget_steps(connection)
    return rebuilt


def _all(
    connection: Connection,
    rerating: Rerating,
    steps: Iterable[tuple[int, RatedClients]] = (),
    doubted: Collection[str] = (),
    on_contradiction: OnContradiction | None = None,
) -> tuple[int, int]:
    """Rate every client and partner again; the first clients are those of the `steps`. Returns how many clients
    there are, and how many partners' rows differ and are rewritten.
    """
    analyze(connection, _RATED)
    rerating.rewrote(_remove_unowned(connection))
    clients, partners, done = clients_in_order(connection), set[str](), 0
    for count, rated in steps:
        partners |= rerating.take(rated)
        done += count
    partners |= rerating.clients(clients[done:], doubted, on_contradiction)
    analyze(connection, (CreditRow,))
    rerating.partners(sorted(partners | _stored_partners(connection)))
    analyze(connection, _BY_PARTNER)
    return len(clients), len(rerating.differing)


def _remove_unowned(connection: Connection) -> set[str]:
    """Delete the credits of clients that aren't stored any more. Returns the partners that had them."""
    credit, client = table(CreditRow), table(ClientRow)
    known = select(client.c.client_id).where(client.c.client_id == credit.c.client_id)
    return set(connection.scalars(delete(credit).where(~known.exists()).returning(credit.c.partner_id)))


def _stored_partners(connection: Connection) -> set[str]:
    """The partners with a stored timeline or retention, which may have no credits any more."""
    return set(connection.scalars(union(*(select(table(each).c.partner_id) for each in _BY_PARTNER))))


def stored_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the rules that the derived tables were built with, None before the first import."""
    return connection.scalar(select(table(DerivedRow).c.rating_fingerprint))


def rules_changed(connection: Connection, program: Program) -> bool:
    """Whether the stored derived tables were built with other rules; False where nothing was built yet, or by an
    earlier release.
    """
    return stored_fingerprint(connection) not in (None, REBUILD_NEEDED, program.rating_fingerprint)
