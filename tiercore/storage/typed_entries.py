"""What was typed in Slack, as stored: each entry with its key and who typed it (data#typed)."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tiercore.facts.typed import Decision
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.typed import TypedEntryRow, TypedMatchRow
from tiercore.storage.versions import change_partners

Cells = Mapping[str, str]
Key = tuple[str, ...]
_entry, _match = table(TypedEntryRow), table(TypedMatchRow)


class Ended(StrEnum):
    """How a typed entry ended: corrected, withdrawn, left to a file's row, or listed in a people.csv."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    FILE = "file"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """A row of `file` that someone typed: its `key`, its `cells` by column, and those of the row that it changed.

    `before` is None where it added the row. `partner_id` and `client_id` are empty where it is about none. It holds
    until `ended`.
    """

    entry_id: str
    file: str
    key: Key
    partner_id: str
    client_id: str
    cells: Cells
    before: Cells | None
    entered_by: str
    entered_name: str
    entered_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class TypedMatch:
    """A row of `file` from `source` that may be what someone typed; `decision` is None until somebody decides."""

    match_id: str
    entry_id: str
    partner_id: str
    file: str
    key: Key
    cells: Cells
    source: str
    found_at: datetime
    decision: Decision | None = None


def in_force(connection: Connection, *, file: str | None = None) -> list[TypedEntry]:
    """The typed entries in force, of one file or all, in the order in which they were typed."""
    statement = select(_entry).where(_entry.c.ended_at.is_(None))
    if file is not None:
        statement = statement.where(_entry.c.file == file)
    return [_entry_of(row) for row in connection.execute(statement.order_by(_entry.c.entered_at, _entry.c.entry_id))]


def entry(connection: Connection, entry_id: str) -> TypedEntry | None:
    """One typed entry, None where there is none."""
    row = connection.execute(select(_entry).where(_entry.c.entry_id == entry_id)).one_or_none()
    return _entry_of(row) if row else None


def typed_by(connection: Connection, email: str, limit: int) -> list[TypedEntry]:
    """The latest entries in force that this person typed, newest first."""
    own = (_entry.c.entered_by == email) & _entry.c.ended_at.is_(None)
    rows = connection.execute(select(_entry).where(own).order_by(_entry.c.entered_at.desc()).limit(limit))
    return [_entry_of(row) for row in rows]


def entry_with_key(connection: Connection, file: str, key: Key) -> TypedEntry | None:
    """The entry in force for a row of the file."""
    same = (_entry.c.file == file) & (_entry.c.entry_key == _key_text(key)) & _entry.c.ended_at.is_(None)
    row = connection.execute(select(_entry).where(same)).first()
    return _entry_of(row) if row else None


def add(connection: Connection, new: TypedEntry) -> None:
    """Store a new typed entry."""
    row = {
        "entry_id": new.entry_id,
        "file": new.file,
        "entry_key": _key_text(new.key),
        "partner_id": new.partner_id,
        "client_id": new.client_id,
        "cells": json.dumps(dict(new.cells), sort_keys=True),
        "before": json.dumps(dict(new.before), sort_keys=True) if new.before is not None else "",
        "entered_by": new.entered_by,
        "entered_name": new.entered_name,
        "entered_at": as_ms(new.entered_at),
        "approved_by": new.approved_by,
        "approved_at": as_ms(new.approved_at) if new.approved_at else None,
        "ended_by": "",
        "outcome": "",
        "reason": "",
        "replaced_by": "",
    }
    connection.execute(insert(_entry), [row])
    change_partners(connection, [new.partner_id])


def end(
    connection: Connection,
    entry_ids: Collection[str],
    outcome: Ended,
    at: datetime,
    *,
    by: str = "",
    reason: str = "",
    replaced_by: str = "",
) -> None:
    """The entries hold no longer."""
    values = {"ended_at": as_ms(at), "ended_by": by, "outcome": outcome.value, "reason": reason}
    open_ones = _entry.c.entry_id.in_(list(entry_ids)) & _entry.c.ended_at.is_(None)
    owners = connection.scalars(select(_entry.c.partner_id).where(open_ones)).all()
    connection.execute(update(_entry).where(open_ones).values(**values, replaced_by=replaced_by))
    change_partners(connection, owners)


def matches(connection: Connection, *, undecided: bool = False, untold: bool = False) -> list[TypedMatch]:
    """The rows that may be what someone typed; only those that nobody has decided about, or was asked about."""
    statement = select(_match).order_by(_match.c.found_at, _match.c.match_id)
    if undecided or untold:
        statement = statement.where(_match.c.decision == "")
    if untold:
        statement = statement.where(_match.c.told_at.is_(None))
    return [_match_of(row) for row in connection.execute(statement)]


def matches_of(connection: Connection, entry_id: str) -> list[TypedMatch]:
    """The rows that were held back because of this entry, and that don't count beside it."""
    held = (_match.c.entry_id == entry_id) & _match.c.decision.in_(["", Decision.MINE.value])
    return [_match_of(row) for row in connection.execute(select(_match).where(held).order_by(_match.c.match_id))]


def move_matches(connection: Connection, entry_id: str, to: str) -> None:
    """The rows that were held back because of an entry are so because of the one that corrects it."""
    connection.execute(update(_match).where(_match.c.entry_id == entry_id).values(entry_id=to))


def match(connection: Connection, match_id: str) -> TypedMatch | None:
    """One of them, None where there is none."""
    row = connection.execute(select(_match).where(_match.c.match_id == match_id)).one_or_none()
    return _match_of(row) if row else None


def hold_back(connection: Connection, found: Sequence[TypedMatch]) -> None:
    """Store rows that may be what someone typed, in place of what was known of them: people are asked (again)."""
    if not found:
        return
    connection.execute(_match.delete().where(_match.c.match_id.in_([each.match_id for each in found])))
    connection.execute(
        insert(_match),
        [
            {
                "match_id": each.match_id,
                "entry_id": each.entry_id,
                "partner_id": each.partner_id,
                "file": each.file,
                "row_key": _key_text(each.key),
                "cells": json.dumps(dict(each.cells), sort_keys=True),
                "source": each.source,
                "found_at": as_ms(each.found_at),
                "decision": "",
                "decided_by": "",
            }
            for each in found
        ],
    )


def forget(connection: Connection, match_ids: Sequence[str]) -> None:
    """Nobody has to decide about these rows any more."""
    connection.execute(_match.delete().where(_match.c.match_id.in_(match_ids)))


def decide(
    connection: Connection, match_id: str, decision: Decision, by: str, at: datetime, *, again: bool = False
) -> bool:
    """Record the decision; False where somebody has decided before, unless it may be decided `again`."""
    values = {"decision": decision.value, "decided_by": by, "decided_at": as_ms(at)}
    undecided = (_match.c.match_id == match_id) & (True if again else _match.c.decision == "")
    return connection.execute(update(_match).where(undecided).values(**values)).rowcount == 1


def told(connection: Connection, match_ids: Sequence[str], at: datetime) -> None:
    """People were asked about them."""
    connection.execute(update(_match).where(_match.c.match_id.in_(match_ids)).values(told_at=as_ms(at)))


def _key_text(key: Key) -> str:
    return json.dumps(list(key))


def _entry_of(row: Any) -> TypedEntry:
    return TypedEntry(
        row.entry_id,
        row.file,
        tuple(json.loads(row.entry_key)),
        row.partner_id,
        row.client_id,
        json.loads(row.cells),
        json.loads(row.before) if row.before else None,
        row.entered_by,
        row.entered_name,
        from_ms(row.entered_at),
        row.approved_by,
        from_ms(row.approved_at) if row.approved_at is not None else None,
        Ended(row.outcome) if row.outcome else None,
    )


def _match_of(row: Any) -> TypedMatch:
    return TypedMatch(
        row.match_id,
        row.entry_id,
        row.partner_id,
        row.file,
        tuple(json.loads(row.row_key)),
        json.loads(row.cells),
        row.source,
        from_ms(row.found_at),
        Decision(row.decision) if row.decision else None,
    )
