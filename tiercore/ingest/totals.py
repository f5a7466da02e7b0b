"""Rows of totals, which spreadsheets have below the entries."""

import re
from collections.abc import Collection, Sequence

from tiercore.ingest.spreadsheet import NO_RESULT

_WORDS = re.compile(
    r"(?:grand[ -]|sub[ -]?|gesamt[ -]?)?"
    r"(?:totals?|totales|totaux|totale|totaal|totalt|sums?|summen?|gesamt|insgesamt|somme|suma|soma|итого|合計|总计)"
    r"(?: (?:general|général|generale|mrr|sum))?\s*:?",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[^\w]*(?:[A-Z]{3}|[^\W\d]{1,3}\$)?\s*[\d.,'’\s-]*\d[\d.,'’\s-]*(?:[^\w]*|\s*[A-Z]{3})|[A-Z]{3}|[-–—]"
    rf"|{re.escape(NO_RESULT)}"
)


def could_be_totals(cell: str) -> bool:
    """Whether a row of totals may have this cell where entries have their key: nothing, or the word for a total."""
    text = cell.strip()
    return not text or (not text[-1].isdigit() and _WORDS.fullmatch(text) is not None)


def is_totals(row: Sequence[str], key: Collection[int]) -> bool:
    """Whether a row has the word for a total, no key, and besides only numbers and currencies."""
    cells = [cell.strip() for cell in row]
    words = [at for at, cell in enumerate(cells) if cell and len(cell) < 40 and _WORDS.fullmatch(cell)]
    if not words or any(at < len(cells) and cells[at] and at not in words for at in key):
        return False
    return all(at in words or not cell or (len(cell) < 40 and _NUMBER.fullmatch(cell)) for at, cell in enumerate(cells))
