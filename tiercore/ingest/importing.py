"""Imports: all or nothing, with the derived tables in the same transaction (data#imports)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel, ToolUsage
from tiercore.facts.unknown import Unknown
from tiercore.ingest.files import FILES
from tiercore.ingest.folder import Incoming, Stored, read_folder
from tiercore.ingest.problems import Problem
from tiercore.ingest.row_changes import row_changes
from tiercore.program import Program
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild, rebuild_all, rules_changed
from tiercore.storage.engine import writing
from tiercore.storage.history import Occasion, PartnerPast, Recorder
from tiercore.storage.reconcile import Count, Difference, difference, remove, write
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, SaleRow, SubscriptionLevelRow

Progress = Callable[[str, int, int], None]
_AFFECTS_RATING = (Client, Sale, SubscriptionLevel, Agreement)


@dataclass(slots=True)
class Imported:
    """The result of an import: a count for each file, in the files' order, and the partners whose `past` it changed.
    With `problems`, nothing was stored.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    past: list[PartnerPast] = field(default_factory=list)
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of a rebuild: the clients and partners rated again, and the partners whose `past` it changed."""

    clients: int
    partners: int
    past: list[PartnerPast]


class _RollBack(Exception):
    """Rolls the transaction back."""


def import_folder(
    engine: Engine,
    program: Program,
    folder: Path,
    *,
    today: date,
    at: datetime | None = None,
    dry_run: bool = False,
    mirror: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Read, check and store a folder of CSV files. With a single bad row, nothing is stored.

    `at` is the moment to record, the start of `today` by default. With `mirror`, rows that are no longer in a file are
    removed. With `dry_run`, everything is done except storing.
    """
    imported = Imported()
    try:
        with writing(engine) as connection:
            incoming = read_folder(
                folder,
                stored_in(connection),
                tiers=program.tier_names,
                catalogue=program.catalogue,
                today=today,
                progress=progress,
            )
            imported.problems = incoming.problems
            imported.warnings = [*incoming.warnings, *_without_table(incoming, program)]
            if imported.problems:
                raise _RollBack
            occasion = Occasion.IMPORT_AND_RULES if rules_changed(connection, program) else Occasion.IMPORT
            recorder = Recorder(connection, occasion, today, at or _start_of(today))
            _store(connection, program, incoming, imported, recorder, mirror=mirror, progress=progress)
            if dry_run:
                raise _RollBack
        imported.stored = True
    except _RollBack:
        pass
    except IntegrityError:
        if not mirror:
            raise
        imported.problems.append(_still_referred_to())
    return imported


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


def rebuild_everything(
    engine: Engine, program: Program, *, today: date, at: datetime, progress: Progress | None = None
) -> Rebuilt:
    """Rate every entry again, and record what that changes in the past."""
    with writing(engine) as connection:
        occasion = Occasion.RULES if rules_changed(connection, program) else Occasion.REBUILD
        recorder = Recorder(connection, occasion, today, at)
        clients, partners = rebuild_all(connection, program, progress=progress, watcher=recorder)
        return Rebuilt(clients, partners, recorder.finish({}, ()))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _store(
    connection: Connection,
    program: Program,
    incoming: Incoming,
    imported: Imported,
    recorder: Recorder,
    *,
    mirror: bool,
    progress: Progress | None,
) -> None:
    """Store the entries, rebuild what they touch, and put the counts and the changes of the past into `imported`."""
    kinds = [kind for kind in FILES.values() if kind in incoming.entries]
    found = {kind: difference(connection, incoming.entries[kind], kind, mirror=mirror) for kind in kinds}
    _write_all(connection, found, progress)
    rebuild(
        connection,
        program,
        clients=_touched(found, _AFFECTS_RATING),
        usage_of=_touched(found, (ToolUsage,)),
        progress=progress,
        watcher=recorder,
    )
    imported.counts = {name: found[kind].count for name, kind in FILES.items() if kind in found}
    imported.past = recorder.finish(
        {name: (each.added, each.changed, each.same, each.removed) for name, each in imported.counts.items()},
        row_changes(found),
    )


def _write_all(connection: Connection, found: Mapping[type[Any], Difference], progress: Progress | None) -> None:
    """Store parents first, then remove children first."""
    total = sum(len(each.added) + len(each.changed) for each in found.values())
    done = 0

    def on_written(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress("storing", done, total)

    for kind, each in found.items():
        write(connection, kind, each, on_written)
    for kind in reversed(list(found)):
        remove(connection, kind, found[kind])


def _touched(found: Mapping[type[Any], Difference], kinds: tuple[type[Any], ...]) -> set[str]:
    """The clients with added, changed or removed entries of these kinds."""
    return {client_id for kind in kinds if kind in found for client_id in found[kind].values("client_id")}


def _without_table(incoming: Incoming, program: Program) -> Iterator[Problem]:
    """A warning for each currency of sales or levels that the rules of their day have no table for."""
    warned = set[str]()
    for name, kind, day_of in (
        ("sales.csv", Sale, "sold_on"),
        ("subscriptions.csv", SubscriptionLevel, "effective_on"),
    ):
        for entry in incoming.entries.get(kind, ()):
            currency = entry.mrr.currency  # type: ignore[union-attr]
            if currency in warned or not isinstance(program.on(getattr(entry, day_of)).per_100_usd(currency), Unknown):
                continue
            warned.add(currency)
            message = f"has no points table: currencies.{currency} isn't set, its amounts earn no points yet"
            remedy = (
                "set the amount that equals US$100 in your program file (TIERBOT_PROGRAM), then run tierbot rebuild"
            )
            yield Problem(name, 0, "currency", currency, "no points table", message, remedy)


def _still_referred_to() -> Problem:
    return Problem(
        file="(folder)",
        line=0,
        column="",
        value="",
        kind="still referred to",
        message="rows that are kept refer to a partner or client that is no longer in the files",
        remedy="mirror the files with those rows too, or keep the partner or client",
    )
