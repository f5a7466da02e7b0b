"""Imports: all or nothing, with the derived tables in the same transaction (data#imports)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from tiercore.facts.entries import Person, PipelineDeal
from tiercore.ingest.contradicting import Contradicting
from tiercore.ingest.discovery import Files
from tiercore.ingest.files import FILES
from tiercore.ingest.folder_problems import nobody_listed, still_referred_to, without_table
from tiercore.ingest.imported import Imported as Imported
from tiercore.ingest.incoming import Incoming, Stored, read_listing
from tiercore.ingest.large_files import LINES
from tiercore.ingest.problems import Problem
from tiercore.ingest.row_changes import row_changes
from tiercore.ingest.storing import differences, store, stored_in
from tiercore.ingest.tables import Source
from tiercore.ingest.typed_matches import Typed, hold_back, keep_access
from tiercore.ingest.unattended import Attendants, unattended
from tiercore.people.membership import lost_access, unlink_unlisted
from tiercore.program import Program
from tiercore.storage.derive import rules_changed
from tiercore.storage.engine import reading, writing
from tiercore.storage.history import Occasion, Origin, Recorder
from tiercore.storage.reconcile import Difference
from tiercore.storage.transactions import utc_now
from tiercore.storage.versions import data_version

Progress = Callable[[str, int, int], None]
Allow = Callable[[Connection, Incoming, Mapping[type[Any], Difference]], list[Problem]]


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
    """Import a folder of files: see `import_source`. With `keep_people`, its people.csv is a part of the list."""
    source = Files(folder, lists_everyone=not keep_people)
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
    columns_from: int | None = LINES,
) -> Imported:
    """Read, check and store what a source has. With a single bad row, nothing is stored.

    `at` is the moment to record, by default now, and `by` who imports: an e-mail address, "HubSpot sync", or empty for
    the command line. With `mirror`, rows that are no longer in a table are removed. A person who is no longer in a
    whole list of people loses access. With `dry_run`, everything is done except storing. `allow` gives a problem for
    each row that whoever imports may not bring. Files of `columns_from` lines or more are read as columns
    (data#large-files), the same in every result; with `allow`, none is.
    """
    at, lines = at or utc_now(), None if allow else columns_from
    run = _Import(program, source, today, at, mirror=mirror, by=by, progress=progress, columns_from=lines)
    try:
        with reading(engine) as connection:
            run.read(connection)  # before the lock, which nobody else should wait for
        with writing(engine) as connection:
            run.read(connection)
            run.store_all(connection, allow)
            if dry_run:
                raise _RollBack
        run.imported.stored = True
    except _RollBack:
        pass
    except IntegrityError:
        if not mirror:
            raise
        run.imported.problems.append(still_referred_to())
    finally:
        run.close()
    run.in_words_of_the_source()
    return run.imported


def import_typed(
    connection: Connection, program: Program, source: Source, *, today: date, at: datetime, by: str
) -> Imported:
    """The same in the caller's transaction, for rows that someone typed or decided about in Slack: they are not held
    back (data#typed). With problems, nothing was written.
    """
    run = _Import(program, source, today, at, by=by, from_slack=True)
    run.read(connection)
    with suppress(_RollBack):
        run.store_all(connection)
        run.imported.stored = True
    return run.imported


def check_typed(connection: Connection, program: Program, source: Source, today: date) -> Incoming:
    """What is wrong with rows that someone is typing, and the entries that they would be. Writes nothing."""
    return read_listing(source.tables(), stored_in(connection), program, today)


class _Import:
    """One import, step by step, and what it has found so far. A step that finds a problem raises _RollBack."""

    def __init__(
        self,
        program: Program,
        source: Source,
        today: date,
        at: datetime,
        *,
        mirror: bool = False,
        by: str = "",
        progress: Progress | None = None,
        from_slack: bool = False,
        columns_from: int | None = None,
    ) -> None:
        self._program, self._source, self._today, self._at, self._progress = program, source, today, at, progress
        self._mirror, self._origin, self._from_slack = mirror, Origin(source.name, by), from_slack
        self._stored: Stored | None = None
        self._version: int | None = None
        self._columns_from = columns_from
        self._incoming, self._typed = Incoming(), Typed({})
        self._said: Callable[[Problem], Problem] | None = None
        self.imported = Imported()

    def read(self, connection: Connection) -> None:
        """Read the source; not again while what its rows refer to is the same."""
        version = data_version(connection)
        if version is not None and version == self._version:
            return
        self._version, stored = version, stored_in(connection)
        if stored == self._stored:
            return
        self._stored = stored
        listing = self._source.tables()
        self._said = listing.said
        self.close()
        self._incoming = read_listing(
            listing, stored, self._program, self._today, self._progress, columns_from=self._columns_from
        )

    def close(self) -> None:
        """Delete what large files keep on disk."""
        self._incoming.close()

    def store_all(self, connection: Connection, allow: Allow | None = None) -> None:
        """Check what was read, store it, and rate what it touches."""
        self.check_rows(connection, allow)
        if not self._from_slack:
            self.hold_back(connection)
        found = self.differences(connection)
        self.check_people(found)
        self.store(connection, found)

    def hold_back(self, connection: Connection) -> None:
        """Leave out what may be what someone typed, until somebody decides."""
        self._typed = Typed.stored(connection)
        catalogue = self._program.catalogue
        source, at = self._source.name, self._at
        held = hold_back(connection, self._incoming, self._typed, catalogue, source, at, mirror=self._mirror)
        self.imported.warnings += held.problems
        self.imported.more_warnings += held.more
        self.imported.waiting = len(held.problems) + held.more.total()

    def in_words_of_the_source(self) -> None:
        """Let what was found name the source's own files, lines and columns; what then is the same is said once."""
        if said := self._said:
            imported = self.imported
            imported.problems = list(dict.fromkeys(map(said, imported.problems)))
            imported.warnings = list(dict.fromkeys(map(said, imported.warnings)))

    def check_rows(self, connection: Connection, allow: Allow | None) -> None:
        """Report what was read: problems, of which one is enough to store nothing, and warnings.

        With `allow`, every row that whoever imports may not bring is among them, and none waits for a decision.
        """
        incoming, imported = self._incoming, self.imported
        imported.problems = [*incoming.problems]
        imported.warnings = [*incoming.warnings, *without_table(incoming, self._program)]
        imported.more_warnings += incoming.more
        if allow:
            imported.problems += allow(connection, incoming, self.differences(connection))
        if imported.problems:
            raise _RollBack

    def differences(self, connection: Connection) -> dict[type[Any], Difference]:
        """How each file's entries differ from the stored ones."""
        whole = set(FILES.values()) if self._mirror else {Person, PipelineDeal}
        if not self._source.lists_everyone:
            whole -= {Person, PipelineDeal}
        return differences(connection, self._incoming, frozenset(whole), self._typed)

    def check_people(self, found: Mapping[type[Any], Difference]) -> None:
        """Report who loses access; an empty list that would take it from everyone is a problem."""
        if Person not in found or Person not in self._incoming.entries:  # a person who was typed is withdrawn
            return
        listed = {person.email for person in self._incoming.entries[Person]}  # type: ignore[union-attr]
        self.imported.lost_access = lost_access(found[Person], listed)
        if self._source.lists_everyone:
            self.imported.warnings += keep_access(self._typed, listed, self._incoming.name_of(Person))
        if self.imported.lost_access and not listed and not self._mirror:
            self.imported.problems.append(nobody_listed(self._incoming.name_of(Person)))
            raise _RollBack

    def store(self, connection: Connection, found: Mapping[type[Any], Difference]) -> None:
        """Store the differences, rate what they touch, and record what that changes in the past."""
        imported, warned = self.imported, Contradicting(self._incoming, self._program.catalogue)
        occasion = Occasion.IMPORT_AND_RULES if rules_changed(connection, self._program) else Occasion.IMPORT
        at = self._at
        recorder = Recorder(connection, occasion, self._today, at, self._origin)
        unlink_unlisted(connection, at)  # who was linked while an import took their access
        attendants = Attendants.stored(connection) if Person in found else None
        imported.counts = store(
            connection, self._program, found, warned, recorder, today=self._today, progress=self._progress
        )
        imported.begins_record = recorder.begins_record
        imported.past = recorder.finish(imported.counts, row_changes(found))
        imported.warnings += warned.problems()
        imported.more_warnings += warned.more
        if attendants:
            nobody = unattended(attendants, Attendants.stored(connection), found, self._incoming.name_of(Person))
            imported.warnings += nobody.problems
            imported.more_warnings += nobody.more
        unlink_unlisted(connection, at)
