"""Where the columns of an input, and of the inputs that it joins, are in its rows laid end to end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tiercore.ingest.mapping.mapping import Names
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell
from tiercore.suggestions import did_you_mean


@dataclass(slots=True)
class Layout:
    """The columns of one input; those of a joined input are called "deals.Stage" and come after its own."""

    table: str
    since_1904: bool = False
    shown: list[str] = field(default_factory=list)
    _at: dict[str, int] = field(default_factory=dict)
    _twice: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, table: str, header: Sequence[str], *, since_1904: bool = False) -> "Layout":
        """The layout of a table of its own; `table` is what messages call it."""
        layout = cls(table, since_1904)
        layout._add(header, "")
        return layout

    def join(self, name: str, other: "Layout") -> None:
        """Lay the columns of a joined input behind those that are there."""
        self._add(other.shown, f"{name}.")

    def find(self, names: Names) -> int | None:
        """The place of the first of the candidates that the header has. Raises BadCell if it has two of that name."""
        found = self.find_all(names)
        return found[0] if found else None

    def find_all(self, names: Names) -> list[int]:
        """The places of all candidates that the header has."""
        found = []
        for name in names:
            if (key := plain(name)) in self._at:
                if key in self._twice:
                    raise BadCell("column twice", "is in the header twice", "rename one of the two in the export")
                found.append(self._at[key])
        return found

    def missing(self, names: Names, setting: str = "") -> BadCell:
        """The problem of a column that the header lacks, and whose place a setting could take."""
        known = [each for each in self.shown if each]
        guess = next(filter(None, (did_you_mean(name, known) for name in names)), "")
        other = f"it with --set {setting}=…" if setting else "another value with else"
        remedy = f"{guess}{'N' if guess else 'n'}ame its column in the mapping, or give {other}"
        return BadCell("no such column", f"is not a column of {self.table}", remedy)

    def _add(self, header: Sequence[str], prefix: str) -> None:
        for name in header:
            key = plain(prefix + name)
            if key in self._at and plain(name):
                self._twice.add(key)
            self._at.setdefault(key, len(self.shown))
            self.shown.append(prefix + name.strip() if name.strip() else "")
