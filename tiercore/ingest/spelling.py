"""Product lines that may be a slip of the pen: a warning, for only the operator knows."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from tiercore.ingest.problems import Problem
from tiercore.ingest.rows import Read

_RARE = 10  # a line is rare beside one that is this many times as common
_MOST_LINES = 2_000
_SPACE = re.compile(r"[\s_-]+")
_DIGITS = re.compile(r"\d+")


def product_line_warnings(reads: Mapping[type[Any], Read], held: Collection[str]) -> Iterator[Problem]:
    """Product lines that are spelled almost like one held, or like a commoner one in the folder."""
    places: dict[str, tuple[str, int]] = {}
    counts: Counter[str] = Counter()
    for read in reads.values():
        for entry, line in zip(read.entries, read.lines, strict=True):
            product_line = getattr(entry, "product_line", None)
            if product_line is None:
                break
            counts[product_line] += 1
            places.setdefault(product_line, (read.log.file, line))
    new = [line for line in counts if line not in held]
    for product_line in new[:_MOST_LINES]:
        if meant := _meant(product_line, counts, held):
            yield _spelled_alike(places[product_line], product_line, counts[product_line], meant)


def _meant(product_line: str, counts: Counter[str], held: Collection[str]) -> str | None:
    """The line that this one may be a misspelling of."""
    count = counts[product_line]
    commoner = [line for line, other in counts.most_common(_MOST_LINES) if other > count]
    same = [line for line in (*held, *commoner) if line != product_line and _bare(line) == _bare(product_line)]
    if same:
        return same[0]
    common = [line for line in commoner if counts[line] >= count * _RARE or count == 1]
    return _nearest(product_line, [*held, *common])


def _nearest(product_line: str, others: Collection[str]) -> str | None:
    """The line at most two letters away, of lines that differ in no number ("Tier 1" is not "Tier 2")."""
    numbers = _DIGITS.findall(product_line)
    alike = [line for line in others if _DIGITS.findall(line) == numbers]
    most = min(2, len(product_line) // 5)
    found = process.extractOne(
        product_line, alike, scorer=DamerauLevenshtein.distance, processor=_bare, score_cutoff=most
    )
    return str(found[0]) if found else None


def _bare(line: str) -> str:
    """The line without what is easily typed otherwise: case, spaces, hyphens."""
    return _SPACE.sub("", line.casefold())


def _spelled_alike(place: tuple[str, int], product_line: str, count: int, meant: str) -> Problem:
    rows = "this row" if count == 1 else f"this and {count - 1:,} more"
    message = f"is spelled almost like {meant}, and is taken for another product line ({rows})"
    return Problem(*place, "product_line", product_line, "product line", message, f"did you mean {meant}?")
