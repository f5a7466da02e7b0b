"""Warnings about product lines that the catalogue doesn't know, or of which two editions are held at once."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tiercore.facts.entries import SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.rows import FileContent
from tiercore.program import Catalogue
from tiercore.rating.lines import highest, key_of

_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")
_Line = tuple[str, str, str]
_Row = tuple[int, SubscriptionLevel]


def unknown_line(location: tuple[str, int], product_line: str, rows: str) -> Problem:
    """The warning about a name that isn't in the catalogue: what is made of it, and how to add it."""
    message = f"is not in the catalogue of product lines, so it counts as a line of its own ({rows})"
    key = _NOT_IN_A_KEY.sub("_", product_line.casefold()).strip("_") or "line"
    key = key if key[0].isalpha() else f"line_{key}"
    name = product_line.replace("\\", "\\\\").replace('"', '\\"')
    remedy = (
        "if it is misspelled, correct the name; if it is another name of a line, add it to that line's aliases; if"
        " not, add it to your own table"
        f' (TIERBOT_PROGRAM): [lines.{key}.name] 0001-01-01 = {{ value = "{name}" }}; then run tierbot rebuild'
    )
    return Problem(*location, "product_line", product_line, "unknown product line", message, remedy)


def editions_at_once(reads: Mapping[type[Any], FileContent], catalogue: Catalogue) -> Collected:
    """Warnings about each line of a client that pays under two names on one day: only one of them is held."""
    warned = Collected()
    if (read := reads.get(SubscriptionLevel)) is None:
        return warned
    rows = list(_paying(read))
    several = _with_several_names(rows, catalogue)
    by_day: dict[tuple[_Line, date], list[_Row]] = defaultdict(list)
    for line, level in rows:
        key = _line_of(level, catalogue)
        if key in several:
            by_day[key, level.effective_on].append((line, level))
    told = set[_Line]()
    for (key, _), same_day in by_day.items():
        if len(same_day) > 1 and key not in told:
            told.add(key)
            warned.add("two editions at once", _at_once, read.log.file, same_day, catalogue)
    return warned


def _paying(read: FileContent) -> Iterator[_Row]:
    for line, entry in zip(read.lines, read.entries, strict=True):
        if isinstance(entry, SubscriptionLevel) and entry.mrr.minor:
            yield line, entry


def _with_several_names(rows: list[_Row], catalogue: Catalogue) -> set[_Line]:
    """The lines whose levels come under more than one name."""
    first: dict[_Line, str] = {}
    return {
        key
        for _, level in rows
        if first.setdefault(key := _line_of(level, catalogue), level.product_line) != level.product_line
    }


def _line_of(level: SubscriptionLevel, catalogue: Catalogue) -> _Line:
    return (level.client_id, *key_of(level, catalogue))


def _at_once(file: str, rows: list[_Row], catalogue: Catalogue) -> Problem:
    _, held = highest([(catalogue.line_of(level.product_line), level) for _, level in rows])
    line, other = next((line, level) for line, level in rows if level is not held)
    message = (
        f"pays {_written(other.mrr)} from {other.effective_on} on and {held.product_line} of the same client pays"
        f" {_written(held.mrr)} from that day on; one edition of a line is held at a time: {held.product_line} counts"
    )
    remedy = "name the account of each in the column account, or take out the row of the one that is not held"
    return Problem(file, line, "product_line", other.product_line, "two editions at once", message, remedy)


def _written(mrr: Money) -> str:
    return f"{mrr.as_decimal()} {mrr.currency}"
