"""What is wrong with the files: where, what, why, and what would be right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

IN_FULL = 50
_SHOWN = 60
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the files, in words for the person who can put it right.

    `line` is the line in the file at which the row begins (the header is usually line 1), 0 when the whole file is
    meant; `column` is empty when the whole row is meant. `kind` is short, for counting: "bad amount".
    """

    file: str
    line: int
    column: str
    value: str
    kind: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = shown(self.file, 1_000) + (f":{self.line}" if self.line else "")
        place += f" {shown(self.column)}" if self.column else ""
        value = f"'{shown(self.value)}' " if self.value else ""
        return f"{place}: {value}{shown(self.message, 1_000)}; {shown(self.remedy, 1_000)}"


class BadCell(Exception):
    """A cell, row or file that is not what it should be; `message` reads on from the value."""

    def __init__(self, kind: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.kind, self.message, self.remedy = kind, message, remedy


@dataclass(slots=True)
class Log:
    """The problems of one file, as they are found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: str, value: str, bad: BadCell) -> None:
        """Note what is wrong with a cell, a row (no column) or the file (line 0)."""
        kept = value if len(value) <= _KEPT else value[:_KEPT]
        self.problems.append(Problem(self.file, line, column, kept, bad.kind, bad.message, bad.remedy))


def report(problems: Sequence[Problem]) -> list[str]:
    """50 problems in full, then how many of each kind remain: lines of plain text."""
    rest = Counter(problem.kind for problem in problems)
    told = first_of_each(problems, IN_FULL)
    rest.subtract(problem.kind for problem in told)
    more = [f"… and {count:,} more: {kind}" for kind, count in (+rest).most_common()]
    return [str(problem) for problem in told] + more


def first_of_each(problems: Sequence[Problem], most: int) -> list[Problem]:
    """So many of the problems at most, in their order: the first of every kind, then the second … so that a few of one
    kind aren't lost behind thousands of another.
    """
    met: Counter[str] = Counter()
    turns = []
    for index, problem in enumerate(problems):
        turns.append((met[problem.kind], index))
        met[problem.kind] += 1
    return [problems[index] for index in sorted(index for _, index in nsmallest(most, turns))]


def shown(text: str, most: int = _SHOWN) -> str:
    """The text on one line and harmless in a terminal: what can't be seen is escaped, what is long is cut."""
    seen = text[: most + 1]
    if not seen.isprintable():
        seen = "".join(map(_escaped, seen))
    return seen if len(seen) <= most else seen[: most - 1] + "…"


def listed(words: Iterable[str]) -> str:
    """The words in alphabetical order: "gold, platinum"."""
    return ", ".join(sorted(words))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return ascii(character)[1:-1]
