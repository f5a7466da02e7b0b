"""The rows and cells of a pasted tier table, whatever stands between them (running#tier-table)."""

import csv
import re
from collections.abc import Collection, Sequence

from tiercore.program.pasted_words import figure_words, figures_of, tier_of

Rows = list[list[str]]
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r"sep=.", re.IGNORECASE)  # as spreadsheet programs write it
_RULE = re.compile(r"[\s|:+=-]+")  # the line under the heading of a Markdown table
_IS_NUMBER = re.compile(r"\W*\d[\d.,]*\W*")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")


def lines_of(text: str) -> list[str]:
    """The lines with something in them. A cell with line breaks is on one line."""
    text = _BREAK.sub(" ", text)
    if "\t" in text and '"' in text:
        text = _with_unquoted_cells(text)
    lines = [line.strip("\r\ufeff") for line in text.splitlines() if line.strip()]
    return lines[1:] if lines and _SEPARATOR_LINE.fullmatch(lines[0].strip()) else lines


def _with_unquoted_cells(text: str) -> str:
    """Tab-separated rows, without the quotes that a spreadsheet puts around a cell with line breaks."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter="\t", strict=True))
    except csv.Error:
        return text
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def grid_of(lines: Sequence[str], tiers: Collection[str]) -> Rows | None:
    """The cells of each line; None where the lines are no grid."""
    for split in (_by_tabs, _by_pipes, _by_semicolons, _by_wide_gaps, _by_commas, _by_words, _by_phrases):
        rows = _with_one_heading([cells for line in lines if (cells := split(line))], tiers)
        wide = [cells for cells in rows if len(cells) > 1]
        is_even = split is _by_tabs or len({len(row) for row in wide}) == 1
        if len(wide) >= 2 and is_even and _has_heading(wide, tiers):
            return rows
    return None


def _has_heading(rows: Rows, tiers: Collection[str]) -> bool:
    """Whether figures and tiers stand on the two sides of the grid."""
    head, side = rows[0][1:], [row[0] for row in rows[1:]]
    if any(_IS_NUMBER.fullmatch(each) for each in head):
        return False
    return (any(figures_of(each) for each in head) and any(tier_of(each, tiers) for each in side)) or (
        any(tier_of(each, tiers) for each in head) and any(figures_of(each) for each in side)
    )


def _by_tabs(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")]


def _by_pipes(line: str) -> list[str]:
    if _RULE.fullmatch(line):
        return []
    return [cell.strip(" *_`") for cell in line.strip().strip("|").split("|")]


def _by_semicolons(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.strip().split(";")]


def _by_wide_gaps(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"\s{2,}", line.strip())]


def _by_commas(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', line.strip())]


def _by_words(line: str) -> list[str]:
    return _IN_BRACKETS.sub(lambda match: "".join(match.group().split()), line.strip()).split()


def _by_phrases(line: str) -> list[str]:
    """A heading of several words a figure, as copied from a PDF: "Minimum sourced points Minimum managed points"."""
    words = line.split()
    if any(each.isdigit() for each in line) or len(words) < 2 or figures_of(line) is None:
        return _by_words(line)
    named = [each for each in words if each.casefold() in figure_words()]
    return [words[0], *named] if len(named) > 1 else _by_words(line)


def _with_one_heading(rows: Rows, tiers: Collection[str]) -> Rows:
    """The rows, with a heading of two rows ("Minimum" over "sourced") in one."""
    at = next((at for at, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    if len(rows) < at + 3 or not _is_below_heading(rows[at + 1], tiers):
        return rows
    upper, lower = rows[at], rows[at + 1]
    width = max(len(upper), len(lower))
    columns = zip(*([*each, *[""] * (width - len(each))] for each in (upper, lower)), strict=True)
    return [*rows[:at], [" ".join(filter(None, column)) for column in columns], *rows[at + 2 :]]


def _is_below_heading(row: Sequence[str], tiers: Collection[str]) -> bool:
    """Whether a row goes on with the heading: no tier or figure at its side, no number in it."""
    first, *rest = row
    is_named = bool(first) and (tier_of(first, tiers) is not None or bool(figures_of(first)))
    has_figures = any(figures_of(each) is not None for each in rest if any(map(str.isalpha, each)))
    return not is_named and has_figures and not any(_IS_NUMBER.fullmatch(each) for each in rest)
