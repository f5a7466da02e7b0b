"""Rows of one of our files made from rows of theirs; several rows that say the same are one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.mapping import Rule
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.tables import Cells, TextTable

EACH_COUNTS = {"sales.csv"}  # two equal sales are two sales, or a mistake


@dataclass(slots=True)
class MadeTable:
    """The rows of `file`, each under its key with the number of the row that it comes from.

    The key is empty for rows that aren't compared: whose id is missing, or whose amounts are still to be added up.
    """

    file: str
    header: tuple[str, ...]
    lines: dict[int, Cells] = field(default_factory=dict)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    _key: tuple[int, ...] = ()

    @classmethod
    def of(cls, file: str, rules: Iterable[Rule]) -> "MadeTable":
        """A table with the columns of all rules for the file, in our order."""
        used = {name for rule in rules for name in rule.cells}
        header = tuple(column.name for column in FORMATS[file].columns if column.name in used)
        key = tuple(header.index(name) for name in FORMATS[file].key if name in used)
        return cls(file, header, _key=key)

    def says_nothing_new(self, rule: Rule) -> bool:
        """Whether a row that reads the same cells as one before can only make the same row of ours."""
        return self.file not in EACH_COUNTS and not rule.added and rule.repeats != "last" and bool(self._key)

    def add(self, number: int, cells: Cells, rule: Rule) -> int | None:
        """Add a row. If another one with its key stands, the number of that; 0 if they say the same."""
        at = self._key
        key = (cells[at[0]],) if len(at) == 1 else tuple([cells[each] for each in at])
        if rule.added or not key or not key[0]:
            self.lines[number] = cells
            return None
        before = self._numbers.setdefault(key, number)
        if before == number:
            self.lines[number] = cells
            return None
        return self._repeated(key, before, number, cells, rule.repeats)

    def as_table(self) -> TextTable:
        """The rows as a table of the import."""
        return TextTable(self.file, self.file, self.header, self.lines)

    def _repeated(self, key: tuple[str, ...], before: int, number: int, cells: Cells, repeats: str) -> int:
        if repeats == "last":
            del self.lines[before]
            self.lines[number] = cells
            self._numbers[key] = number
            return 0
        same = self.file not in EACH_COUNTS and _alike(self.lines[before], cells)
        return 0 if repeats == "first" or same else before

    def key_of(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The names of the key's columns that have a value, for a message."""
        return tuple(self.header[at] for at in self._key if cells[at])

    def key_values(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The key."""
        return tuple(cells[at] for at in self._key)


def _alike(before: Cells, cells: Cells) -> bool:
    return before == cells or [plain(text) for text in before] == [plain(text) for text in cells]
