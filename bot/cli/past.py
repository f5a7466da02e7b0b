"""What imports and rebuilds changed in the past, in lines for the operator and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from handlers.views.parts.formats import count, points
from handlers.views.parts.hindsight import SHOWN_ROWS, row_record, span_text, through
from tiercore.facts.points import as_decimal
from tiercore.questions.hindsight import CorrectedRow
from tiercore.storage.history import ALWAYS, PartnerPast, RowChange
from tiercore.storage.import_log import Corrected, LoggedImport

SHOWN_PARTNERS = 10
RECORD_BEGINS = "The record begins now: later imports say what they change in the past."


def past_lines(past: Sequence[PartnerPast], *, begins_record: bool = False) -> Iterator[str]:
    """The partners whose past an import changed, the most points first; nothing where there are none."""
    if begins_record:
        yield RECORD_BEGINS
    if not past:
        return
    yield f"Changed in the past: {count(len(past), 'partner')}."
    for each in past[:SHOWN_PARTNERS]:
        yield f"  {each.name}: {span_text(each.span)} (now {points(each.now)}){_through(each.rows, each.total)}"
    if len(past) > SHOWN_PARTNERS:
        more = count(len(past) - SHOWN_PARTNERS, "more partner")
        yield f"  … and {more}: tierbot imports --limit 1 --json lists all."


def corrected_text(corrected: Corrected) -> str:
    """One partner of a logged import in one line."""
    return f"{corrected.name}: {span_text(corrected.span)}{_through(corrected.rows, corrected.total)}"


def as_record(logged: LoggedImport) -> dict[str, Any]:
    """A logged import as JSON."""
    names = ("added", "changed", "same", "removed")
    return {
        "import": logged.import_id,
        "at": logged.at.isoformat(timespec="seconds"),
        "on": logged.day.isoformat(),
        "occasion": logged.occasion.value,
        "source": logged.source,
        "by": logged.by,
        "files": {file: dict(zip(names, counts, strict=True)) for file, counts in logged.counts.items()},
        "corrected": [_corrected_record(each) for each in logged.corrected],
    }


def _corrected_record(corrected: Corrected) -> dict[str, Any]:
    span = corrected.span
    return {
        "partner": {"id": corrected.partner_id, "name": corrected.name},
        "points": as_decimal(span.micropoints),
        "varies": span.varies,
        "from": span.first.isoformat(),
        "until": span.last.isoformat(),
        "days": span.days,
        "rows": [row_record(_named(each)) for each in corrected.rows],
        "row_count": corrected.total,
    }


def _through(rows: Sequence[RowChange], total: int) -> str:
    shown = through([_named(each) for each in rows[:SHOWN_ROWS]], total)
    return f" through {shown}" if shown else ""


def _named(row: RowChange) -> CorrectedRow:
    """The row as answers have it, with the client's id in place of its name."""
    return CorrectedRow(row.file, row.key, row.change, row.client_id, row.client_id, _first_day(row), row.columns)


def _first_day(row: RowChange) -> date | None:
    return None if row.day == ALWAYS else date.fromordinal(row.day)
