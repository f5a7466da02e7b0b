"""Staged records: kept when they change, marked when a complete sync doesn't find them (data#hubspot-removals)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, not_, or_, select, update

from tiercore.ingest.staging.types import RawRecord
from tiercore.storage.bulk import chunks, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.synced import StagedRecordRow

_staged = table(StagedRecordRow)
_KEY = (_staged.c.object_type, _staged.c.record_id)
_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records a sync takes: all that are there. With `full`, the ones that it and an earlier complete sync didn't
    find are gone; with `confirmed`, those that it didn't find itself, or the last complete one, are left out, too.
    """

    sync_id: int
    full: bool
    confirmed: bool = False


def stage(connection: Connection, object_type: str, records: Sequence[RawRecord], sync_id: int) -> int:
    """Keep records that a sync has read; how many are new or differ from what was kept.

    Of one record that comes twice, the one that was changed later counts.
    """
    latest = {each.record_id: each for each in sorted(records, key=lambda record: record.updated_at)}
    stored = _stored(connection, object_type, list(latest))
    added, changed, touched = [], [], []
    for record_id, record in latest.items():
        row, before = _row(object_type, record), stored.get(record_id)
        if before is None:
            added.append({**row, "changed_in": sync_id, "seen_in": sync_id})
        elif row["updated_at"] >= before["updated_at"] and _content(row) != _content(before):
            changed.append({**row, "changed_in": sync_id})
        elif row["updated_at"] > before["updated_at"]:
            touched.append({**row, "changed_in": before["changed_in"]})
    if added:
        connection.execute(insert(_staged), added)
    if changed or touched:
        _update(connection, [*changed, *touched])
    _see(connection, object_type, list(stored), sync_id)
    return len(added) + len(changed)


def count_staged(connection: Connection, object_type: str) -> int:
    """How many records of a type are staged."""
    return connection.scalar(select(func.count()).where(_staged.c.object_type == object_type)) or 0


def count_seen(connection: Connection, object_type: str, sync_id: int) -> int:
    """How many records of a type a sync has read so far."""
    seen = select(func.count()).where(_staged.c.object_type == object_type, _staged.c.seen_in == sync_id)
    return connection.scalar(seen) or 0


def staged(connection: Connection, object_type: str, selection: Selection) -> Iterator[Any]:
    """The selected records of a type, by id: each with record_id, properties and associated."""
    columns = (_staged.c.record_id, _staged.c.properties, _staged.c.associated)
    chosen = select(*columns).where(_staged.c.object_type == object_type, _taken(selection))
    last = ""
    while rows := connection.execute(
        chosen.where(_staged.c.record_id > last).order_by(_staged.c.record_id).limit(_AT_A_TIME)
    ).all():
        for row in rows:
            yield row.record_id, json.loads(row.properties), json.loads(row.associated)
        last = rows[-1].record_id


def ids_of(connection: Connection, object_type: str, selection: Selection) -> frozenset[str]:
    """The ids of the selected records of a type."""
    chosen = select(_staged.c.record_id).where(_staged.c.object_type == object_type, _taken(selection))
    return frozenset(connection.scalars(chosen))


def has_changed_since(connection: Connection, sync_id: int) -> bool:
    """Whether a later sync than this has changed any record."""
    return connection.scalar(select(_staged.c.record_id).where(_staged.c.changed_in > sync_id).limit(1)) is not None


def has_missing(connection: Connection, selection: Selection, object_types: Sequence[str]) -> bool:
    """Whether any staged record isn't confirmed: a full sync, or the last one before, hasn't found it."""
    there = _taken(replace(selection, confirmed=True))
    missing = select(_staged.c.record_id).where(not_(there), _staged.c.object_type.in_(object_types))
    return connection.scalar(missing.limit(1)) is not None


def settle_missing(connection: Connection, sync_id: int, object_types: Sequence[str]) -> int:
    """After a full sync: forget what this and an earlier one didn't find, and mark what only this one didn't. How many
    are newly marked. Done twice for one sync, by two processes, it forgets nothing more.
    """
    unseen = and_(_staged.c.seen_in < sync_id, _staged.c.object_type.in_(object_types))
    connection.execute(delete(_staged).where(unseen, _staged.c.missing_since < sync_id))
    return connection.execute(update(_staged).where(unseen).values(missing_since=sync_id)).rowcount


def _taken(selection: Selection) -> Any:
    there = _staged.c.missing_since.is_(None)
    seen = _staged.c.seen_in >= selection.sync_id
    if not selection.full:
        return there if selection.confirmed else _staged.c.record_id.is_not(None)
    return seen if selection.confirmed else or_(seen, there)


def _stored(connection: Connection, object_type: str, ids: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for chunk in chunks(ids):
        rows = select(_staged).where(_staged.c.object_type == object_type, _staged.c.record_id.in_(chunk))
        found |= {row["record_id"]: row for row in connection.execute(rows).mappings()}
    return found


def _row(object_type: str, record: RawRecord) -> dict[str, Any]:
    kept = {name: value for name, value in record.properties.items() if value is not None}
    return {
        "object_type": object_type,
        "record_id": record.record_id,
        "properties": json.dumps(kept, ensure_ascii=False, sort_keys=True),
        "associated": json.dumps({name: ids for name, ids in record.associated.items() if ids}, sort_keys=True),
        "updated_at": as_ms(record.updated_at),
    }


def _content(row: Any) -> tuple[str, str]:
    return row["properties"], row["associated"]


def _update(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    values: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("properties", "associated", "updated_at", "changed_in")
    }
    key = [column == bindparam(f"new_{column.name}") for column in _KEY]
    renamed = [{f"new_{name}": value for name, value in row.items()} for row in rows]
    connection.execute(update(_staged).where(*key).values(values), renamed)


def _see(connection: Connection, object_type: str, ids: Sequence[str], sync_id: int) -> None:
    for chunk in chunks(ids):
        these = (_staged.c.object_type == object_type, _staged.c.record_id.in_(chunk))
        stale = or_(_staged.c.seen_in < sync_id, _staged.c.missing_since.is_not(None))
        connection.execute(update(_staged).where(*these, stale).values(seen_in=sync_id, missing_since=None))
