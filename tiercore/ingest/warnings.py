"""Warnings about rows that look odd but may be right; only the operator can tell."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from tiercore.facts.entries import Partner, Person, Role, Sale, SubscriptionLevel
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.product_lines import unknown_line
from tiercore.ingest.rows import FileContent
from tiercore.program import Catalogue

_USUAL_ORDER = (
    (Partner, "joined_on", "elite_invited_on"),
    (Partner, "joined_on", "membership_until"),
    (SubscriptionLevel, "effective_on", "renews_on"),
)
_TO_COME = "sale in the future"
_RARE = 10  # a line is rare next to one this many times as common; a line that occurs once is always rare
_MAX_LINES = 500  # no catalogue has more; beyond that, only case and spaces are compared
_VARIATIONS = re.compile(r"[\s_-]+")
_DIGITS = re.compile(r"\d+")


def odd_days(reads: Mapping[type[Any], FileContent]) -> Collected:
    """Warnings about days earlier than the one they usually follow."""
    warned = Collected()
    for kind, begin, end in _USUAL_ORDER:
        for file, line, entry in _rows(reads, kind):
            start, stop = getattr(entry, begin), getattr(entry, end)
            if stop is not None and stop < start:
                warned.add("odd day", _odd_day, file, line, (end, stop), f"is before {begin}, {start}")
    return warned


def _odd_day(file: str, line: int, found: tuple[str, date], message: str) -> Problem:
    return Problem(file, line, found[0], str(found[1]), "odd day", message, "check both days")


def sales_to_come(reads: Mapping[type[Any], FileContent], today: date) -> Collected:
    """Warnings about sales after `today`, which count from their day on."""
    warned = Collected()
    for file, line, sale in _rows(reads, Sale):
        if sale.sold_on > today:
            warned.add(_TO_COME, _to_come, file, line, sale.sold_on)
    return warned


def _to_come(file: str, line: int, day: date) -> Problem:
    message = "is in the future: the sale counts from that day on"
    return Problem(file, line, "sold_on", str(day), _TO_COME, message, "correct the day if the sale is already made")


def odd_people(reads: Mapping[type[Any], FileContent]) -> Iterator[Problem]:
    """Warnings about e-mails with two names, and people with both a partner's and the program's role."""
    first: dict[str, tuple[Person, int]] = {}
    for file, line, person in _rows(reads, Person):
        before, where = first.setdefault(person.email, (person, line))
        if person.name != before.name:
            message = f"differs from line {where}, where {person.email} is called {before.name}"
            yield Problem(file, line, "name", person.name, "two names", message, "use one name")
        if (person.role is Role.PARTNER) is not (before.role is Role.PARTNER):
            message = f"doesn't go with line {where}, where {person.email} has the role {before.role}"
            yield Problem(file, line, "role", person.role, "two roles", message, "check both rows")


def _rows(reads: Mapping[type[Any], FileContent], kind: type[Any]) -> Iterator[tuple[str, int, Any]]:
    if read := reads.get(kind):
        for entry, line in zip(read.entries, read.lines, strict=True):
            yield read.log.file, line, entry


@dataclass(slots=True)
class _Lines:
    """The product lines of a folder and of the database, and both grouped by their spelling without case and spaces."""

    stored: Collection[str]
    catalogue: Catalogue
    counts: Counter[str] = field(default_factory=Counter)
    first_seen: dict[str, tuple[str, int]] = field(default_factory=dict)
    by_normalized: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def more_common(self, product_line: str, times: int = 1) -> list[str]:
        """The lines of the folder that are at least `times` as common."""
        count = self.counts[product_line]
        least = max(count + 1, count * times if count > 1 else 2)
        return [line for line, other in self.counts.items() if other >= least]

    def meant_by(self, product_line: str) -> str | None:
        """The line that this one may be a misspelling of, None if there is none."""
        alike = self.by_normalized[_normalized(product_line)]
        best = min(alike, key=lambda line: (line not in self.stored, -self.counts[line], alike.index(line)))
        if best != product_line:
            return best
        if len(self.counts) > _MAX_LINES:
            return None
        known = [*self.catalogue.names(), *sorted(self.stored)[:_MAX_LINES]]
        nearest = _nearest(product_line, [*known, *self.more_common(product_line, _RARE), *self.catalogue.spellings()])
        return self.catalogue.spellings().get(nearest, nearest) if nearest else None


def product_line_warnings(
    reads: Mapping[type[Any], FileContent], stored: Collection[str], catalogue: Catalogue
) -> Collected:
    """Warnings about product lines that the catalogue doesn't know, the first of a kind in full.

    Some are spelled almost like one that it knows, like a stored one or like a more common one in the folder.
    """
    lines = _Lines(stored, catalogue)
    for read in (read for kind, read in reads.items() if hasattr(kind, "product_line")):
        for product_line, count, line in read.product_lines():
            lines.counts[product_line] += count
            lines.first_seen.setdefault(product_line, (read.log.file, line))
    for product_line in {**dict.fromkeys(sorted(stored)), **lines.first_seen}:
        lines.by_normalized[_normalized(product_line)].append(product_line)
    warned = Collected()
    for product_line, location in lines.first_seen.items():
        if catalogue.line_of(product_line).known:
            continue
        rows = _rows_counted(lines.counts[product_line])
        if product_line not in stored and (meant := lines.meant_by(product_line)):
            warned.add("product line", _spelled_alike, location, product_line, rows, meant)
        else:
            warned.add("unknown product line", unknown_line, location, product_line, rows)
    return warned


def _nearest(product_line: str, others: Collection[str]) -> str | None:
    """The line at most two edits away among those with the same numbers ("Tier 1" is not "Tier 2")."""
    numbers = _DIGITS.findall(product_line)
    alike = [line for line in others if _DIGITS.findall(line) == numbers]
    max_distance = min(2, len(product_line) // 5)
    found = process.extractOne(
        product_line, alike, scorer=DamerauLevenshtein.distance, processor=_normalized, score_cutoff=max_distance
    )
    return str(found[0]) if found else None


def _normalized(line: str) -> str:
    """The line without case, spaces and hyphens, which people type differently."""
    return _VARIATIONS.sub("", line.casefold())


def _rows_counted(count: int) -> str:
    return "this row" if count == 1 else f"this and {count - 1:,} more"


def _spelled_alike(location: tuple[str, int], product_line: str, rows: str, meant: str) -> Problem:
    message = f"is spelled almost like {meant}, but counts as a different product line ({rows})"
    return Problem(*location, "product_line", product_line, "product line", message, f"Did you mean {meant}?")
