"""Tables and bars that fit into a given width without breaking words or, above all, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Align = Literal["left", "center", "right"]
_COLUMN_GAP = 3
_FIELD_GAP = 4
_MAX_BAR = 24
_MIN_BAR = 4
_BREAKABLE_FROM = 16


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table; if it doesn't fit, a list of its rows with the column's header before each cell."""

    head: Sequence[Text]
    body: Sequence[Sequence[Text]]
    alignments: Sequence[Align]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        columns = list(zip_longest(self.head, *self.body, fillvalue=Text()))
        widths = fitted_widths(columns, options.max_width - _COLUMN_GAP * (len(columns) - 1))
        if widths is None:
            yield Text("\n\n").join(self._as_list(row) for row in self.body)
        else:
            yield self._side_by_side(widths)

    def _side_by_side(self, widths: Sequence[int]) -> Table:
        grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for head, align, width in zip(self.head, self.alignments, widths, strict=False):
            grid.add_column(head, justify=align, overflow="fold", width=width)
        for row in self.body:
            grid.add_row(*row)
        return grid

    def _as_list(self, row: Sequence[Text]) -> Text:
        named = [(head, cell) for head, cell in zip_longest(self.head, row, fillvalue=Text()) if cell.plain.strip()]
        return Text("\n").join(Text.assemble(head, ": ", cell) if head.plain.strip() else cell for head, cell in named)


def fitted_widths(columns: Sequence[Sequence[Text]], width_available: int) -> list[int] | None:
    """The columns' widths within the available one, shrinking the widest first; None if words would have to break."""
    minimums = [max((_longest_word(each.plain) for each in cells), default=1) for cells in columns]
    widths = [
        max((cell_len(line) for each in cells for line in each.plain.split("\n")), default=1) for cells in columns
    ]
    if sum(minimums) > width_available:
        return None
    while sum(widths) > width_available:
        widest = max((at for at, width in enumerate(widths) if width > minimums[at]), key=lambda at: widths[at])
        widths[widest] -= 1
    return [max(1, width) for width in widths]


def _longest_word(text: str) -> int:
    """The width of the longest word, in terminal cells; a long word without a digit may be broken."""
    words = ((cell_len(word), any(map(str.isdigit, word))) for word in text.split())
    return max((length if counts else min(length, _BREAKABLE_FROM) for length, counts in words), default=1)


@dataclass(frozen=True, slots=True)
class Fields:
    """A section's fields in two columns, as in Slack, or in one if they don't fit."""

    fields: Sequence[Text]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        pairs = [self.fields[at : at + 2] for at in range(0, len(self.fields), 2)]
        widths = fitted_widths(list(zip_longest(*pairs, fillvalue=Text())), options.max_width - _FIELD_GAP)
        if widths is None:
            yield from self.fields
            return
        grid = Table.grid(padding=(0, _FIELD_GAP), pad_edge=False)
        for width in widths:
            grid.add_column(overflow="fold", width=width)
        for pair in pairs:
            grid.add_row(*pair)
        yield grid


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart: per line a label, a bar (its share of the longest, 0 to 1) and a figure. The bars shrink first."""

    lines: Sequence[tuple[str, float, str]]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        figure = max((cell_len(each) for _, _, each in self.lines), default=0)
        label = max((cell_len(each) for each, _, _ in self.lines), default=0)
        bar = min(_MAX_BAR, options.max_width - label - figure - 4)
        grid = Table.grid(padding=(0, 2))
        grid.add_column(overflow="fold", max_width=max(1, options.max_width - figure - 2))
        if bar >= _MIN_BAR:
            grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True, min_width=figure)
        for name, share, value in self.lines:
            drawn = [Text("█" * round(bar * share))] if bar >= _MIN_BAR else []
            grid.add_row(Text(name), *drawn, Text(value))
        yield grid
