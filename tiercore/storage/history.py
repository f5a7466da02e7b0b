"""Recording what an import or a rebuild changes in the past, while it is being done (how-tiers-work#hindsight)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from tiercore.rating.hindsight import Span, Step, span_of, steps_between
from tiercore.rating.timeline import Balance, balance_on
from tiercore.storage.bulk import chunks, table
from tiercore.storage.moments import as_ms
from tiercore.storage.occasions import COMMAND_LINE, Occasion, Origin
from tiercore.storage.reconcile import Count
from tiercore.storage.tables.derived import DerivedRow
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.storage.watching import CombinedOn

ROWS_KEPT = 100
ALWAYS = date.min.toordinal()  # the day of a row that counts on every day, like a client's country
_partner = table(PartnerRow)
_log, _first, _correction, _entry = (
    table(model) for model in (ImportRow, FirstImportRow, CorrectionRow, CorrectionEntryRow)
)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of `file` that an import added, changed or removed, with its `key`; it counts from `day` (an ordinal,
    perhaps ALWAYS) on.

    `partners` are those that the row names, before and after; none where it is about the client alone. `columns` has
    each column that changed, before and after.
    """

    file: str
    key: str
    change: str
    client_id: str
    partners: frozenset[str]
    day: int
    columns: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PartnerPast:
    """How an import changed a partner's past; `now` is the balance of today, in micropoints. `rows` are those kept of
    the `total` through which it did.
    """

    partner_id: str
    name: str
    span: Span
    now: int
    rows: tuple[RowChange, ...]
    total: int


class Recorder:
    """What one import or rebuild changes in the past, as of `today`; make it before anything is written.

    Partners that weren't stored before are new: their past isn't corrected, it begins. So does that of all others with
    the first import on record (`begins_record`). An import is said to change the days that were over when the import
    before it was made, any other occasion those before today.
    """

    def __init__(
        self, connection: Connection, occasion: Occasion, today: date, at: datetime, origin: Origin = COMMAND_LINE
    ) -> None:
        self._origin = origin
        self._connection, self._occasion, self._today, self._at = connection, occasion, today, at
        self._former = frozenset(connection.scalars(select(_partner.c.partner_id)))
        self._owners: dict[str, tuple[str, ...]] = {}
        self._corrected = set[str]()
        self._version: int | None = None
        self._spans: list[tuple[str, Span, int]] = []
        self._last = self._day_of_last_import()
        self._covered = self._last_day_covered()

    @property
    def is_watching(self) -> bool:
        """Whether any partner has a past that could change."""
        return bool(self._former) and not self.begins_record

    @property
    def begins_record(self) -> bool:
        """Whether partners were stored, but no import of them is on record: what is news and what isn't is unknown."""
        return self._occasion.is_import and self._last is None and bool(self._former)

    def owned(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Pairs of a client and a partner that has, or had, credits from it; only an import has rows to name."""
        if not self._occasion.is_import:
            return
        for client_id, partner_id in pairs:
            known = self._owners.get(client_id, ())
            if partner_id in self._former and partner_id not in known:
                self._owners[client_id] = (*known, partner_id)

    def compare(self, partner_id: str, former: Sequence[Balance], timeline: Sequence[Balance]) -> None:
        """Record how the timeline differs from the former one, which it replaces. Both ascend by day."""
        if partner_id not in self._former:
            return
        steps = list(steps_between(former, timeline, self._today.toordinal()))
        self.moved(partner_id, steps, lambda _, day: balance_on(timeline, date.fromordinal(day)).combined)

    def moved(self, partner_id: str, steps: Sequence[Step], combined_on: CombinedOn) -> None:
        """Record the steps up to today by which the timeline has moved."""
        today = self._today.toordinal()
        past = [each for each in steps if each.day <= today]
        if not past or partner_id not in self._former:
            return
        if self._last is not None:
            self._record_steps(partner_id, past)
        if span := span_of(past, self._covered):
            self._spans.append((partner_id, span, combined_on(partner_id, today)))

    def finish(self, counts: Mapping[str, Count], changes: Iterable[RowChange]) -> list[PartnerPast]:
        """Record the import itself, and the rows behind its corrections; the corrected partners, most points first."""
        day = self._today.toordinal()
        row = {"import_id": self._import_id(), "imported_at": as_ms(self._at), "day": day}
        described = {
            "known_until": self._covered,
            "cause": self._occasion.value,
            "counts": json.dumps(_numbers(counts)),
        }
        self._connection.execute(
            insert(_log), [{**row, **described, "source": self._origin.source, "imported_by": self._origin.by}]
        )
        stored = self._connection.execute(select(_partner.c.partner_id, _partner.c.name))
        names = {row.partner_id: str(row.name) for row in stored}
        new = sorted(names.keys() - self._former)
        self._forget([*new, *sorted(self._former - names.keys())])
        self._record_new(new)
        kept = self._record_rows(changes) if self._corrected else {}
        found = [
            PartnerPast(partner_id, names[partner_id], span, now, *self._behind(kept.get(partner_id, ())))
            for partner_id, span, now in self._spans
            if partner_id in names
        ]
        return sorted(found, key=lambda each: (-abs(each.span.micropoints), each.partner_id))

    def _behind(self, rows: Sequence[RowChange]) -> tuple[tuple[RowChange, ...], int]:
        """The first of a partner's rows that count on the days that were over, and how many there are."""
        return counting(rows, self._covered, len(rows))

    def _day_of_last_import(self) -> int | None:
        imports = _log.c.cause.in_([each.value for each in Occasion if each.is_import])
        last = select(_log.c.day).where(imports).order_by(_log.c.import_id.desc()).limit(1)
        return self._connection.scalar(last)

    def _last_day_covered(self) -> int:
        """The last day that was over when the import before this one was made; none (0) where none is on record."""
        today = self._today.toordinal()
        if not self._occasion.is_import:
            return today - 1
        return 0 if self._last is None else min(self._last, today) - 1

    def _record_steps(self, partner_id: str, steps: Iterable[Step]) -> None:
        key = {"partner_id": partner_id, "import_id": self._import_id()}
        self._connection.execute(insert(_correction), [{**key, "day": day, **shift._asdict()} for day, shift in steps])
        self._corrected.add(partner_id)

    def _import_id(self) -> int:
        """The data's version, which the import has increased by now."""
        if self._version is None:
            self._version = self._connection.scalars(select(table(DerivedRow).c.version)).one()
        return self._version

    def _record_new(self, partner_ids: Sequence[str]) -> None:
        import_id, day = self._import_id(), self._today.toordinal()
        rows = [{"partner_id": each, "import_id": import_id, "day": day} for each in partner_ids]
        if rows:
            self._connection.execute(insert(_first), rows)

    def _forget(self, partner_ids: Sequence[str]) -> None:
        """Delete what is known of partners that are gone or come back: they are new."""
        for source in (_first, _correction, _entry):
            for chunk in chunks(partner_ids):
                self._connection.execute(delete(source).where(source.c.partner_id.in_(chunk)))
        self._corrected.difference_update(partner_ids)

    def _record_rows(self, changes: Iterable[RowChange]) -> dict[str, list[RowChange]]:
        """Record the rows of each corrected partner's clients, the first by day; all of them, by partner."""
        found: dict[str, list[RowChange]] = defaultdict(list)
        for each in changes:
            if each.day <= self._today.toordinal():
                owners = each.partners.union(self._owners.get(each.client_id, ()))
                for partner_id in owners & self._corrected:
                    seen = _seen_by(partner_id, each)
                    if seen.key or each.day <= self._covered:  # another partner's news is nobody else's
                        found[partner_id].append(seen)
        for partner_id, rows in found.items():
            rows.sort(key=_place)
            key = {"partner_id": partner_id, "import_id": self._import_id(), "total": len(rows)}
            kept = [{**key, "number": number, **_entry_row(row)} for number, row in enumerate(rows[:ROWS_KEPT])]
            self._connection.execute(insert(_entry), kept)
        return found


def _numbers(counts: Mapping[str, Count]) -> dict[str, tuple[int, ...]]:
    return {file: (each.added, each.changed, each.same, each.removed) for file, each in counts.items()}


def _seen_by(partner_id: str, change: RowChange) -> RowChange:
    """The row as the partner may see it: what another partner's row says is left out, and so is its day."""
    if not change.partners or change.partners == {partner_id}:
        return change
    if partner_id in change.partners:
        return replace(change, columns={})
    return replace(change, key="", columns={}, day=ALWAYS)


def _place(change: RowChange) -> tuple[object, ...]:
    """Where a row stands among the partner's: the same, in whatever order the database finds them."""
    return change.day, change.file, change.key, change.client_id, change.change, sorted(change.partners)


def counting(rows: Sequence[RowChange], until: int, total: int) -> tuple[tuple[RowChange, ...], int]:
    """Those of the first rows of `total` that count on or before the day, and how many do, as far as that is known."""
    found = tuple(each for each in rows if each.day <= until)
    return found[:ROWS_KEPT], total if len(found) == len(rows) else len(found)


def _entry_row(change: RowChange) -> dict[str, Any]:
    return {
        "client_id": change.client_id,
        "file": change.file,
        "entry_key": change.key,
        "change": change.change,
        "day": change.day,
        "columns": json.dumps(change.columns, ensure_ascii=False),
    }
