"""Storing what someone typed, correcting it and withdrawing it: each an import of one row (data#typed)."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tiercore.facts.typed import Decision
from tiercore.ingest.importing import Imported, import_typed
from tiercore.ingest.typed_rows import TypedRows
from tiercore.people.audit import record
from tiercore.people.types import Identity, InvalidChange
from tiercore.program import Program
from tiercore.storage import typed_entries
from tiercore.storage.typed_entries import Ended, TypedEntry, TypedMatch
from tiercore.typed.checking import Checked, may_change, may_propose_change, said
from tiercore.typed.types import LONGEST_REASON, Kind, NoSuchEntry, Rejected

_REFERRED_TO = "Other entries refer to this one. Withdraw those first."


def store(
    connection: Connection,
    program: Program,
    checked: Checked,
    by: Identity,
    now: datetime,
    today: date,
    *,
    approved_by: str = "",
) -> TypedEntry:
    """Store the row and who typed it. One that corrects a typed entry takes its place. Raises Rejected."""
    file, former = checked.draft.kind.file, checked.former
    _import(connection, program, TypedRows(file, checked.cells), by.email, now, today)
    before = former.before if former else checked.before
    entry = TypedEntry(
        secrets.token_hex(8),
        file,
        checked.key,
        checked.cells.get("partner_id", "") or checked.draft.partner_id,
        checked.cells.get("client_id", ""),
        checked.cells,
        before,
        by.email,
        by.name,
        now,
        approved_by,
        now if approved_by else None,
    )
    typed_entries.add(connection, entry)
    if former:
        typed_entries.end(connection, [former.entry_id], Ended.EDITED, now, by=by.email, replaced_by=entry.entry_id)
    what = f"{'corrected' if former else 'typed'} {checked.draft.kind.value.replace('_', ' ')}"
    record(connection, now, by.email, what, entry.partner_id or "everyone", ", ".join(entry.key))
    return entry


def withdraw(
    connection: Connection,
    program: Program,
    person: Identity,
    entry_id: str,
    reason: str,
    now: datetime,
    today: date,
    *,
    approved_by: str = "",
) -> TypedEntry:
    """Take a typed entry back: its row goes, or is as it was before. Raises NoSuchEntry, InvalidChange."""
    entry = typed_entries.entry(connection, entry_id)
    allowed = entry is not None and (may_change(person, entry) or (approved_by and may_propose_change(person, entry)))
    if entry is None or entry.ended or not allowed:
        raise NoSuchEntry
    _take_out(connection, program, entry, person.email, now, today)
    typed_entries.end(
        connection, [entry_id], Ended.WITHDRAWN, now, by=person.email, reason=reason.strip()[:LONGEST_REASON]
    )
    record(connection, now, person.email, "withdrew", entry.partner_id or "everyone", ", ".join(entry.key))
    return entry


def decide(
    connection: Connection,
    program: Program,
    person: Identity,
    match: TypedMatch,
    decision: Decision,
    now: datetime,
    today: date,
) -> None:
    """Which of two rows counts: the file's, the typed one, or both. Raises InvalidChange where that is decided."""
    entry = typed_entries.entry(connection, match.entry_id)
    if entry is None or entry.ended:
        raise InvalidChange("What was typed has been withdrawn, so the next import brings the other row by itself.")
    if decision is Decision.TWO and match.key == entry.key:
        raise InvalidChange("Both have the same ID, so only one of them can count.")
    if not typed_entries.decide(connection, match.match_id, decision, person.email, now):
        raise InvalidChange("Somebody has decided this already. Nothing was changed now.")
    if decision is Decision.FILE:
        if match.key != entry.key:
            _take_out(connection, program, entry, person.email, now, today)
        typed_entries.end(
            connection, [entry.entry_id], Ended.FILE, now, by=person.email, reason=f"{match.source} has it"
        )
    if decision is not Decision.MINE:
        _import(connection, program, TypedRows(match.file, match.cells), person.email, now, today)
    subject = ", ".join(entry.key)
    record(connection, now, person.email, f"decided: {decision.value}", entry.partner_id or "everyone", subject)


def kind_of(entry: TypedEntry) -> Kind:
    """What was typed; a changed agreement was ended."""
    if entry.file == Kind.AGREEMENT.file:
        return Kind.AGREEMENT_END if entry.before is not None else Kind.AGREEMENT
    return next(kind for kind in Kind if kind.file == entry.file)


def _take_out(connection: Connection, program: Program, entry: TypedEntry, by: str, now: datetime, today: date) -> None:
    source = TypedRows(entry.file, entry.before) if entry.before is not None else _removal(entry)
    try:
        _import(connection, program, source, by, now, today)
    except IntegrityError as error:
        raise InvalidChange(_REFERRED_TO) from error


def _removal(entry: TypedEntry) -> TypedRows:
    return TypedRows(entry.file, removed=[entry.key])


def _import(
    connection: Connection, program: Program, source: TypedRows, by: str, now: datetime, today: date
) -> Imported:
    imported = import_typed(connection, program, source, today=today, at=now, by=by)
    if imported.problems:
        raise Rejected(_by_column([(each.column, said(each)) for each in imported.problems]))
    return imported


def _by_column(errors: list[tuple[str, str]]) -> Mapping[str, str]:
    return {column.split("+")[0]: text for column, text in reversed(errors)}
