"""Which rows of a chunk are in the plain form, and what is stored of them (data#large-files).

A cell is plain if the parser of its kind gives what it says as it stands. Columns with few different texts, such as
days and product lines, are parsed text by text with that very parser; IDs, names and amounts are matched as a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import polars as pl

from tiercore.facts.entries import Agreement, Certification, Sale, SubscriptionLevel
from tiercore.facts.money import minor_digits
from tiercore.ingest.cells import MAX_ID_LENGTH, MAX_TEXT_LENGTH, Parse, clean
from tiercore.ingest.checks import Reference
from tiercore.ingest.columns.csv_chunks import LINE
from tiercore.ingest.day_forms import Reading
from tiercore.ingest.files import Column, FileFormat, Kind
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell
from tiercore.ingest.spreadsheet import MANGLED

_MANY = 50_000  # texts of a column that are remembered
# Letters that are as they are in Unicode's composed form, whatever stands beside them.
_LETTERS = (
    "\u00a1-\u00ac\u00ae-\u024f\u0400-\u0482\u048a-\u052f"
    "\u2013\u2014\u2018\u2019\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
)
_ID = rf"^[A-Za-z0-9](?:[ -~]{{0,{MAX_ID_LENGTH - 2}}}[!-~])?$"
NAME = rf"^[!$-~{_LETTERS}](?:[ -~{_LETTERS}]{{0,{MAX_TEXT_LENGTH - 2}}}[!-~{_LETTERS}])?$"
_AMOUNT = r"^[0-9]{1,12}(?:\.[0-9]{1,4})?$"
_BY_TEXT = frozenset({Kind.LABEL, Kind.COUNTRY, Kind.CURRENCY, Kind.DATE, Kind.MONTH, Kind.COUNT})
_WORDS = frozenset({Kind.DEAL_TYPE, Kind.MOTION, Kind.TIER})
_REMARKABLE = {
    Certification: pl.col("valid_until") < pl.col("valid_from"),
    Agreement: pl.col("ends_on") < pl.col("starts_on"),
    SubscriptionLevel: pl.col("renews_on") < pl.col("effective_on"),
}
_PLAIN = "plain"


@dataclass(slots=True)
class _Texts:
    """The texts of a column: what is stored of each, and those that aren't plain."""

    column: Column
    parse: Parse
    stored: dict[str, str | int | None] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def learn(self, texts: Sequence[str]) -> None:
        """Look at the texts of a chunk."""
        if len(self.stored) + len(self.refused) > _MANY:
            self.stored.clear()
            self.refused.clear()
        for text in texts:
            if text not in self.stored and text not in self.refused:
                self._look_at(text)

    def _look_at(self, text: str) -> None:
        try:
            value = self._value(text)
        except BadCell:
            self.refused.add(text)
            return
        self.stored[text] = value

    def _value(self, text: str) -> str | int | None:
        if not text and self.column.optional:
            return None
        if not text or clean(text) != text or text[0] == "#":
            raise BadCell("", "", "")
        value = self.parse(text)
        if isinstance(value, Reading):
            if value.how:
                raise BadCell("", "", "")
            value = value.value
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Enum):
            return str(value.value)
        return value if isinstance(value, int) else str(value)


class PlainValues:
    """The plain rows of one file, chunk by chunk, as the columns of its table and LINE.

    `positions` has the place of each column in a row, `references` the IDs that columns may refer to.
    """

    def __init__(
        self,
        file_format: FileFormat,
        positions: Mapping[str, int],
        parsers: Mapping[Kind, Parse],
        references: Sequence[Reference],
        *,
        decimal: DecimalMark | None,
        today: date,
    ) -> None:
        self._format, self._positions, self._today = file_format, positions, today.isoformat()
        self._has_decimals = False
        self._pattern = _AMOUNT if decimal is not DecimalMark.COMMA else r"^[0-9]{1,12}$"
        self._texts = {
            each.name: _Texts(each, parsers[each.kind])
            for each in file_format.columns
            if each.kind in _BY_TEXT | _WORDS and each.name in positions
        }
        names = {each.name for each in file_format.columns}
        self._references = [
            (f"{each.thing}_id", each)
            for each in references
            if each.complete and f"{each.thing}_id" in names and file_format.key != (f"{each.thing}_id",)
        ]

    def rows(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The plain and unremarkable rows as stored, and all others with their cells."""
        found = self._different(frame)
        for name, texts in self._texts.items():
            texts.learn(found[name])
        self._has_decimals = "mrr" in self._positions and frame[str(self._positions["mrr"])].str.contains(r"\.").any()
        stored = frame.select(*self._stored(), pl.all_horizontal(True, *self._plain(found)).alias(_PLAIN), LINE)
        remarkable = self._remarkable()
        if remarkable is not None:
            stored = stored.with_columns(pl.col(_PLAIN) & ~remarkable.fill_null(False))
        plain = stored.get_column(_PLAIN)
        if plain.all():
            return stored.drop(_PLAIN), frame.clear()
        return stored.filter(plain).drop(_PLAIN), frame.filter(~plain)

    def _different(self, frame: pl.DataFrame) -> dict[str, list[str]]:
        """The different texts of the columns that are looked at text by text."""
        names = {*self._texts, *(name for name, _ in self._references)}
        found = frame.select(self._cell(name).unique().implode().alias(name) for name in names)
        return {name: found[name][0].to_list() for name in names}

    def _plain(self, found: Mapping[str, Sequence[str]]) -> Iterator[pl.Expr]:
        """What the cells of a plain row are like."""
        referring = dict(self._references)
        for column in self._format.columns:
            name, cell = column.name, self._cell(column.name) if column.name in self._positions else None
            if cell is None:
                continue
            if name in self._texts:
                if refused := self._texts[name].refused.intersection(found[name]):
                    yield ~cell.is_in(list(refused))
            elif name in referring:
                if unknown := [each for each in found[name] if each not in referring[name].ids]:
                    yield ~cell.is_in(unknown)
            elif column.kind is Kind.ID:
                yield cell.str.contains(_ID)
                if self._format.key == (name,):
                    yield ~cell.str.contains(MANGLED)
            elif column.kind is Kind.NAME:
                yield cell.str.contains(NAME)
            else:
                yield cell.str.contains(self._pattern)
                if self._has_decimals:
                    yield _decimals(cell) <= self._digits()

    def _stored(self) -> Iterator[pl.Expr]:
        """The columns as they are stored; of cells that aren't plain, anything."""
        for column in self._format.columns:
            name = column.name
            if name not in self._positions:
                yield pl.lit("" if name in self._format.key else None, pl.String).alias(name)
            elif column.kind is Kind.AMOUNT:
                yield self._minor().alias("mrr_minor")
            elif name in self._texts:
                yield self._text(self._texts[name]).alias(name)
            else:
                yield self._cell(name).alias(name)

    def _text(self, texts: _Texts) -> pl.Expr:
        cell, is_number = self._cell(texts.column.name), texts.column.kind is Kind.COUNT
        if texts.column.name in self._format.key and texts.column.optional:
            return cell
        if not is_number and all(value in (text, None) for text, value in texts.stored.items()):
            return pl.when(cell != "").then(cell) if texts.column.optional else cell
        kind = pl.Int64 if is_number else pl.String
        return cell.replace_strict(dict(texts.stored), default=None, return_dtype=kind)

    def _cell(self, name: str) -> pl.Expr:
        return pl.col(str(self._positions[name]))

    def _digits(self) -> pl.Expr:
        """How many decimals the row's currency has."""
        currency = self._cell("currency")
        other = {code: digits for code in self._texts["currency"].stored if (digits := minor_digits(code)) != 2}
        if not other:
            return pl.lit(2, pl.Int64)
        return currency.replace_strict(other, default=2, return_dtype=pl.Int64)

    def _minor(self) -> pl.Expr:
        """The amount in minor units: exact, in integers."""
        cell, digits = self._cell("mrr"), self._digits()
        if not self._has_decimals:
            return cell.cast(pl.Int64, strict=False) * _power(digits)
        whole = cell.str.replace(r"\..*$", "").cast(pl.Int64, strict=False)
        part = cell.str.extract(r"\.(.*)$").fill_null("0").cast(pl.Int64, strict=False)
        missing = (digits - _decimals(cell)).clip(0, 4)
        return whole * _power(digits) + part * _power(missing)

    def _remarkable(self) -> pl.Expr | None:
        """Rows about which there may be a warning, or whose days are in the wrong order."""
        if self._format.entry is Sale:
            return pl.col("sold_on") > self._today
        return _REMARKABLE.get(self._format.entry)


def _decimals(cell: pl.Expr) -> pl.Expr:
    return cell.str.extract(r"\.(.*)$").str.len_bytes().fill_null(0).cast(pl.Int64)


def _power(exponent: pl.Expr) -> pl.Expr:
    return exponent.replace_strict([0, 1, 2, 3, 4], [1, 10, 100, 1_000, 10_000], return_dtype=pl.Int64)
