"""The rows of a sheet, one by one, as text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tiercore.ingest.spreadsheet import NO_RESULT
from tiercore.ingest.tables import Cells
from tiercore.ingest.xlsx.archive import damaged, too_large
from tiercore.ingest.xlsx.values import Shown, moment_text, number_text, unescaped
from tiercore.ingest.xlsx.xml import Attributes, Handler, parse

MAX_ROW, MAX_COLUMNS = 1_048_576, 16_384  # as spreadsheet programs have them
_MAX_ROW_TEXT = 500_000
_LETTERS = re.compile(r"[A-Za-z]{1,3}")


@dataclass(slots=True)
class HiddenRows:
    """The rows read so far that a spreadsheet program doesn't show: how many, and the first."""

    count: int = 0
    first: int = 0


def rows_of(
    pieces: Iterable[bytes], texts: Sequence[str], shown: Sequence[Shown], hidden: HiddenRows, *, since_1904: bool
) -> Iterator[tuple[int, Cells]]:
    """The rows with a value, each with its number, without the empty cells at its end; hidden ones are counted.

    Raises BadCell for what is damaged or beyond the limits of spreadsheet programs.
    """
    reader = _Reader(texts, shown, hidden, since_1904=since_1904)
    for _ in parse(pieces, reader):
        yield from reader.done
        reader.done.clear()


class _Reader(Handler):
    """Builds rows from elements; those complete are in `done`."""

    def __init__(self, texts: Sequence[str], shown: Sequence[Shown], hidden: HiddenRows, *, since_1904: bool) -> None:
        self.done: list[tuple[int, Cells]] = []
        self._texts, self._shown, self._hidden, self._since_1904 = texts, shown, hidden, since_1904
        self._columns: dict[str, int] = {}
        self._row: Cells = []
        self._number = self._column = 0
        self._kind, self._style = "n", ""
        self._pieces: list[str] = []
        self._left = _MAX_ROW_TEXT
        self._takes_text = self._has_value = self._has_formula = self._phonetic = self._is_hidden = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._takes_text = self._has_value = True
        elif name == "t":
            self._takes_text = not self._phonetic
            self._has_value = True
        elif name == "row":
            self._start_row(attributes.get("r", ""))
            self._is_hidden = attributes.get("hidden", "0") in ("1", "true")
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._phonetic = True

    def text(self, text: str) -> None:
        if self._takes_text:
            self._pieces.append(text)
            self._left -= len(text)
            if self._left < 0:
                raise too_large(f"has more than {_MAX_ROW_TEXT:,} characters in row {self._number}")

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._takes_text = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and self._row:
            self.done.append((self._number, self._row))
            if self._is_hidden:
                self._hidden.count += 1
                self._hidden.first = self._hidden.first or self._number
        elif name == "rPh":
            self._phonetic = False

    def _start_row(self, number: str) -> None:
        declared = int(number) if number.isdecimal() and len(number) < 8 else 0
        self._number = max(declared, self._number + 1)
        if self._number > MAX_ROW:
            raise too_large(f"has more than {MAX_ROW:,} rows")
        self._row, self._column, self._left = [], 0, _MAX_ROW_TEXT

    def _start_cell(self, attributes: Attributes) -> None:
        self._column = self._column_of(attributes["r"]) if "r" in attributes else self._column + 1
        if self._column > MAX_COLUMNS:
            raise too_large(f"has more than {MAX_COLUMNS:,} cells in row {self._number}")
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._pieces.clear()
        self._has_value = self._has_formula = False

    def _end_cell(self) -> None:
        if value := self._value():
            missing = self._column - 1 - len(self._row)
            if missing < 0:  # a cell twice, or out of order
                self._row[self._column - 1] = value
                return
            if missing:
                self._row += [""] * missing
            self._row.append(value)

    def _value(self) -> str:
        text, kind = "".join(self._pieces), self._kind
        if not text:
            return NO_RESULT if self._has_formula and not (self._has_value and kind == "str") else ""
        if kind == "s":
            return self._shared(text)
        if kind in ("inlineStr", "str"):
            return unescaped(text)
        if kind == "b":
            return "FALSE" if text.strip() == "0" else "TRUE"
        if kind == "d":
            return moment_text(text)
        return text if kind == "e" else number_text(text, self._shown_as(), since_1904=self._since_1904)

    def _shared(self, text: str) -> str:
        at = int(text) if text.isdecimal() and len(text) < 10 else -1
        if not 0 <= at < len(self._texts):
            raise damaged(f"row {self._number} refers to a text that isn't there")
        return self._texts[at]

    def _shown_as(self) -> Shown:
        style = self._style
        at = int(style) if style and style.isdecimal() and len(style) < 10 else 0
        return self._shown[at] if at < len(self._shown) else Shown.NUMBER

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if column := self._columns.get(letters):
            return column
        if not _LETTERS.fullmatch(letters):
            raise damaged(f"row {self._number} has a cell without a place")
        column = 0
        for letter in letters.upper():
            column = 26 * column + ord(letter) - 64
        self._columns[letters] = column
        return column
