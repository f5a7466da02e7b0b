"""Checks within a row and between rows: keys, references, and the order of days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Agreement, Certification, Person, PipelineDeal, Role
from tiercore.ingest.fields import BAD
from tiercore.ingest.files import FileFormat
from tiercore.ingest.problems import IN_FULL, BadCell
from tiercore.ingest.spreadsheet import padded, what_happened
from tiercore.suggestions import did_you_mean

Found = tuple[str, BadCell]  # the column at fault, and why
KEY_SEPARATOR = "+"  # between the columns of a key
_MAX_SUGGESTIONS = IN_FULL
_IN_ORDER = {Agreement: ("starts_on", "ends_on"), Certification: ("valid_from", "valid_until")}


@dataclass(slots=True)
class Reference:
    """The IDs that a column may refer to; `complete` is False if the file with them couldn't be read."""

    thing: str
    file: str
    name: str  # what messages call the file
    ids: set[str]
    complete: bool = True
    suggested: int = 0

    def learn(self, file: str, keys: Mapping[tuple[Any, ...], int], *, complete: bool) -> None:
        """Add the IDs in `file` if it is the one referred to, even of bad rows, so that a mistake is reported once."""
        if file == self.file:
            self.complete = complete
            self.ids.update(key[0] for key in keys if key[0] is not BAD)

    def unknown(self, value: str) -> BadCell:
        """The problem of a row that refers to an unknown ID."""
        self.suggested += 1
        guess = self._guess(value) if self.suggested <= _MAX_SUGGESTIONS else ""
        message = f"isn't a known {self.thing}: it's not in {self.name} and wasn't imported before"
        if mangled := what_happened(value):
            message += f"; it {mangled[0]}"
        remedy = f"{guess}{'A' if guess else 'a'}dd it to {self.name}, or correct it here"
        return BadCell(f"unknown {self.thing}", message, remedy)

    def _guess(self, value: str) -> str:
        if known := padded(value, self.ids):
            return f"Did you mean {known}? A spreadsheet drops leading zeros. "
        return did_you_mean(value, self.ids)


@dataclass(slots=True)
class RowChecks:
    """The checks of one file's rows. Values are in the order of the entry's fields, BAD for a bad cell."""

    names: Sequence[str]
    key: Sequence[int]
    references: Sequence[tuple[int, Reference]]
    within: Callable[[Sequence[Any]], Found | None] | None = None
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def problems(self, values: Sequence[Any], line: int) -> list[Found]:
        """The problems of a row other than bad cells. Remembers the row's key."""
        found: list[Found] = []
        key = tuple([values[at] for at in self.key])
        if self.seen.setdefault(key, line) != line and BAD not in key:
            found.append(self._repeated(key))
        for at, reference in self.references:
            value = values[at]
            if value not in reference.ids and value is not BAD and value is not None:
                found.append((self.names[at], reference.unknown(value)))
        if self.within and (wrong := self.within(values)):
            found.append(wrong)
        return found

    def remember(self, values: Sequence[Any], line: int) -> None:
        """Remember the key of a row that isn't checked any further."""
        self.seen.setdefault(tuple([values[at] for at in self.key]), line)

    def _repeated(self, key: tuple[Any, ...]) -> Found:
        columns = [self.names[at] for at, value in zip(self.key, key, strict=True) if value is not None]
        message = f"is also on line {self.seen[key]}"
        remedy = "keep one of the two rows" + (", or give each an id of its own" if len(self.key) == 1 else "")
        return KEY_SEPARATOR.join(columns), BadCell("duplicate key", message, remedy)


def checks_of(file_format: FileFormat, names: Sequence[str], references: Sequence[Reference]) -> RowChecks:
    """The checks of a file whose entry has the fields `names`."""
    checked = [
        (names.index(column), reference)
        for reference in references
        if (column := f"{reference.thing}_id") in names and reference.complete and file_format.key != (column,)
    ]
    return RowChecks(names, [names.index(name) for name in file_format.key], checked, _within(file_format, names))


def _within(file_format: FileFormat, names: Sequence[str]) -> Callable[[Sequence[Any]], Found | None] | None:
    if file_format.entry is Person:
        return _partner_named
    if file_format.entry is PipelineDeal:
        return _client_named
    if file_format.entry not in _IN_ORDER:
        return None
    begin, end = _IN_ORDER[file_format.entry]
    first, last = names.index(begin), names.index(end)

    def in_order(values: Sequence[Any]) -> Found | None:
        start, stop = values[first], values[last]
        if start is BAD or stop is BAD or stop is None or stop >= start:
            return None
        return end, BadCell("ends before it starts", f"is before {begin}, {start}", f"give {start} or a later day")

    return in_order


def _partner_named(values: Sequence[Any]) -> Found | None:
    role, partner_id = values[2], values[3]
    if partner_id is not None or role is BAD or role is Role.ADMIN:
        return None
    return "partner_id", BadCell("missing value", f"is empty for the role {role}", "only an admin has no partner")


def _client_named(values: Sequence[Any]) -> Found | None:
    client_id, client_name = values[2], values[3]
    if client_id is not None or client_name is not None:
        return None
    remedy = "give the ID of a known client, or the name of a new one in client_name"
    return "client_id", BadCell("missing value", "is empty, and so is client_name", remedy)
