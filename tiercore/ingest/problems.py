"""What is wrong with a folder of CSV files: file, line, column, value, and what would be right (data.md)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

IN_FULL = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect. `line` is 0 where it is the whole file's; `kind` is a short word to count by."""

    file: str
    line: int
    column: str
    value: str
    kind: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "") + (f" {self.column}" if self.column else "")
        value = f" {_shown(self.value)}" if self.value else ""
        return f"{place}:{value} {self.message}; {self.remedy}"


def _shown(value: str) -> str:
    """The value with everything that a terminal might obey written out."""
    return ascii(value) if not value.isprintable() else f"'{value if len(value) <= 60 else value[:59] + '…'}'"


def report(problems: Sequence[Problem]) -> list[str]:
    """The first 50 in full, then how many more there are of each kind."""
    lines = [str(problem) for problem in problems[:IN_FULL]]
    more = Counter(problem.kind for problem in problems[IN_FULL:])
    return lines + [f"… and {count:,} more: {kind}" for kind, count in more.most_common()]
