"""The imports on record, and what each changed in the past (how-tiers-work#hindsight)."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from tiercore.rating.hindsight import Shift, Span, Step, span_of
from tiercore.storage.bulk import chunks, table
from tiercore.storage.history import RowChange, counting
from tiercore.storage.moments import from_ms
from tiercore.storage.occasions import Occasion
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, ImportRow
from tiercore.storage.tables.ledger import PartnerRow

_log, _partner = table(ImportRow), table(PartnerRow)
_correction, _entry = table(CorrectionRow), table(CorrectionEntryRow)


@dataclass(frozen=True, slots=True)
class Corrected:
    """How an import changed a partner's past; `rows` are those kept of the `total` through which it did."""

    partner_id: str
    name: str
    span: Span
    rows: tuple[RowChange, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LoggedImport:
    """An import or rebuild on record, made `at` a moment (UTC) for a `day`; `counts` has the rows added, changed, same
    and removed by file, `corrected` the partners whose past it changed, most points first. `source` is what the rows
    came from, `by` who brought them: empty for the command line.
    """

    import_id: int
    at: datetime
    day: date
    occasion: Occasion
    counts: Mapping[str, Sequence[int]]
    corrected: tuple[Corrected, ...]
    source: str = ""
    by: str = ""


def logged_imports(connection: Connection, limit: int, partner_id: str | None = None) -> list[LoggedImport]:
    """The latest imports, newest first; with a partner, those that changed its past."""
    statement = select(_log).order_by(_log.c.import_id.desc()).limit(limit)
    if partner_id is not None:
        own = select(_correction.c.import_id).where(_correction.c.partner_id == partner_id)
        statement = statement.where(_log.c.import_id.in_(own))
    return [_logged(connection, row, partner_id) for row in connection.execute(statement).all()]


def _logged(connection: Connection, row: Any, partner_id: str | None) -> LoggedImport:
    corrected = _corrected(connection, row, partner_id)
    ordered = tuple(sorted(corrected, key=lambda each: (-abs(each.span.micropoints), each.partner_id)))
    counts = json.loads(row.counts)
    return LoggedImport(
        row.import_id,
        from_ms(row.imported_at),
        date.fromordinal(row.day),
        Occasion(row.cause),
        counts,
        ordered,
        row.source,
        row.imported_by,
    )


def _corrected(connection: Connection, log: Any, partner_id: str | None) -> list[Corrected]:
    of_import = [_correction.c.import_id == log.import_id, _correction.c.day <= log.known_until]
    if partner_id is not None:
        of_import.append(_correction.c.partner_id == partner_id)
    shifts = [_correction.c[name] for name in Shift._fields]
    columns = (_correction.c.partner_id, _partner.c.name, _correction.c.day, *shifts)
    joined = _correction.join(_partner, _partner.c.partner_id == _correction.c.partner_id)
    statement = select(*columns).select_from(joined).where(*of_import).order_by(_correction.c.day)
    steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for owner, name, day, *values in connection.execute(statement):
        steps[owner, name].append(Step(day, Shift(*values)))
    rows = _rows_of(connection, log, [owner for owner, _ in steps])
    return [
        Corrected(owner, name, span, *rows.get(owner, ((), 0)))
        for (owner, name), found in steps.items()
        if (span := span_of(found, log.known_until))
    ]


def _rows_of(connection: Connection, log: Any, owners: Sequence[str]) -> dict[str, tuple[tuple[RowChange, ...], int]]:
    """For each partner the rows kept that count by then, and how many there were."""
    found: dict[str, list[Any]] = defaultdict(list)
    for chunk in chunks(owners):
        of_import = _entry.c.import_id == log.import_id, _entry.c.partner_id.in_(chunk)
        for row in connection.execute(select(_entry).where(*of_import).order_by(_entry.c.number)):
            found[row.partner_id].append(row)
    return {
        owner: counting([_change_of(each) for each in rows], log.known_until, rows[0].total)
        for owner, rows in found.items()
    }


def _change_of(row: Any) -> RowChange:
    key, columns = row.entry_key, json.loads(row.columns)
    return RowChange(row.file, key, row.change, row.client_id, frozenset(), row.day, columns)
