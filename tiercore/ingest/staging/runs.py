"""Syncs on record: begun, resumed, ended (data#hubspot)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from tiercore.ingest.staging.types import Cursor
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.synced import SyncRunRow

FULL_EVERY = timedelta(hours=24)
RESUMED_WITHIN = timedelta(days=3)
OVERLAP = timedelta(minutes=15)  # a search finds a change a few minutes after it was made
_run = table(SyncRunRow)


class Outcome(StrEnum):
    """How a sync ended, or that it hasn't."""

    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    ABANDONED = "abandoned"
    STORED = "stored"
    UNCHANGED = "unchanged"
    HELD = "held"
    REFUSED = "refused"
    TRIED = "tried"

    @property
    def is_complete(self) -> bool:
        """Whether the ledger agrees with what the sync read."""
        return self in (Outcome.STORED, Outcome.UNCHANGED)

    @property
    def can_go_on(self) -> bool:
        """Whether the sync may be resumed: it hasn't read everything."""
        return self in (Outcome.RUNNING, Outcome.PAUSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a type of record is read, and how many records of it there were so far."""

    cursor: Cursor | None = field(default_factory=Cursor)
    records: int = 0

    @property
    def is_done(self) -> bool:
        """Whether all of them are read."""
        return self.cursor is None


@dataclass(frozen=True, slots=True)
class SyncRun:
    """A sync: of all records, or of those changed `since` a moment. `mapping` is the fingerprint of what it reads;
    `counts` has how many records of each type and rows of each file there were.
    """

    sync_id: int
    is_full: bool
    since: datetime | None
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    mapping: str
    progress: Mapping[str, Reading]
    counts: Mapping[str, int]
    calls: int
    changed: int
    message: str

    @property
    def records(self) -> int:
        """How many records it has read."""
        return sum(each.records for each in self.progress.values())

    def reading(self, object_type: str) -> Reading:
        """How far a type of record is read."""
        return self.progress.get(object_type, Reading())


def begin(connection: Connection, *, full: bool, mapping: str | None, now: datetime) -> SyncRun:
    """The sync to do: the one that was interrupted, or a new one, of what has changed since the last that was read to
    its end. A new one is of everything, `full` or not, where none such is on record, or none within FULL_EVERY.

    `mapping` is the fingerprint of what it reads; None where that isn't known, because it fails before.
    """
    last = last_run(connection)
    if last is not None and last.outcome.can_go_on:
        fits = last.mapping == mapping and (last.is_full or not full) and now - last.started_at < RESUMED_WITHIN
        if fits or mapping is None:
            save(connection, last.sync_id, outcome=Outcome.RUNNING, message="")
            return find(connection, last.sync_id)
        save(connection, last.sync_id, outcome=Outcome.ABANDONED, finished_at=as_ms(now))
    sync_id = (connection.scalar(select(func.max(_run.c.sync_id))) or 0) + 1
    since = None if full or _full_is_due(connection, mapping, now) else _last_read(connection)
    row = {
        "sync_id": sync_id,
        "is_full": since is None,
        "since": None if since is None else as_ms(since - OVERLAP),
        "started_at": as_ms(now),
        "outcome": Outcome.RUNNING.value,
        "mapping": mapping or "",
        "progress": "{}",
        "counts": "{}",
        "calls": 0,
        "changed": 0,
        "message": "",
    }
    connection.execute(insert(_run), [row])
    return find(connection, sync_id)


def save(connection: Connection, sync_id: int, **values: Any) -> None:
    """Change these columns of a sync."""
    connection.execute(update(_run).where(_run.c.sync_id == sync_id).values(**values))


def save_progress(
    connection: Connection, run: SyncRun, object_type: str, reading: Reading, *, calls: int, changed: int
) -> SyncRun:
    """Record how far a type is read, the calls made for it and the records that it changed; the run as it is now."""
    progress = json.loads(json.dumps({name: asdict(each) for name, each in run.progress.items()}))
    progress[object_type] = asdict(reading)
    counted = {"calls": _run.c.calls + calls, "changed": _run.c.changed + changed}
    save(connection, run.sync_id, progress=json.dumps(progress), **counted)
    return find(connection, run.sync_id)


def last_run(connection: Connection) -> SyncRun | None:
    """The latest sync on record."""
    row = connection.execute(select(_run).order_by(_run.c.sync_id.desc()).limit(1)).mappings().first()
    return None if row is None else _as_run(row)


def last_complete(connection: Connection, *, full: bool = False) -> SyncRun | None:
    """The latest sync with which the ledger agrees; with `full`, the latest of all records."""
    complete = select(_run).where(_run.c.outcome.in_([each.value for each in Outcome if each.is_complete]))
    if full:
        complete = complete.where(_run.c.is_full)
    row = connection.execute(complete.order_by(_run.c.sync_id.desc()).limit(1)).mappings().first()
    return None if row is None else _as_run(row)


def _full_is_due(connection: Connection, mapping: str | None, now: datetime) -> bool:
    last = last_complete(connection, full=True)
    return last is None or last.mapping != mapping or now - last.started_at >= FULL_EVERY


def _last_read(connection: Connection) -> datetime | None:
    """When the last sync that read all types began."""
    started = select(_run.c.started_at).where(_run.c.read_at.is_not(None)).order_by(_run.c.sync_id.desc()).limit(1)
    ms = connection.scalar(started)
    return None if ms is None else from_ms(ms)


def find(connection: Connection, sync_id: int) -> SyncRun:
    """The sync of this number."""
    return _as_run(connection.execute(select(_run).where(_run.c.sync_id == sync_id)).mappings().one())


def _as_run(row: Any) -> SyncRun:
    progress = {name: _as_reading(each) for name, each in json.loads(row["progress"]).items()}
    return SyncRun(
        row["sync_id"],
        row["is_full"],
        None if row["since"] is None else from_ms(row["since"]),
        from_ms(row["started_at"]),
        None if row["finished_at"] is None else from_ms(row["finished_at"]),
        Outcome(row["outcome"]),
        row["mapping"],
        progress,
        json.loads(row["counts"]),
        row["calls"],
        row["changed"],
        row["message"],
    )


def _as_reading(found: Mapping[str, Any]) -> Reading:
    cursor = found["cursor"]
    return Reading(None if cursor is None else Cursor(**cursor), found["records"])
