"""What was corrected in hindsight, in words and as JSON: by how much, by which imports, through which rows."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import count, day, listed, name, points, prose, signed
from tiercore.facts.points import Source, as_decimal, hundredths
from tiercore.questions.hindsight import CorrectedRow, Correction, Hindsight
from tiercore.rating.hindsight import Shift, Span
from tiercore.rating.timeline import Balance

SHOWN_ROWS = 3
SHOWN_IMPORTS = 5


def bullets(corrections: Sequence[Correction]) -> Iterator[Block]:
    """A line for each import, the latest first, and how many more there are."""
    latest = list(reversed(corrections))
    yield blocks.bullets(
        blocks.line(blocks.bold(moved(each.shift)), blocks.span(f": {source(each)}")) for each in latest[:SHOWN_IMPORTS]
    )
    if rest := latest[SHOWN_IMPORTS:]:
        yield blocks.line(blocks.italic(f"… and {count(len(rest), 'more import')}"))


def span_text(span: Span) -> str:
    """By how many points, on which days: "+30 on 12 days from 3 Jun 2024 to 14 Jun 2024"."""
    amount = f"{'up to ' if span.varies else ''}{signed(span.micropoints)}"
    if span.first == span.last:
        return f"{amount} on {day(span.first)}"
    return f"{amount} on {count(span.days, 'day')} from {day(span.first)} to {day(span.last)}"


def source(correction: Correction) -> str:
    """Which import it was, and through what it corrected: "import of 12 Sep 2022, through sales.csv S9 (added)"."""
    reasons = through(correction.rows, correction.total)
    if not correction.by_rules:
        return f"import of {day(correction.day)}{f', through {reasons}' if reasons else ''}"
    rules = f"points rated again on {day(correction.day)}, by the rules as they are since then"
    return f"{rules}; and through {reasons}" if reasons else rules


def because(hindsight: Hindsight, counted: Collection[Source], direction: int) -> Iterator[str]:
    """A sentence that names the corrections of points of these sources as the cause; none where all of them together
    didn't add any, or with a `direction` of -1 take any away.
    """
    amounts = ((each, sum(getattr(each.shift, kind.value) for kind in counted)) for each in hindsight.corrections)
    found = [(each, amount) for each, amount in amounts if amount]
    total: int = sum(amount for _, amount in found)
    if total * direction <= 0:
        return
    if len(found) == 1:
        yield f"Because of a correction, {signed(total)}: {source(found[0][0])}."
    else:
        parts = "; ".join(f"{signed(amount)}, {source(each)}" for each, amount in reversed(found))
        yield f"Because of {count(len(found), 'correction')}, {signed(total)} in all: {parts}."


def not_recorded(hindsight: Hindsight, since: date, balance: Balance) -> str:
    """That what was known isn't recorded, and as what the balance of `since` was known when the record begins."""
    unknown = f"What was known on {day(hindsight.known.day)} isn't recorded"
    if hindsight.begins is None:
        return f"{unknown}: no import is on record yet"
    first = points(hindsight.at_first(balance).combined)
    return f"{unknown}. The record begins on {day(hindsight.begins)}, with {first} points for {day(since)}"


def moved(shift: Shift) -> str:
    """Points with their sign: "+30", or by source where those that came and went are as many."""
    if hundredths(abs(shift.combined)) or not hundredths(abs(shift.sold)):
        return signed(shift.combined)
    return f"±0 ({signed(shift.sold)} sold, {signed(shift.managed)} managed)"


def through(rows: Sequence[CorrectedRow], total: int, most: int = SHOWN_ROWS) -> str:
    """The first rows, and how many more there are; "" for none."""
    shown = [_row(each) for each in rows[:most]]
    more = total - len(shown)
    return listed([*shown, count(more, "more row")] if more > 0 else shown)


def summary(corrections: Iterable[Correction]) -> str:
    """Through what all of them corrected, in one phrase, the latest import first."""
    latest = sorted(corrections, key=lambda each: -each.import_id)
    rows = [row for each in latest for row in each.rows]
    reasons = through(rows, sum(each.total for each in latest))
    by_rules = ["points rated again by other rules"] if any(each.by_rules for each in latest) else []
    return "; ".join([*([f"through {reasons}"] if reasons else []), *by_rules])


def _row(row: CorrectedRow) -> str:
    client = f" for {name(row.client)}" if row.client else ""
    if not row.key:
        return f"another partner's row in {row.file}{client} ({row.change})"
    changes = [prose(f"{column} {name(old) or 'none'} → {name(new) or 'none'}") for column, (old, new) in _spelled(row)]
    return f"{row.file} {prose(name(row.key))} ({', '.join(changes) or row.change})"


def _spelled(row: CorrectedRow) -> list[tuple[str, Sequence[str]]]:
    return [(column.replace("_", " "), values) for column, values in row.columns.items()]


def record(hindsight: Hindsight) -> list[dict[str, Any]]:
    """The corrections as JSON, the oldest import first; what they add to the beginning, and to what came after it."""
    return [
        {
            "import": each.import_id,
            "on": each.day.isoformat(),
            "occasion": each.occasion,
            "points": as_decimal(each.shift.combined),
            "at_the_beginning": _shift_record(each.at_since),
            "after_it": _shift_record(each.within),
            "rows": [{**row_record(row), "client": row.client} for row in each.rows],
            "row_count": each.total,
        }
        for each in hindsight.corrections
    ]


def _shift_record(shift: Shift) -> dict[str, str | int]:
    figures = {kind: as_decimal(getattr(shift, kind)) for kind in ("combined", "sold", "managed")}
    return {**figures, "combined_micropoints": shift.combined}


def row_record(row: CorrectedRow) -> dict[str, Any]:
    """The row for programs, without the client's name."""
    return {
        "file": row.file,
        "key": row.key or None,
        "change": row.change,
        "client_id": row.client_id,
        "counts_from": row.day.isoformat() if row.day else None,
        "columns": {column: list(values) for column, values in row.columns.items()},
    }
