"""What a mapping says: how rows of a foreign form become rows of our files (data#exports-through-a-mapping).

In TOML, one table for each input of theirs, and one for each file of ours:

    dates = "day-first"                        # or "month-first"; without it an ambiguous day is a problem
    decimal = "comma"                          # or "point"; without it an amount such as 1,234 is a problem

    [inputs.deals]                             # theirs; a mapping of a single table needs no [inputs]
    tables = ["deals", "*deals*"]              # names of files, sheets or record types; default: the input's name
    id = "Record ID"                           # what joins refer to

    [inputs.line_items]
    join = { deals = "Deal ID" }               # the column that has the id of the deal

    [[inputs.deals.rows]]                      # which rows count; a value in neither list is a problem
    column = "Deal Stage"
    count = ["Closed Won"]
    skip = ["Closed Lost", ""]                 # "" is an empty cell; or otherwise = "skip"
    open = ["Contract Sent"]                   # deals that aren't closed: they count for [pipeline] alone

    [sales]                                    # ours: sales.csv
    from = "line_items"
    sale_id = "Record ID"                      # a column; several: the first that the header has
    client_id = { column = "deals.Company ID", else = { id_from = ["deals.Company"] } }
    motion = { column = "Motion", values = { "DIFM" = "assisted", "Partner Collab" = "sourced" } }
    mrr = { mrr = "hs_mrr", zero = "missing", else = { amount = "price", times = "quantity", months = "term" } }
    currency = { value = "USD" }

Text in place of a table is always a column of theirs. `deals.` in front of a column reads the joined row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.tables import BrokenRow, Cells

Names = tuple[str, ...]
"""Candidates for one column of theirs: the first that the header has is meant. "deals.Stage" is of a joined input."""


class RawTable(Protocol):
    """A table in its own form: a file, a sheet or the records of one type. `name` is what messages call it."""

    @property
    def name(self) -> str:
        """What messages call it: "deals.csv", "report.xlsx [Deals]", "HubSpot deals"."""
        ...

    @property
    def sheet(self) -> str:
        """What `tables` of an input is compared with: a sheet, a type of records; "" for a file, which has its name."""
        ...

    @property
    def header(self) -> Sequence[str]:
        """The names of its columns."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What was done to read it: another encoding, a header further down."""
        ...

    @property
    def since_1904(self) -> bool:
        """Whether its numbers of days count from 1904."""
        ...

    def rows(self, on_broken: Callable[[BrokenRow], None], /) -> Iterator[tuple[int, Cells]]:
        """Each row with its number for messages: the line of a file, the row of a sheet, the numeric id of a record.

        Numbers are unique within the table and below 2**56. May be called twice. Raises BadCell or OSError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Records:
    """Records in memory as a RawTable: a mapping of property to text for each; a missing property is an empty cell.

    `number_of` gives the number that messages name, by default the record's place, counted from 1.
    """

    name: str
    sheet: str
    records: Sequence[Mapping[str, str | None]]
    header: Sequence[str]
    number_of: Callable[[Mapping[str, str | None]], int] | None = None
    notes: Sequence[str] = ()
    since_1904: bool = False

    def rows(self, on_broken: Callable[[BrokenRow], None], /) -> Iterator[tuple[int, Cells]]:
        """Each record as a row."""
        for place, record in enumerate(self.records, 1):
            number = self.number_of(record) if self.number_of else place
            yield number, [record.get(name) or "" for name in self.header]


@dataclass(frozen=True, slots=True)
class Column:
    """A cell of theirs; with `values`, the text is translated (keys in lower case).

    A text that isn't among them is a problem, unless it is our own word already or others are kept as they are.
    """

    names: Names
    values: Mapping[str, str] | None = None
    keeps_others: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """The same text in every row; with `unset`, a setting that wasn't given, which a row that needs it names."""

    text: str
    unset: str = ""


@dataclass(frozen=True, slots=True)
class DerivedId:
    """An id made of the text of `parts`: "Müller & Co." gives muller-co. Empty if the first part is.

    The same text gives the same id, whatever its capitals and spaces; two texts that give one id are a problem.
    """

    parts: tuple[Names, ...]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Monthly:
    """An amount per month: amount × times ÷ months, exactly, a remainder of a minor unit rounded half up.

    `months` is a number (12 for ARR) or the column with the term or billing period: "12", "P1Y", "annually".
    With `zero_is_missing`, an amount of 0 is like an empty cell.
    """

    amount: Names
    times: Names = ()
    months: int | Names = 1
    zero_is_missing: bool = False


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of `choices` that isn't empty: what `else` in the TOML makes."""

    choices: tuple["Recipe", ...]


Recipe = Column | Constant | DerivedId | Monthly | FirstOf
"""How a cell of ours is made."""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows count, by a column: `count`, `skip` and `open` are values in lower case.

    Open rows are deals that aren't closed: they become rows of pipeline.csv, and of clients.csv, alone. A value in none
    is a problem unless `otherwise` says "count" or "skip".
    """

    names: Names
    count: frozenset[str]
    skip: frozenset[str]
    otherwise: str = ""
    line: int = 0
    open: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Input:
    """A table of theirs: `tables` are patterns of a sheet's or file's name, `id` is what joins refer to."""

    name: str
    tables: Names
    id: Names = ()
    joins: Mapping[str, Names] = field(default_factory=dict)
    filters: tuple[RowFilter, ...] = ()
    optional: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """How rows of an input become rows of a file of ours: a recipe for each of our columns.

    `repeats` says which of several rows with one key stands: "" (they must be equal), "first" or "last". `added`: the
    amounts of a level are what each row adds to its line, not the line's whole MRR. `without` is an input whose rows
    must not refer to the row: deals without line items. An `optional` rule is left out where the header lacks a column
    that it needs, and the summary says so. `lines` are those of the TOML.
    """

    file: str
    input: str
    cells: Mapping[str, Recipe]
    filters: tuple[RowFilter, ...] = ()
    repeats: str = ""
    added: bool = False
    without: str = ""
    optional: bool = False
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportMapping:
    """A whole mapping: its inputs by name, its rules in the order of FILES, and the order of day and month.

    `origin` is the TOML's name in messages; `about` says what it reads; `decimal` is the decimal mark of its amounts.
    """

    origin: str
    inputs: Mapping[str, Input]
    rules: tuple[Rule, ...]
    dates: DateOrder | None = None
    about: str = ""
    decimal: DecimalMark | None = None


def names_in(recipe: Recipe) -> Iterable[Names]:
    """The columns of theirs that a recipe reads."""
    match recipe:
        case Column(names=names):
            yield names
        case DerivedId(parts=parts):
            yield from parts
        case Monthly(amount=amount, times=times, months=months):
            yield from filter(None, (amount, times, months if isinstance(months, tuple) else ()))
        case FirstOf(choices=choices):
            for each in choices:
                yield from names_in(each)
