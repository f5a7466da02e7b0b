"""Syncs on record: begun, resumed, ended; one at a time over all processes (data#hubspot)."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from tiercore.ingest.staging.types import Cursor
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.synced import SyncLeaseRow, SyncRunRow

FULL_EVERY = timedelta(hours=24)
RESUMED_WITHIN = timedelta(days=3)
OVERLAP = timedelta(minutes=15)  # a search finds a change a few minutes after it was made
LEASE = timedelta(minutes=5)
_run, _lease = table(SyncRunRow), table(SyncLeaseRow)


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


class AnotherSync(RuntimeError):
    """Another process syncs; the message says which and until when."""


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


def begin(connection: Connection, *, full: bool, mapping: str, now: datetime) -> SyncRun:
    """The sync to do: the one that was interrupted, or a new one, of what has changed since the last that was read to
    its end. A new one is of everything, `full` or not, where none such is on record, or none within FULL_EVERY.
    """
    last = last_run(connection)
    if last is not None and last.outcome.can_go_on:
        fits = last.mapping == mapping and (last.is_full or not full) and now - last.started_at < RESUMED_WITHIN
        if fits:
            save(connection, last.sync_id, outcome=Outcome.RUNNING, message="")
            return _found(connection, last.sync_id)
        save(connection, last.sync_id, outcome=Outcome.ABANDONED, finished_at=as_ms(now))
    sync_id = (connection.scalar(select(func.max(_run.c.sync_id))) or 0) + 1
    since = None if full or _full_is_due(connection, mapping, now) else _last_read(connection)
    row = {
        "sync_id": sync_id,
        "is_full": since is None,
        "since": None if since is None else as_ms(since - OVERLAP),
        "started_at": as_ms(now),
        "outcome": Outcome.RUNNING.value,
        "mapping": mapping,
        "progress": "{}",
        "counts": "{}",
        "calls": 0,
        "changed": 0,
        "message": "",
    }
    connection.execute(insert(_run), [row])
    return _found(connection, sync_id)


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
    return _found(connection, run.sync_id)


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


def take_lease(connection: Connection, owner: str, now: datetime) -> None:
    """Take the lease, or have it a little longer. Raises AnotherSync."""
    row = connection.execute(select(_lease)).mappings().first()
    until = as_ms(now + LEASE)
    if row is None:
        first = {"lease_id": 1, "owner": owner, "leased_until": until, "day": now.toordinal(), "calls": 0}
        connection.execute(insert(_lease), [{**first, "not_before": 0}])
        return
    if row["owner"] not in ("", owner) and row["leased_until"] > as_ms(now) and not _has_ended(row["owner"], owner):
        ends = from_ms(row["leased_until"])
        raise AnotherSync(
            f"another sync is running ({row['owner']}). It has until {ends:%H:%M:%S} UTC to read its next page: try "
            "again after that"
        )
    connection.execute(update(_lease).values(owner=owner, leased_until=until))


def give_back_lease(connection: Connection, owner: str) -> None:
    """Let the next sync begin."""
    connection.execute(update(_lease).where(_lease.c.owner == owner).values(owner="", leased_until=0))


def is_leased(connection: Connection, now: datetime) -> bool:
    """Whether a sync is running, as far as is known."""
    row = connection.execute(select(_lease)).mappings().first()
    return row is not None and row["owner"] != "" and row["leased_until"] > as_ms(now)


def calls_today(connection: Connection, now: datetime) -> int:
    """How many calls syncs have made on this day (UTC)."""
    row = connection.execute(select(_lease)).mappings().first()
    return row["calls"] if row is not None and row["day"] == now.toordinal() else 0


def count_calls(connection: Connection, calls: int, now: datetime) -> None:
    """Count calls toward the day's."""
    total = calls_today(connection, now) + calls
    connection.execute(update(_lease).values(day=now.toordinal(), calls=total))


def not_before(connection: Connection) -> datetime | None:
    """From when on the other system may be called again; None where it hasn't said."""
    row = connection.execute(select(_lease.c.not_before)).scalar()
    return from_ms(row) if row else None


def wait_until(connection: Connection, moment: datetime | None) -> None:
    """Call the other system no sooner than this."""
    connection.execute(update(_lease).values(not_before=0 if moment is None else as_ms(moment)))


def _full_is_due(connection: Connection, mapping: str, now: datetime) -> bool:
    last = last_complete(connection, full=True)
    return last is None or last.mapping != mapping or now - last.started_at >= FULL_EVERY


def _last_read(connection: Connection) -> datetime | None:
    """When the last sync that read all types began."""
    started = select(_run.c.started_at).where(_run.c.read_at.is_not(None)).order_by(_run.c.sync_id.desc()).limit(1)
    ms = connection.scalar(started)
    return None if ms is None else from_ms(ms)


def _has_ended(other: str, own: str) -> bool:
    """Whether a lease's owner was a process of this machine that is gone: "host:pid:token"."""
    host, pid, _ = other.split(":", 2)
    own_host, own_pid, _ = own.split(":", 2)
    if host != own_host or pid == own_pid:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _found(connection: Connection, sync_id: int) -> SyncRun:
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
