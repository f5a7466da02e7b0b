"""Imports: all or nothing, with the derived tables in the same transaction (data#imports)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from tiercore.facts.entries import Agreement, Client, Person, Sale, SubscriptionLevel, ToolUsage
from tiercore.facts.unknown import Unknown
from tiercore.ingest.contradicting import Contradicting
from tiercore.ingest.files import FILES
from tiercore.ingest.folder import Incoming, Stored, read_folder
from tiercore.ingest.problems import Problem
from tiercore.ingest.row_changes import row_changes
from tiercore.ingest.unattended import Attendants, unattended
from tiercore.people.membership import LostAccess, lost_access, unlink_unlisted
from tiercore.program import Program
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild, rules_changed
from tiercore.storage.engine import reading, writing
from tiercore.storage.history import Occasion, PartnerPast, Recorder
from tiercore.storage.reconcile import Count, Difference, difference, remove, write
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.transactions import utc_now

Progress = Callable[[str, int, int], None]
_AFFECTS_RATING = (Client, Sale, SubscriptionLevel, Agreement)


@dataclass(slots=True)
class Imported:
    """The result of an import: a count for each file, in the files' order, and the partners whose `past` it changed.
    With `problems`, nothing was stored.

    `lost_access` is who is no longer in people.csv, in whole or for some partners. `more_warnings` are how many there
    are of each kind in addition to `warnings`.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more_warnings: Counter[str] = field(default_factory=Counter)
    past: list[PartnerPast] = field(default_factory=list)
    stored: bool = False
    lost_access: list[LostAccess] = field(default_factory=list)


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
    keep_people: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Read, check and store a folder of CSV files. With a single bad row, nothing is stored.

    `at` is the moment to record, by default now. With `mirror`, rows that are no longer in a file are
    removed. people.csv is a whole list: a person who is no longer in it loses access, unless the file is a part
    (`keep_people`). With `dry_run`, everything is done except storing.
    """
    imported = Imported()
    try:
        with reading(engine) as connection:
            stored = stored_in(connection)

        def read() -> Incoming:
            return read_folder(
                folder,
                stored,
                tiers=program.tier_names,
                catalogue=program.catalogue,
                today=today,
                progress=progress,
            )

        incoming = read()  # before the lock, which nobody else should wait for
        with writing(engine) as connection:
            current = stored_in(connection)
            if current != stored:  # what the rows refer to has changed meanwhile
                stored = current
                incoming = read()
            imported.problems = incoming.problems
            imported.warnings = [*incoming.warnings, *_without_table(incoming, program)]
            imported.more_warnings += incoming.more
            if imported.problems:
                raise _RollBack
            whole = frozenset(FILES.values()) if mirror else frozenset() if keep_people else frozenset({Person})
            found = differences(connection, incoming, whole)
            if Person in found:
                listed = {person.email for person in incoming.entries[Person]}  # type: ignore[union-attr]
                imported.lost_access = lost_access(found[Person], listed)
                if imported.lost_access and not listed and not mirror:
                    imported.problems.append(_nobody_listed())
                    raise _RollBack
            warned = Contradicting(incoming, program.catalogue)
            occasion = Occasion.IMPORT_AND_RULES if rules_changed(connection, program) else Occasion.IMPORT
            recorder = Recorder(connection, occasion, today, at or utc_now())
            unlink_unlisted(connection, utc_now())  # who was linked while an import took their access
            attendants = Attendants.stored(connection) if Person in found else None
            imported.counts = _store(connection, program, found, warned, recorder, progress=progress)
            imported.past = recorder.finish(imported.counts, row_changes(found))
            imported.warnings += warned.problems()
            imported.more_warnings += warned.more
            if attendants:
                nobody = unattended(attendants, Attendants.stored(connection), found)
                imported.warnings += nobody.problems
                imported.more_warnings += nobody.more
            unlink_unlisted(connection, utc_now())
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


def differences(connection: Connection, incoming: Incoming, whole: frozenset[type[Any]]) -> dict[type[Any], Difference]:
    """How each file's entries differ from the stored ones; those of `whole` kinds that aren't mentioned are removed."""
    kinds = [kind for kind in FILES.values() if kind in incoming.entries]
    return {kind: difference(connection, incoming.entries[kind], kind, mirror=kind in whole) for kind in kinds}


def _store(
    connection: Connection,
    program: Program,
    found: Mapping[type[Any], Difference],
    warned: Contradicting,
    recorder: Recorder,
    *,
    progress: Progress | None,
) -> dict[str, Count]:
    _write_all(connection, found, progress)
    touched = _touched(found, _AFFECTS_RATING)
    warned.compare(found)
    rebuild(
        connection,
        program,
        clients=touched,
        usage_of=_touched(found, (ToolUsage,)),
        progress=progress,
        on_rated=warned.of_clients(touched),
        watcher=recorder,
    )
    return {name: found[kind].count for name, kind in FILES.items() if kind in found}


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
        for entry, line in zip(incoming.entries.get(kind, ()), incoming.lines.get(kind, ()), strict=True):
            currency = entry.mrr.currency  # type: ignore[union-attr]
            if currency in warned or not isinstance(program.on(getattr(entry, day_of)).per_100_usd(currency), Unknown):
                continue
            warned.add(currency)
            message = f"has no points table: currencies.{currency} isn't set, its amounts earn no points yet"
            remedy = (
                "set the amount that equals US$100 in your program file (TIERBOT_PROGRAM), then run tierbot rebuild"
            )
            yield Problem(name, line, "currency", currency, "no points table", message, remedy)


def _nobody_listed() -> Problem:
    return Problem(
        file="people.csv",
        line=0,
        column="",
        value="",
        kind="empty list",
        message="has no rows: everyone would lose access",
        remedy="list everyone who may use tierbot, leave the file out, or say --keep-people",
    )


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
