"""SQL for what was corrected in hindsight, and the way from its rows to the core's types."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, cast, func, or_, select

from tiercore.questions.hindsight import CorrectedRow, Correction, Hindsight, KnownAt
from tiercore.rating.hindsight import NO_SHIFT, Shift
from tiercore.storage.bulk import table
from tiercore.storage.history import ALWAYS
from tiercore.storage.occasions import Occasion
from tiercore.storage.reader import Query
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import ClientRow

Row = tuple[Any, ...]
_log, _first, _client = table(ImportRow), table(FirstImportRow), table(ClientRow)
_correction, _entry = table(CorrectionRow), table(CorrectionEntryRow)
_MOST_ROWS = 500
_SIZE = len(Shift._fields)
_DAY = 5


def _later(source: Any) -> Any:
    """The partner's rows of imports made after a state of the data."""
    return and_(
        source.c.partner_id == bindparam("partner_id"),
        source.c.import_id > bindparam("known_version"),
        _log.c.day > bindparam("known_day"),
    )


def _sums(condition: Any) -> list[Any]:
    columns = (_correction.c[name] for name in Shift._fields)
    return [cast(func.sum(case((condition, column), else_=0)), BigInteger) for column in columns]


_IS_IMPORT = or_(*(_log.c.cause == each.value for each in Occasion if each.is_import))
_day = _correction.c.day
_COVERED = or_(_day <= _log.c.known_until, _day <= bindparam("known_of"))
_IN_HINDSIGHT = and_(_day > bindparam("since"), _day <= bindparam("day"), _COVERED)

# For each import: what it added to the balance on `since`, and from then on to that of days that were known before.
CORRECTIONS = (
    select(
        _log.c.import_id,
        _log.c.day,
        _log.c.cause,
        _log.c.known_until,
        *_sums(_day <= bindparam("since")),
        *_sums(_IN_HINDSIGHT),
    )
    .select_from(_correction.join(_log, _log.c.import_id == _correction.c.import_id))
    .where(_later(_correction))
    .group_by(_log.c.import_id, _log.c.day, _log.c.cause, _log.c.known_until)
    .order_by(_log.c.import_id)
)

CORRECTED_ROWS: Select[Any] = (
    select(
        _entry.c.import_id,
        _entry.c.file,
        _entry.c.entry_key,
        _entry.c.change,
        _entry.c.client_id,
        _client.c.name,
        _entry.c.day,
        _entry.c.columns,
        _entry.c.total,
    )
    .select_from(
        _entry.join(_log, _log.c.import_id == _entry.c.import_id).outerjoin(
            _client, _client.c.client_id == _entry.c.client_id
        )
    )
    .where(_later(_entry))
    .order_by(_entry.c.import_id, _entry.c.number)
    .limit(_MOST_ROWS)
)


def _of_first(name: str) -> Any:
    own = select(_first.c[name]).where(_first.c.partner_id == bindparam("partner_id")).scalar_subquery()
    first = select(_log.c[name]).where(_IS_IMPORT).order_by(_log.c.import_id).limit(1)
    return func.coalesce(own, first.scalar_subquery())


# The first import on record that has the partner, and from which on its corrections are: its number and day.
FIRST_ON_RECORD = select(_of_first("import_id"), _of_first("day"))


# The very first import on record: its number and day.
FIRST_IMPORT = select(_log.c.import_id, _log.c.day).where(_IS_IMPORT).order_by(_log.c.import_id).limit(1)


def known_parameters(known: KnownAt) -> dict[str, int]:
    """The state of the data, as the parameters after which imports are looked for."""
    if known.version is not None:
        return {"known_version": known.version, "known_day": 0}
    return {"known_version": 0, "known_day": known.day.toordinal()}


def hindsight_queries(partner_id: str, since: date, end: date, known: KnownAt) -> tuple[Query, Query, Query]:
    """What to read for hindsight_from: what has been corrected after `known` of the days from `since` to `end`."""
    key = {"partner_id": partner_id}
    later = {**key, **known_parameters(known)}
    window = {**later, "since": since.toordinal(), "day": end.toordinal(), "known_of": known.day.toordinal()}
    return (CORRECTIONS, window), (CORRECTED_ROWS, later), (FIRST_ON_RECORD, key)


def hindsight_from(
    since: date, end: date, known: KnownAt, corrections: Sequence[Row], rows: Sequence[Row], first: Sequence[Row]
) -> Hindsight:
    """The corrections after `known`, from the rows of hindsight_queries."""
    kept: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        kept[row[0]].append(row[1:])
    found = (_correction_of(row, since, end, known, kept) for row in corrections)
    import_id, day = first[0]
    begins = None if day is None else date.fromordinal(day)
    reaches = begins is not None and (begins <= known.day if known.version is None else import_id <= known.version)
    return Hindsight(known, begins, reaches, tuple(each for each in found if each.is_one))


def _correction_of(row: Row, since: date, end: date, known: KnownAt, kept: Mapping[int, list[Row]]) -> Correction:
    import_id, day, cause, known_until, *sums = row
    at_since, within = Shift(*sums[:_SIZE]), Shift(*sums[_SIZE:])
    until = max(since, known.day).toordinal()
    until = min(end.toordinal(), until if within == NO_SHIFT else max(until, known_until))
    rows = kept.get(import_id, [])
    counting = [each for each in rows if each[_DAY] <= until]
    total = rows[0][-1] if rows and len(counting) == len(rows) else len(counting)
    return Correction(import_id, date.fromordinal(day), cause, at_since, within, tuple(map(_row_of, counting)), total)


def _row_of(row: Row) -> CorrectedRow:
    file, key, change, client_id, client, day, columns, _ = row
    since = None if day == ALWAYS else date.fromordinal(day)
    return CorrectedRow(file, key, change, client_id, client, since, json.loads(columns))
