"""Dropped files and what importing them would do, as plain values, independent of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tiercore.rating.hindsight import Span

MAX_BYTES = 20 << 20
MAX_FILES = 20
KEPT_HOURS = 24
MAPPING = ".toml"
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", MAPPING)
_LONGEST_NAME = 120
_INSTEAD = {
    ".xls": "Save it as .xlsx first.",
    ".numbers": "Export it as .xlsx or CSV first.",
    ".zip": "Unpack it, and drop the files in it.",
}


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file's name as its owner gave it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Drop:
    """The files of a message, and the text that was written with them."""

    files: tuple[DroppedFile, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class FileCount:
    """How many rows of one of the ten files are added, changed and the same."""

    file: str
    added: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that can't be imported, and what would be right; without a `column` a row, with `line` 0 a file."""

    file: str
    line: int
    column: str
    value: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class PastChange:
    """By how much the rows change a partner's balance on past days."""

    partner: str
    span: Span


@dataclass(frozen=True, slots=True)
class Outcome:
    """What importing the files would do, or has done where they are `stored`. With bad cells, nothing is stored.

    `bad_cells` are the first of each kind, `total_bad` is how many there are in all. `warnings` are lines of text, with
    `more_warnings` beyond them by kind. `differs`: the counts aren't those that were shown before.

    Files in a form of their own are `read_as` a mapping says, with a `summary` of their rows. Where they can't be read
    yet, `settings` are to be written with them, or `proposal` is a mapping to complete. `waiting` is how many rows wait
    because someone may have typed the same.
    """

    names: tuple[str, ...]
    counts: tuple[FileCount, ...] = ()
    bad_cells: tuple[BadCell, ...] = ()
    total_bad: int = 0
    warnings: tuple[str, ...] = ()
    more_warnings: Mapping[str, int] = field(default_factory=dict)
    past: tuple[PastChange, ...] = ()
    stored: bool = False
    differs: bool = False
    read_as: str = ""
    summary: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    proposal: str = ""
    waiting: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something has to be said before the files can be read."""
        return bool(self.settings or self.proposal)

    @property
    def changes_something(self) -> bool:
        """Whether any row is added or changed, or waits for an answer."""
        return bool(self.waiting) or any(each.added or each.changed for each in self.counts)


@dataclass(frozen=True, slots=True)
class Importer:
    """Who may import: an e-mail, and the IDs of the partners whose rows they may bring; None for all of an admin's."""

    email: str
    partners: frozenset[str] | None


def names_of(files: Sequence[DroppedFile]) -> tuple[str, ...]:
    """The files' names."""
    return tuple(each.name for each in files)


def plain_name(name: str) -> str:
    """A file's name without folders and characters that a folder or a message can't hold, with its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(each if each.isprintable() else "_" for each in last).strip().lstrip(".")
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{ending[:10]}" if stem else shown[:_LONGEST_NAME] or "file"


def unlike(name: str) -> str:
    """What to do with a file that isn't one of KINDS."""
    ending = f".{name.lower().rpartition('.')[2]}"
    return _INSTEAD.get(ending, "I take .csv and .xlsx files.")
