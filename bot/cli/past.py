"""What imports and rebuilds changed in the past, in lines for the operator and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from tiercore.facts.points import as_decimal, hundredths
from tiercore.rating.hindsight import Span
from tiercore.storage.history import PartnerPast, RowChange
from tiercore.storage.import_log import Corrected, LoggedImport

SHOWN_PARTNERS, SHOWN_ROWS = 10, 3


def past_lines(past: Sequence[PartnerPast]) -> Iterator[str]:
    """The partners whose past an import changed, the most points first; nothing where there are none."""
    if not past:
        return
    yield f"Changed in the past: {_count(len(past), 'partner')}."
    for each in past[:SHOWN_PARTNERS]:
        yield f"  {each.name}: {span_text(each.span)} (now {as_decimal(each.now)}){_through(each.rows, each.total)}"
    if len(past) > SHOWN_PARTNERS:
        more = _count(len(past) - SHOWN_PARTNERS, "more partner")
        yield f"  … and {more}: tierbot imports --limit 1 --json lists all."


def span_text(span: Span) -> str:
    """By how many points, on which days: "+30.00 on 12 days from 2024-06-03 to 2024-06-14"."""
    amount = ("" if span.micropoints < 0 or not hundredths(span.micropoints) else "+") + as_decimal(span.micropoints)
    most = "up to " if span.varies else ""
    if span.first == span.last:
        return f"{most}{amount} on {span.first}"
    return f"{most}{amount} on {_count(span.days, 'day')} from {span.first} to {span.last}"


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
        "rows": [_row_record(each) for each in corrected.rows],
        "row_count": corrected.total,
    }


def _row_record(row: RowChange) -> dict[str, Any]:
    return {
        "file": row.file,
        "key": row.key or None,
        "change": row.change,
        "client_id": row.client_id,
        "counts_from": None if row.day == date.min.toordinal() else date.fromordinal(row.day).isoformat(),
        "columns": {column: list(values) for column, values in row.columns.items()},
    }


def _through(rows: Sequence[RowChange], total: int) -> str:
    shown = [_row(each) for each in rows[:SHOWN_ROWS]]
    more = [f"{total - len(shown):,} more"] if total > len(shown) else []
    return f" through {', '.join([*shown, *more])}" if shown else ""


def _row(row: RowChange) -> str:
    changes = ", ".join(f"{column} {old or '(none)'} → {new or '(none)'}" for column, (old, new) in row.columns.items())
    key = row.key or f"(another partner's row for {row.client_id})"
    return f"{row.file} {key} ({changes or row.change})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
