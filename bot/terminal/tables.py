"""Rows and bars that fit the width they are given: no word, and above all no figure, is broken or cut off for it."""

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
_GAP = 3
_FIELD_GAP = 4
_BAR = 24
_SHORTEST_BAR = 4
_LONG_WORD = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells in columns; where they do not fit side by side, one row after the other, each cell behind its head."""

    head: Sequence[Text]
    body: Sequence[Sequence[Text]]
    aligned: Sequence[Align]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        columns = list(zip_longest(self.head, *self.body, fillvalue=Text()))
        widths = fitted(columns, options.max_width - _GAP * (len(columns) - 1))
        if widths is None:
            yield Text("\n\n").join(self._told(row) for row in self.body)
        else:
            yield self._side_by_side(widths)

    def _side_by_side(self, widths: Sequence[int]) -> Table:
        made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for head, align, width in zip(self.head, self.aligned, widths, strict=False):
            made.add_column(head, justify=align, overflow="fold", width=width)
        for row in self.body:
            made.add_row(*row)
        return made

    def _told(self, row: Sequence[Text]) -> Text:
        named = [(head, cell) for head, cell in zip_longest(self.head, row, fillvalue=Text()) if cell.plain.strip()]
        return Text("\n").join(Text.assemble(head, ": ", cell) if head.plain.strip() else cell for head, cell in named)


def fitted(columns: Sequence[Sequence[Text]], room: int) -> list[int] | None:
    """The width of each column within `room`, the widest giving way first; None when words would have to be broken."""
    least = [max((_longest_word(each.plain) for each in cells), default=1) for cells in columns]
    widths = [
        max((cell_len(line) for each in cells for line in each.plain.split("\n")), default=1) for cells in columns
    ]
    if sum(least) > room:
        return None
    while sum(widths) > room:
        widest = max((at for at, width in enumerate(widths) if width > least[at]), key=lambda at: widths[at])
        widths[widest] -= 1
    return [max(1, width) for width in widths]


def _longest_word(text: str) -> int:
    """How many cells the longest word takes; a long one without a digit may be broken."""
    words = ((cell_len(word), any(map(str.isdigit, word))) for word in text.split())
    return max((length if counts else min(length, _LONG_WORD) for length, counts in words), default=1)


@dataclass(frozen=True, slots=True)
class Fields:
    """A section's fields in two columns, as Slack sets them; where they do not fit side by side, in one."""

    fields: Sequence[Text]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        pairs = [self.fields[at : at + 2] for at in range(0, len(self.fields), 2)]
        widths = fitted(list(zip_longest(*pairs, fillvalue=Text())), options.max_width - _FIELD_GAP)
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
    """A bar a line: its label, its share of the longest (0 to 1) and the figure. The bars give way first."""

    lines: Sequence[tuple[str, float, str]]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        figure = max((cell_len(each) for _, _, each in self.lines), default=0)
        label = max((cell_len(each) for each, _, _ in self.lines), default=0)
        bar = min(_BAR, options.max_width - label - figure - 4)
        made = Table.grid(padding=(0, 2))
        made.add_column(overflow="fold", max_width=max(1, options.max_width - figure - 2))
        if bar >= _SHORTEST_BAR:
            made.add_column(no_wrap=True)
        made.add_column(justify="right", no_wrap=True, min_width=figure)
        for name, share, said in self.lines:
            drawn = [Text("█" * round(bar * share))] if bar >= _SHORTEST_BAR else []
            made.add_row(Text(name), *drawn, Text(said))
        yield made
