"""Reading the program's tier table as it was copied from a page or a spreadsheet, or typed (running#tier-table).

A table has tiers and figures, on either side, or is one line a tier. Nothing is guessed: what has two readings is asked
back, what is unknown is named.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from tiercore.program.entered import FIGURES
from tiercore.program.pasted_cells import Cell, Thousands, Unclear, read_cell, thousands_in
from tiercore.program.pasted_grid import Rows, grid_of, lines_of
from tiercore.program.pasted_words import figures_of, is_by_invitation, tier_of

MOST_CHARACTERS, MOST_ROWS, MOST_COLUMNS = 6_000, 60, 20
_ITEMS = re.compile(r"[;·•|\n]|,(?=\s)|\s[/&+]\s|\s(?:and|und|y|et|e)\s|、|・")
_ITEM = re.compile(r"^(?P<before>[^\d≥>⩾–—-]*?)[\s:=]*(?P<cell>(?:[≥>⩾]=?\s*)?\d.*|[–—-])$", re.DOTALL)
_NUMBER_FIRST = re.compile(
    r"^(?P<cell>(?:[≥>⩾]=?\s*)?\d[\d.,'’\s]*%?(?:\s*\([^)]*\))?)\s*(?P<after>[^\d(]+?)\s*(?P<more>\([^)]*\))?$"
)
_FIRST = re.compile(r"^\s*(?P<first>[^\d:：|=–—]{2,40}?)\s*(?:[:：=–—]|\s-\s)\s*(?P<rest>.*)$", re.DOTALL)


@dataclass(slots=True)
class Pasted:
    """What was understood: a cell for each tier and figure. With `problems` it can't be used; `notes` say what was left
    out.
    """

    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, tier: str, figure: str, text: str, thousands: Thousands | None) -> None:
        """Add the cell of a tier's figure, or the problem with it."""
        name = f"{tier.capitalize()} {FIGURES[figure]}"
        if is_by_invitation(text):
            self.notes.append(f"Left out: {name}, which is by invitation.")
            return
        try:
            cell = read_cell(text, figure, thousands)
        except Unclear as error:
            self.problems.append(f"{name}: {error}.")
            return
        if cell is not None and self.cells.setdefault((tier, figure), cell) != cell:
            self.problems.append(f"{name} is there twice, with different numbers.")


def read_table(text: str, tiers: Collection[str], thousands: Thousands | None = None) -> Pasted:
    """The tier table in a text. `tiers` are the program's, `thousands` what separates thousands, where it is known."""
    found = Pasted()
    if len(text) > MOST_CHARACTERS:
        found.problems.append(
            f"That's too long: {len(text):,} characters, and a table has at most {MOST_CHARACTERS:,}."
        )
        return found
    lines = lines_of(text)
    if len(lines) > MOST_ROWS:
        found.problems.append(f"That's too long: {len(lines)} lines, and a table has at most {MOST_ROWS}.")
        return found
    thousands = thousands or thousands_in(lines)
    rows = grid_of(lines, tiers)
    if rows is not None:
        _read_grid(rows, tiers, thousands, found)
    else:
        _read_lines(lines, tiers, thousands, found)
    if not found.cells and not found.problems:
        known = ", ".join(each.capitalize() for each in tiers)
        found.problems.append(
            f"I found no tier table. Tiers: {known}. Name each figure in a heading: {', '.join(FIGURES.values())}."
        )
    return found


def _read_grid(rows: Rows, tiers: Collection[str], thousands: Thousands | None, found: Pasted) -> None:
    """Read a grid, with the tiers down its side or along its top."""
    head, *body = _without_titles(rows, found)
    width = max(map(len, (head, *body)))
    if width > MOST_COLUMNS:
        found.problems.append(f"That's too wide: {width} columns, and a table has at most {MOST_COLUMNS}.")
        return
    grid = [[*row, *[""] * (width - len(row))] for row in (head, *body)]
    if any(tier_of(each, tiers) for each in grid[0][1:]):
        grid = [list(column) for column in zip(*grid, strict=True)]
    figures = _headings(grid, found)
    for name, *cells in grid[1:]:
        tier = tier_of(name, tiers)
        if tier is None and name and any(cells):
            known = ", ".join(each.capitalize() for each in tiers)
            found.problems.append(f"I don't know the tier “{_cut(name)}”. Tiers: {known}.")
        for figure, cell in zip(figures, cells, strict=True):
            if tier and figure:
                found.add(tier, figure, cell, thousands)


def _without_titles(rows: Rows, found: Pasted) -> Rows:
    """The rows of the table, without titles above and footnotes below it."""
    kept = []
    for row in rows:
        filled = [cell for cell in row if cell]
        if len(filled) > 1:
            kept.append(row)
        elif filled:
            found.notes.append(f"Left out: “{_cut(filled[0])}”.")
    return kept


def _headings(grid: Rows, found: Pasted) -> list[str | None]:
    """The figure of each column after the first; None for one that is left out."""
    figures: list[str | None] = []
    for at, heading in enumerate(grid[0][1:], start=1):
        named = figures_of(heading) if heading else None
        if named and len(named) == 1:
            [figure] = named
            if figure in figures:
                found.problems.append(f"Two columns are the {FIGURES[figure]}.")
            figures.append(figure)
            continue
        figures.append(None)
        if named is not None:
            found.problems.append(f"Which figure is “{_cut(heading)}”? Name it: {', '.join(FIGURES.values())}.")
        elif heading:
            found.notes.append(f"Left out: “{_cut(heading)}”, which is none of {', '.join(FIGURES.values())}.")
        elif any(row[at] for row in grid[1:]):
            found.problems.append(f"Column {at + 1} has no heading.")
    return figures


def _read_lines(lines: Sequence[str], tiers: Collection[str], thousands: Thousands | None, found: Pasted) -> None:
    """Read one line a tier ("Platinum: sourced 270, total 645"), or a tier's name above its figures."""
    current: str | None = None
    for line in lines:
        if _tier_first(line, tiers)[0] is None and current is None:
            found.notes.append(f"Left out: “{_cut(line)}”.")
            continue
        for item in _ITEMS.split(line):
            tier, rest = _tier_first(item, tiers)
            current = tier or current
            if current and (rest := rest.strip(" .*•")):
                _read_item(current, rest, thousands, found)


def _tier_first(line: str, tiers: Collection[str]) -> tuple[str | None, str]:
    """The tier that a line begins with, and the rest of the line."""
    line = line.strip().lstrip("•*-# ").strip()
    if tier := tier_of(line, tiers):
        return tier, ""
    if (match := _FIRST.match(line)) and (tier := tier_of(match["first"], tiers)):
        return tier, match["rest"]
    first, _, rest = line.partition(" ")
    return (tier, rest) if (tier := tier_of(first, tiers)) else (None, line)


def _read_item(tier: str, item: str, thousands: Thousands | None, found: Pasted) -> None:
    """Read "sourced 270" or "270 sourced"."""
    for heading, cell in _halves(item):
        named = figures_of(heading)
        if named and len(named) == 1:
            found.add(tier, next(iter(named)), cell, thousands)
            return
    found.problems.append(f"{tier.capitalize()}: I don't understand “{_cut(item)}”.")


def _halves(item: str) -> Iterator[tuple[str, str]]:
    """The ways to take an item apart into a heading and its cell."""
    if match := _ITEM.match(item):
        yield match["before"], match["cell"]
    if match := _NUMBER_FIRST.match(item):
        yield match["after"], f"{match['cell']} {match['more'] or ''}"


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
