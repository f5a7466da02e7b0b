"""Imports: all or nothing, with the derived tables in the same transaction (data#imports)."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from tiercore.facts.entries import Agreement, Client, Person, Sale, SubscriptionLevel, ToolUsage
from tiercore.ingest.contradicting import Contradicting
from tiercore.ingest.discovery import Folder
from tiercore.ingest.files import FILES
from tiercore.ingest.folder_problems import nobody_listed, still_referred_to, without_table
from tiercore.ingest.incoming import Incoming, Stored, read_tables
from tiercore.ingest.problems import Problem
from tiercore.ingest.row_changes import row_changes
from tiercore.ingest.tables import Source
from tiercore.ingest.unattended import Attendants, unattended
from tiercore.people.membership import LostAccess, lost_access, unlink_unlisted
from tiercore.program import Program
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild, rules_changed
from tiercore.storage.engine import reading, writing
from tiercore.storage.history import Occasion, Origin, PartnerPast, Recorder
from tiercore.storage.reconcile import Count, Difference, difference, remove, write
from tiercore.storage.tables.ledger import ClientRow, PartnerRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.transactions import utc_now

Progress = Callable[[str, int, int], None]
Allow = Callable[[Connection, Incoming, Mapping[type[Any], Difference]], list[Problem]]
_AFFECTS_RATING = (Client, Sale, SubscriptionLevel, Agreement)


@dataclass(slots=True)
class Imported:
    """The result of an import: a count for each file, in the files' order, and the partners whose `past` it changed.
    With `problems`, nothing was stored.

    `lost_access` is who is no longer in people.csv, in whole or for some partners. `more_warnings` are how many there
    are of each kind in addition to `warnings`. With `begins_record`, the record of what imports change begins with it.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more_warnings: Counter[str] = field(default_factory=Counter)
    past: list[PartnerPast] = field(default_factory=list)
    begins_record: bool = False
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
    by: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Import a folder of CSV files: see `import_source`. With `keep_people`, its people.csv is a part of the list."""
    source = Folder(folder, lists_everyone=not keep_people)
    return import_source(
        engine, program, source, today=today, at=at, dry_run=dry_run, mirror=mirror, by=by, progress=progress
    )


def import_source(
    engine: Engine,
    program: Program,
    source: Source,
    *,
    today: date,
    at: datetime | None = None,
    dry_run: bool = False,
    mirror: bool = False,
    by: str = "",
    progress: Progress | None = None,
    allow: Allow | None = None,
) -> Imported:
    """Read, check and store what a source has. With a single bad row, nothing is stored.

    `at` is the moment to record, by default now, and `by` who imports: an e-mail address, "HubSpot sync", or empty for
    the command line. With `mirror`, rows that are no longer in a table are removed. A person who is no longer in a
    whole list of people loses access. With `dry_run`, everything is done except storing. `allow` gives a problem for
    each row that whoever imports may not bring.
    """
    run = _Import(program, source, today, at, mirror=mirror, by=by, progress=progress)
    try:
        with reading(engine) as connection:
            run.read(stored_in(connection))  # before the lock, which nobody else should wait for
        with writing(engine) as connection:
            run.read(stored_in(connection))
            run.check_rows()
            found = run.differences(connection)
            run.check_rights(connection, found, allow)
            run.check_people(found)
            run.store(connection, found)
            if dry_run:
                raise _RollBack
        run.imported.stored = True
    except _RollBack:
        pass
    except IntegrityError:
        if not mirror:
            raise
        run.imported.problems.append(still_referred_to())
    run.in_words_of_the_source()
    return run.imported


class _Import:
    """One import, step by step, and what it has found so far. A step that finds a problem raises _RollBack."""

    def __init__(
        self,
        program: Program,
        source: Source,
        today: date,
        at: datetime | None,
        *,
        mirror: bool,
        by: str,
        progress: Progress | None,
    ) -> None:
        self._program, self._source, self._today, self._at, self._progress = program, source, today, at, progress
        self._mirror, self._origin = mirror, Origin(source.name, by)
        self._stored: Stored | None = None
        self._incoming = Incoming()
        self._said: Callable[[Problem], Problem] | None = None
        self.imported = Imported()

    def read(self, stored: Stored) -> None:
        """Read the source; not again while what its rows refer to is the same."""
        if stored == self._stored:
            return
        self._stored = stored
        listing = self._source.tables()
        self._said = listing.said
        self._incoming = read_tables(
            listing,
            stored,
            tiers=self._program.tier_names,
            catalogue=self._program.catalogue,
            today=self._today,
            progress=self._progress,
        )

    def in_words_of_the_source(self) -> None:
        """Let what was found name the source's own files, lines and columns; what then is the same is said once."""
        if said := self._said:
            imported = self.imported
            imported.problems = list(dict.fromkeys(map(said, imported.problems)))
            imported.warnings = list(dict.fromkeys(map(said, imported.warnings)))

    def check_rows(self) -> None:
        """Report what was read: problems, of which one is enough to store nothing, and warnings."""
        incoming, imported = self._incoming, self.imported
        imported.problems = incoming.problems
        imported.warnings = [*incoming.warnings, *without_table(incoming, self._program)]
        imported.more_warnings += incoming.more
        if imported.problems:
            raise _RollBack

    def differences(self, connection: Connection) -> dict[type[Any], Difference]:
        """How each file's entries differ from the stored ones."""
        whole = set(FILES.values()) if self._mirror else {Person}
        if not self._source.lists_everyone:
            whole.discard(Person)
        return differences(connection, self._incoming, frozenset(whole))

    def check_rights(self, connection: Connection, found: Mapping[type[Any], Difference], allow: Allow | None) -> None:
        """Report the rows that whoever imports may not bring."""
        self.imported.problems += allow(connection, self._incoming, found) if allow else []
        if self.imported.problems:
            raise _RollBack

    def check_people(self, found: Mapping[type[Any], Difference]) -> None:
        """Report who loses access; an empty list that would take it from everyone is a problem."""
        if Person not in found:
            return
        listed = {person.email for person in self._incoming.entries[Person]}  # type: ignore[union-attr]
        self.imported.lost_access = lost_access(found[Person], listed)
        if self.imported.lost_access and not listed and not self._mirror:
            self.imported.problems.append(nobody_listed(self._incoming.name_of(Person)))
            raise _RollBack

    def store(self, connection: Connection, found: Mapping[type[Any], Difference]) -> None:
        """Store the differences, rate what they touch, and record what that changes in the past."""
        imported, warned = self.imported, Contradicting(self._incoming, self._program.catalogue)
        occasion = Occasion.IMPORT_AND_RULES if rules_changed(connection, self._program) else Occasion.IMPORT
        at = self._at or utc_now()
        recorder = Recorder(connection, occasion, self._today, at, self._origin)
        unlink_unlisted(connection, at)  # who was linked while an import took their access
        attendants = Attendants.stored(connection) if Person in found else None
        imported.counts = _store(connection, self._program, found, warned, recorder, progress=self._progress)
        imported.begins_record = recorder.begins_record
        imported.past = recorder.finish(imported.counts, row_changes(found))
        imported.warnings += warned.problems()
        imported.more_warnings += warned.more
        if attendants:
            nobody = unattended(attendants, Attendants.stored(connection), found, self._incoming.name_of(Person))
            imported.warnings += nobody.problems
            imported.more_warnings += nobody.more
        unlink_unlisted(connection, at)


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
    """How each file's entries differ from the stored ones; those of `whole` kinds that aren't mentioned are
    removed, and those that the source says are gone."""
    gone = {FILES[file]: frozenset(keys) for file, keys in incoming.removals.items()}
    kinds = [kind for kind in FILES.values() if kind in incoming.entries or kind in gone]
    return {
        kind: difference(
            connection, incoming.entries.get(kind, ()), kind, mirror=kind in whole, gone=gone.get(kind, frozenset())
        )
        for kind in kinds
    }


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
