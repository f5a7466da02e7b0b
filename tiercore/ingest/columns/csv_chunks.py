"""A CSV file in chunks of whole lines, split into columns without looking at any line by itself (data#large-files)."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from re import Pattern, compile, escape

import polars as pl

from tiercore.ingest.tables import Cells

LINE = "line"
_CHUNK_BYTES = 8 << 20
_LONGEST_LINE = 100_000  # bytes; the csv module and the reader of rows have limits of their own beyond that
_BOM = b"\xef\xbb\xbf"


class NotPlain(Exception):
    """The file isn't one that can be read as columns; it is read row by row."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file: the cells of those with as many as the header, and every other row; `lines` counts all.

    `frame` has a column of texts for each of `cell_names`, and LINE.
    """

    frame: pl.DataFrame
    others: list[tuple[int, Cells]]
    lines: int


@dataclass(frozen=True, slots=True)
class ChunkedCsv:
    """A CSV file in UTF-8 whose header is on the line `header_line` and has `width` cells."""

    path: Path
    delimiter: str
    header_line: int
    width: int

    def chunks(self) -> Iterator[Chunk]:
        """The lines below the header. Raises NotPlain where a row may go on in the next line."""
        with self.path.open("rb") as file:
            above = b"".join(file.readline() for _ in range(self.header_line)).replace(b"\r\n", b"")
            if any(each in above for each in (b'"', b"\0", b"\r")):
                raise NotPlain
            line, rest = self.header_line + 1, b""
            while more := file.read(_CHUNK_BYTES):
                whole, end, rest = (rest + more).rpartition(b"\n")
                if end:
                    chunk = self._chunk(whole + end, line)
                    line += chunk.lines
                    yield chunk
                elif len(rest) > _LONGEST_LINE:
                    raise NotPlain
            if rest:
                yield self._chunk(rest, line)

    def cells_of(self, row: Sequence[str]) -> Cells:
        """Cells that were split at the delimiter, as a row's cells are read."""
        return self._parsed(self.delimiter.join(row))

    def _chunk(self, data: bytes, first: int) -> Chunk:
        data = _with_plain_line_ends(data)
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        if self._is_regular(data, lines):
            frame = self._split(data)
            if frame is not None and frame.height == lines:
                return Chunk(frame.with_columns(_lines(first, lines)), [], lines)
        return self._sorted_out(data, first, lines)

    def _is_regular(self, data: bytes, lines: int) -> bool:
        """Whether the chunk may have nothing but rows of the header's width, without quotes."""
        if b'"' in data or b"\n\n" in data or data.startswith((b"\n", _BOM)):
            return False
        return data.count(self.delimiter.encode()) == (self.width - 1) * lines

    def _split(self, data: bytes) -> pl.DataFrame | None:
        try:
            return pl.read_csv(
                data,
                has_header=False,
                new_columns=cell_names(self.width),
                separator=self.delimiter,
                quote_char=None,
                infer_schema=False,
                empty_string_is_null=False,
            )
        except pl.exceptions.PolarsError:
            return None

    def _sorted_out(self, data: bytes, first: int, lines: int) -> Chunk:
        """The same line by line: rows of another width, or with quotes, are set apart."""
        regular, numbers, others = list[bytes](), list[int](), list[tuple[int, Cells]]()
        width, delimiter, quoted = self.width - 1, self.delimiter.encode(), _whole_row(self.delimiter)
        for number, line in enumerate(data.split(b"\n"), first):
            if len(line) > _LONGEST_LINE or line.startswith(_BOM):
                raise NotPlain
            if b'"' in line:
                if not quoted.fullmatch(text := line.decode()):
                    raise NotPlain
                others.append((number, self._parsed(text)))
            elif line.count(delimiter) == width:
                regular.append(line)
                numbers.append(number)
            elif line:
                others.append((number, self._parsed(line.decode())))
        frame = self._split(b"\n".join(regular) + b"\n") if regular else _nothing(self.width)
        if frame is None or frame.height != len(regular):
            raise NotPlain
        return Chunk(frame.with_columns(pl.Series(LINE, numbers, pl.UInt32)), others, lines)

    def _parsed(self, line: str) -> Cells:
        try:
            return next(csv.reader([line], delimiter=self.delimiter, strict=True, skipinitialspace=True))
        except (csv.Error, StopIteration):
            raise NotPlain from None


def _with_plain_line_ends(data: bytes) -> bytes:
    if b"\0" in data:
        raise NotPlain
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            raise NotPlain from None
    if b"\r" in data:
        if data.count(b"\r") != data.count(b"\r\n"):
            raise NotPlain
        return data.replace(b"\r\n", b"\n")
    return data


def _lines(first: int, count: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.UInt32, eager=True).alias(LINE)


def cell_names(width: int) -> list[str]:
    """What a chunk's columns are called: by their place in the row."""
    return [str(at) for at in range(width)]


def _nothing(width: int) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(cell_names(width), pl.String))


def _whole_row(delimiter: str) -> Pattern[str]:
    """A line that is a whole row for certain: every cell is without quotes, or in one pair of them."""
    mark = escape(delimiter)
    cell = rf'(?:[^"{mark}]*|"(?:[^"]|"")*")'
    return compile(rf"{cell}(?:{mark}{cell})*")
