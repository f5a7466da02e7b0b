"""From staging into the ledger: the mapping makes our rows of what was read, and the import stores them.

Nothing disappears before two complete syncs agree: a row that the records no longer give is marked first, and removed
by a later sync of everything whose records don't give it either (data#hubspot-removals).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Engine

from bot.hubspot.reading import Properties
from bot.hubspot.tables import staged_tables
from bot.hubspot.wanted import Wanted
from tiercore.ingest.importing import Imported, Progress, import_source
from tiercore.ingest.mapping.mapped import MappedSource
from tiercore.ingest.mapping.mapping import RawTable, Records
from tiercore.ingest.problems import Problem
from tiercore.ingest.staging.records import Selection, count_seen, has_changed_since, has_missing, settle_missing
from tiercore.ingest.staging.rows import Keys, absent_rows, as_stored, has_absent, keys_in, record_rows
from tiercore.ingest.staging.runs import Outcome, SyncRun, last_complete, save
from tiercore.ingest.tables import Listing
from tiercore.program import Program
from tiercore.storage.engine import SYNC_LOCK, reading, writing
from tiercore.storage.moments import as_ms

SOURCE, BY = "HubSpot", "HubSpot sync"
_FALL = 5  # one in five: a count that falls by more is held
_COMES_AND_GOES = "pipeline.csv"  # deals are won and lost: that fewer are open is nothing odd


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a sync was asked for: to read all records, even if those that have changed would do; to store nothing; to
    store even where a count falls by more than a fifth.
    """

    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False


@dataclass(frozen=True, slots=True)
class Fall:
    """A count of records or rows that fell by more than a fifth."""

    what: str
    before: int
    now: int


@dataclass(slots=True)
class Stored:
    """What became of a sync's records: the import, if there was anything to import, and what is held.

    `removed` and `marked` are how many rows of each file were removed, and newly marked because the records don't give
    them; `missing` is how many records were newly marked because they weren't found.
    """

    outcome: Outcome
    counts: Mapping[str, int] = field(default_factory=dict)
    imported: Imported | None = None
    falls: list[Fall] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)
    marked: dict[str, int] = field(default_factory=dict)
    missing: int = 0

    @property
    def message(self) -> str:
        """Why nothing was stored, in words for the operator; "" where that is as it should be."""
        if self.outcome is Outcome.HELD:
            falls = ", ".join(f"{each.what} fell from {each.before:,} to {each.now:,}" for each in self.falls)
            return (
                f"held, because counts fell by more than a fifth: {falls}. Look in HubSpot; if it is right, run "
                "tierbot sync hubspot --accept-removals"
            )
        if self.outcome is Outcome.REFUSED and self.imported is not None:
            first = str(self.imported.problems[0])
            return f"nothing was stored, {len(self.imported.problems):,} problems; the first: {first}"
        return ""


@dataclass(frozen=True, slots=True)
class _Synced:
    """The mapped records as a source of the import, with the rows that are gone."""

    listing: Listing
    name: str = SOURCE
    lists_everyone: bool = False

    def tables(self) -> Listing:
        """The tables of ours, made before."""
        return self.listing


@dataclass(frozen=True, slots=True)
class Storing:
    """Brings a run's records into the ledger; `types` are those that were read, with the `properties` of each."""

    engine: Engine
    program: Program
    wanted: Wanted
    properties: Properties
    types: Sequence[str]
    today: date
    now: Callable[[], datetime]

    def problems(self) -> list[Problem]:
        """What is wrong with the mapping by itself, as a column that the portal doesn't have."""
        tables = staged_tables(self.engine, self.wanted, self.properties, Selection(0, full=False))
        empty: list[RawTable] = [Records(each.name, each.sheet, (), each.header) for each in tables]
        return self._mapped(empty).tables().problems

    def store(self, run: SyncRun, options: SyncOptions, progress: Progress | None = None) -> Stored:
        """Import what the run has read, or find that there is nothing to import, or that it has to be held."""
        with reading(self.engine) as connection:
            last = last_complete(connection)
            before = dict(last.counts) if last else {}
            is_new = last is None or last.mapping != run.mapping or has_changed_since(connection, last.sync_id)
            missing = has_missing(connection, Selection(run.sync_id, run.is_full), self.types)
            may_differ = is_new or (run.is_full and (missing or has_absent(connection)))
            counts = {each: count_seen(connection, each, run.sync_id) for each in self.types if run.is_full}
        if not may_differ:
            return self._end(run, Stored(Outcome.UNCHANGED, counts=before | counts), dry_run=options.dry_run)
        listing, given, confirmed = self._mapped_rows(run, missing=missing)
        counts |= {file: len(keys) for file, keys in confirmed.items()} if not listing.problems else {}
        falls = [] if options.accept_removals else _falls(before, counts)
        if falls:
            return self._end(run, Stored(Outcome.HELD, counts=before | counts, falls=falls), dry_run=options.dry_run)
        removed = self._agreed_absent(run, given) if not listing.problems else {}
        stored = Stored(Outcome.UNCHANGED, counts=before | counts)
        if is_new or removed or listing.problems:
            listing.removals |= {file: as_stored(file, keys, self.today) for file, keys in removed.items()}
            stored.imported = self._import(listing, dry_run=options.dry_run, progress=progress)
            stored.outcome = Outcome.REFUSED if stored.imported.problems else Outcome.STORED
        stored.removed = {file: len(keys) for file, keys in removed.items()}
        return self._end(run, stored, (given, confirmed, removed), dry_run=options.dry_run)

    def _mapped_rows(self, run: SyncRun, *, missing: bool) -> tuple[Listing, Keys, Keys]:
        """The rows of all records that aren't gone; their keys, and the keys of those that the run has confirmed."""
        listing = self._listing(run, confirmed=False)
        given = keys_in(listing)
        if not missing:
            return listing, given, given
        sure = self._listing(run, confirmed=True)
        return listing, given, given if sure.problems else keys_in(sure)

    def _listing(self, run: SyncRun, *, confirmed: bool) -> Listing:
        selection = Selection(run.sync_id, run.is_full, confirmed)
        return self._mapped(staged_tables(self.engine, self.wanted, self.properties, selection)).tables()

    def _mapped(self, tables: Sequence[RawTable]) -> MappedSource:
        return MappedSource(self.wanted.mapping, tables, SOURCE, self.program.catalogue)

    def _agreed_absent(self, run: SyncRun, given: Keys) -> Keys:
        """The rows that this sync of everything doesn't give, and that an earlier one didn't give either."""
        if not run.is_full:
            return {}
        with reading(self.engine) as connection:
            return absent_rows(connection, given, before=run.sync_id)

    def _import(self, listing: Listing, *, dry_run: bool, progress: Progress | None) -> Imported:
        return import_source(
            self.engine,
            self.program,
            _Synced(listing),
            today=self.today,
            at=self.now(),
            dry_run=dry_run,
            by=BY,
            progress=progress,
        )

    def _end(
        self, run: SyncRun, stored: Stored, rows: tuple[Keys, Keys, Keys] | None = None, *, dry_run: bool
    ) -> Stored:
        """Record how the run ended, and with a complete one which rows it gave and which records it didn't find."""
        if dry_run and stored.outcome.is_complete:
            stored.outcome = Outcome.TRIED
        end = {"outcome": stored.outcome, "finished_at": as_ms(self.now()), "counts": json.dumps(stored.counts)}
        with writing(self.engine, SYNC_LOCK) as connection:
            if rows and stored.outcome.is_complete:
                marked = record_rows(connection, run.sync_id, *rows)
                stored.marked = {file: len(keys) for file, keys in marked.items()}
                if run.is_full:
                    stored.missing = settle_missing(connection, run.sync_id, self.types)
            save(connection, run.sync_id, **end, message=stored.message)
        return stored


def _falls(before: Mapping[str, int], now: Mapping[str, int]) -> list[Fall]:
    """The counts that are more than a fifth below what they were."""
    return [
        Fall(what, count, now[what])
        for what, count in before.items()
        if what in now and what != _COMES_AND_GOES and (count - now[what]) * _FALL > count
    ]
