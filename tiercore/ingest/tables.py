"""Tables of text, the one form in which rows come in: from CSV files, spreadsheets, mapped exports or a CRM."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell, Problem

Cells = list[str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that couldn't be read: the line it starts on, the text of that line, its cells as far as they are known."""

    line: int
    text: str
    bad: BadCell
    cells: tuple[str, ...] = ()


class Rows(Protocol):
    """The rows of an open table, the header first."""

    @property
    def not_utf8(self) -> bool:
        """Whether the row read last has bytes that aren't UTF-8."""
        ...

    def read(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        """Each row with the line it starts on. Empty lines are skipped; broken rows go to `on_broken`."""
        ...


@runtime_checkable
class FileRows(Rows, Protocol):
    """The rows of a file that somebody made: what was done to read it, and how it counts days."""

    @property
    def notes(self) -> Sequence[Problem]:
        """Warnings that say what was done to read it, such as its encoding."""
        ...

    @property
    def since_1904(self) -> bool:
        """Whether its numbers of days count from 1904."""
        ...


class Table(Protocol):
    """A table whose rows are those of one of FILES (`file`, such as "sales.csv"); messages call it `name`."""

    @property
    def file(self) -> str:
        """The one of FILES that its rows are for."""
        ...

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def count(self) -> int:
        """About how many rows it has, for progress. Raises BadCell if it can't be read at all, or OSError."""
        ...

    def open(self) -> AbstractContextManager[Rows]:
        """The rows. Raises OSError."""
        ...


@dataclass(slots=True)
class Listing:
    """The tables to read, parents first; `unread` names the FILES that seem to be there but can't be read.

    `removals` are the keys of stored rows, by file, that the source says are gone; `dates` the order of days and months
    that was said of it, `decimal` the decimal mark of its amounts. `said` puts a problem that the import finds in a row
    into the words of the source: its own file, line and column.
    """

    tables: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    removals: dict[str, Collection[Any]] = field(default_factory=dict)
    dates: DateOrder | None = None
    decimal: DecimalMark | None = None
    said: Callable[[Problem], Problem] | None = None

    def wrong(self, file: str, kind: str, message: str, remedy: str) -> None:
        """Add a problem of a file or the folder."""
        self.problems.append(Problem(file, 0, "", "", kind, message, remedy))

    def passed_over(self, file: str, why: str, remedy: str) -> None:
        """Add the warning about a file or a sheet that isn't read."""
        self.warnings.append(Problem(file, 0, "", "", "passed over", f"was passed over: {why}", remedy))


class Source(Protocol):
    """Where rows come from. `name` is what the record of imports calls it: "folder march", "deals.xlsx", "HubSpot".

    `lists_everyone`: whether its people.csv is the whole list, so that whoever isn't in it loses access.
    """

    @property
    def name(self) -> str:
        """What the record of imports calls it."""
        ...

    @property
    def lists_everyone(self) -> bool:
        """Whether its people.csv is the whole list."""
        ...

    def tables(self) -> Listing:
        """What there is to read. Never raises because of its content. May be called twice."""
        ...


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table in memory: a header and rows, each with the line that messages name."""

    file: str
    name: str
    header: tuple[str, ...]
    lines: Mapping[int, Cells]

    def count(self) -> int:
        """The number of rows."""
        return len(self.lines)

    def open(self) -> AbstractContextManager[Rows]:
        """The header and the rows."""
        return nullcontext(_TextRows(self))


class _TextRows:
    not_utf8 = False

    def __init__(self, table: TextTable) -> None:
        self._table = table

    def read(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        yield 0, list(self._table.header)
        yield from self._table.lines.items()
