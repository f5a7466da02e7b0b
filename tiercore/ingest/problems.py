"""Problems with the files: where, what, why, and how to fix them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from types import MappingProxyType
from typing import Any

IN_FULL = 50
_MAX_SHOWN = 60
_MAX_STORED = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in the files, in words for the person who can fix it.

    `line` is the line the row starts on (the header is usually line 1), 0 for the whole file; `column` is empty for the
    whole row. `kind` is short, for counting: "bad amount".
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
        joint = ". " if self.remedy[:1].isupper() else "; "
        return f"{place}: {value}{shown(self.message, 1_000)}{joint}{shown(self.remedy, 1_000)}"


class BadCell(Exception):
    """A cell, row or file is wrong; `message` continues a sentence that starts with the value."""

    def __init__(self, kind: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.kind, self.message, self.remedy = kind, message, remedy


@dataclass(slots=True)
class Log:
    """The problems of one file, in the order they are found."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: str, value: str, bad: BadCell) -> None:
        """Add a problem of a cell, a row (no column) or the file (line 0)."""
        self.problems.append(Problem(self.file, line, column, value[:_MAX_STORED], bad.kind, bad.message, bad.remedy))


@dataclass(slots=True)
class Collected:
    """Problems of which there may be very many: the first IN_FULL of each kind in full, of the rest how many."""

    problems: list[Problem] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    _kept: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, make: Callable[..., Problem], *about: Any) -> None:
        """Keep the problem that `make` gives of what it is about, or count it."""
        if self._kept[kind] < IN_FULL:
            self._kept[kind] += 1
            self.problems.append(make(*about))
        else:
            self.more[kind] += 1


def report(problems: Sequence[Problem], more: Mapping[str, int] = MappingProxyType({})) -> list[str]:
    """IN_FULL problems, then how many more of each kind there are (`more` not among them), as lines of plain text."""
    rest = Counter(problem.kind for problem in problems)
    rest.update(more)
    selected = first_of_each(problems, IN_FULL)
    rest.subtract(problem.kind for problem in selected)
    counts = [f"… and {count:,} more: {kind}" for kind, count in (+rest).most_common()]
    return [str(problem) for problem in selected] + counts


def first_of_each(problems: Sequence[Problem], limit: int) -> list[Problem]:
    """At most `limit` problems, in their order: the first of every kind, then the second, and so on.

    So a few of one kind aren't lost among thousands of another.
    """
    seen: Counter[str] = Counter()
    ranked = []
    for index, problem in enumerate(problems):
        ranked.append((seen[problem.kind], index))
        seen[problem.kind] += 1
    return [problems[index] for index in sorted(index for _, index in nsmallest(limit, ranked))]


def shown(text: str, limit: int = _MAX_SHOWN) -> str:
    """The text on one line and safe in a terminal: invisible characters are escaped, long text is cut to `limit`."""
    printable = text[: limit + 1]
    if not printable.isprintable():
        printable = "".join(map(_escaped, printable))
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"


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
