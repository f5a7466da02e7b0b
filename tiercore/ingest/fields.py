"""From a row's cells to the fields of its entry; each distinct text is parsed once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Any

from tiercore.facts.money import Money
from tiercore.ingest.amounts import exact_amount, parse_amount, plain_amount, rounded_amount
from tiercore.ingest.cells import Parse, clean, parse_currency
from tiercore.ingest.day_forms import Reading
from tiercore.ingest.files import Column, FileFormat, Kind
from tiercore.ingest.noticed import Noticed
from tiercore.ingest.plain_numbers import DecimalMark, PlainNumber
from tiercore.ingest.problems import BadCell
from tiercore.ingest.spreadsheet import error_in

_MAX_CACHED = 50_000
_EXAMPLES = {
    Kind.COUNTRY: " as two capital letters, such as DE: growth-market points depend on it",
    Kind.CURRENCY: " as three capital letters, such as EUR",
    Kind.DATE: ", such as 2026-01-31",
    Kind.MONTH: ", such as 2026-01",
    Kind.AMOUNT: ", such as 1234.56",
}
_SEPARATED = "an amount with separators or a currency"
_COMPUTED = "a computed amount, rounded half up to the currency's smallest unit"
BAD: Any = object()  # stands for a field whose cell is bad


class Memo(dict[Any, Any]):
    """A cache of parsed texts: files repeat the same days, currencies and product lines."""

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, raw: Any) -> Any:
        value = self._parse(raw)
        if len(self) < _MAX_CACHED:
            self[raw] = value
        return value


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the file and how one of its cells is parsed."""

    column: str
    at: int
    parse: Parse


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the entry, made from `cells`: `memo[text_of(row)]` is its value, or raises BadCell."""

    name: str
    cells: tuple[Cell, ...]
    text_of: Callable[[list[str]], Any]
    memo: Memo

    def bad_cells(self, row: list[str]) -> list[tuple[str, BadCell]]:
        """The columns whose cells are bad, and why."""
        bad = [(cell.column, wrong) for cell in self.cells if (wrong := _wrong(cell.parse, row[cell.at]))]
        if not bad and self.cells and (wrong := _wrong(self._parse, row)):
            return [(self.cells[0].column, wrong)]
        return bad

    def value_of(self, row: list[str]) -> Any:
        """The field's value, BAD if a cell is bad or missing."""
        try:
            return self._parse(row)
        except (BadCell, IndexError):
            return BAD

    def _parse(self, row: list[str]) -> Any:
        return self.memo[self.text_of(row)]


def fields_of(
    file_format: FileFormat,
    positions: Mapping[str, int],
    parsers: Mapping[Kind, Parse],
    noticed: Noticed,
    decimal: DecimalMark | None = None,
) -> tuple[Field, ...]:
    """The fields of the entry, in order, for a file with its columns at these positions.

    `decimal` is what was said of the decimal mark of its amounts. What is read from forms other than the plain ones
    goes to `noticed`.
    """
    columns = {column.kind: column for column in file_format.columns}
    money = columns.get(Kind.AMOUNT)
    fields = []
    for column in file_format.columns:
        if column is money:
            fields.append(_money(column, columns[Kind.CURRENCY], positions, parsers, noticed, decimal))
        elif not (money and column.kind is Kind.CURRENCY):
            fields.append(_single(column, positions, parsers, noticed))
    return tuple(fields)


def _single(column: Column, positions: Mapping[str, int], parsers: Mapping[Kind, Parse], noticed: Noticed) -> Field:
    parse = _cell_parser(column, parsers[column.kind], noticed)
    if column.name not in positions:
        return Field(column.name, (), _nothing if column.optional else _absent, Memo(parse))
    at = positions[column.name]
    return Field(column.name, (Cell(column.name, at, parse),), itemgetter(at), Memo(parse))


def _money(
    amount: Column,
    currency: Column,
    positions: Mapping[str, int],
    parsers: Mapping[Kind, Parse],
    noticed: Noticed,
    decimal: DecimalMark | None,
) -> Field:
    def money_of(texts: tuple[str, str]) -> Money:
        text, code = map(clean, texts)
        currency = parse_currency(code)
        if isinstance(texts[0], PlainNumber):
            return computed(texts[0], currency)
        money = plain_amount(text, currency)
        if money is None or (decimal is DecimalMark.COMMA and "." in text):
            money = parse_amount(text, currency, decimal)
            noticed.take(amount.name, text, Reading(money, _SEPARATED, shown=money.as_decimal()))
        return money

    def computed(number: PlainNumber, currency: str) -> Money:
        exact = exact_amount(number, currency)
        money = rounded_amount(exact, currency)
        if exact != Fraction(money.as_decimal()):
            noticed.take(amount.name, number, Reading(money, _COMPUTED, shown=money.as_decimal()))
        return money

    both = [column for column in (amount, currency) if column.name in positions]
    cells = tuple(
        Cell(each.name, positions[each.name], _cell_parser(each, parsers[each.kind], noticed)) for each in both
    )
    text_of = itemgetter(*(cell.at for cell in cells)) if len(cells) == 2 else _absent
    return Field(amount.name, cells, text_of, Memo(money_of))


def _cell_parser(column: Column, parse: Parse, noticed: Noticed) -> Parse:
    gives_reading = column.kind in (Kind.COUNTRY, Kind.DATE, Kind.MONTH)

    def parse_cell(raw: str) -> Any:
        text = raw if isinstance(raw, PlainNumber) and column.kind is Kind.AMOUNT else clean(raw)
        if text:
            if text[0] == "#" and (error := error_in(text, is_id=column.kind is Kind.ID)):
                raise BadCell("spreadsheet error", *error)
            return noticed.take(column.name, text, parse(text)) if gives_reading else parse(text)
        if column.optional:
            return None
        raise BadCell("missing value", "is empty", f"give a {column.name}{_EXAMPLES.get(column.kind, '')}")

    return parse_cell


def _wrong(parse: Callable[[Any], Any], raw: Any) -> BadCell | None:
    try:
        parse(raw)
    except BadCell as bad:
        return bad
    return None


def _nothing(row: list[str]) -> str:
    return ""


def _absent(row: list[str]) -> str:
    """The text of a required column that the header lacks; the header's check reports it."""
    raise BadCell("missing column", "is missing", "add it")
