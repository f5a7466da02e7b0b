"""What must hold between the cells of a row and between rows: keys, references, order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Agreement, Certification, Person, Role
from tiercore.ingest.fields import BAD
from tiercore.ingest.files import Form
from tiercore.ingest.problems import IN_FULL, BadCell
from tiercore.suggestions import did_you_mean

Found = tuple[str, BadCell]  # the column that is to blame, and why
KEY_MARK = "+"  # between the columns of a key
_MOST_SUGGESTIONS = IN_FULL
_IN_ORDER = {Agreement: ("starts_on", "ends_on"), Certification: ("valid_from", "valid_until")}


@dataclass(slots=True)
class Known:
    """The ids that a column may refer to; `complete` is False when the file that holds them couldn't be read."""

    thing: str
    file: str
    ids: set[str]
    complete: bool = True
    suggested: int = 0

    def learn(self, file: str, keys: Mapping[tuple[Any, ...], int], *, complete: bool) -> None:
        """Take the ids of the file, if it is the one; those of bad rows too, so that one mistake is told once."""
        if file == self.file:
            self.complete = complete
            self.ids.update(key[0] for key in keys if key[0] is not BAD)

    def unknown(self, value: str) -> BadCell:
        """Why a row can't refer to the value."""
        self.suggested += 1
        guess = did_you_mean(value, self.ids, starts_sentence=False) if self.suggested <= _MOST_SUGGESTIONS else ""
        message = f"isn't a known {self.thing}: it's not in {self.file} and wasn't imported before"
        return BadCell(f"unknown {self.thing}", message, f"{guess}add it to {self.file}, or correct it here")


@dataclass(slots=True)
class RowChecks:
    """The checks of one file. Values stand in the order of the entry's fields, BAD where a cell is bad."""

    names: Sequence[str]
    key: Sequence[int]
    references: Sequence[tuple[int, Known]]
    within: Callable[[Sequence[Any]], Found | None] | None = None
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def problems(self, values: Sequence[Any], line: int) -> list[Found]:
        """What is wrong with a row besides its cells; its key is remembered."""
        found: list[Found] = []
        key = tuple([values[at] for at in self.key])
        if self.seen.setdefault(key, line) != line and BAD not in key:
            found.append(self._repeated(key))
        for at, known in self.references:
            value = values[at]
            if value not in known.ids and value is not BAD and value is not None:
                found.append((self.names[at], known.unknown(value)))
        if self.within and (wrong := self.within(values)):
            found.append(wrong)
        return found

    def remember(self, values: Sequence[Any], line: int) -> None:
        """Remember the key of a row that is not checked further."""
        self.seen.setdefault(tuple([values[at] for at in self.key]), line)

    def _repeated(self, key: tuple[Any, ...]) -> Found:
        columns = [self.names[at] for at in self.key]
        message = f"is also on line {self.seen[key]}"
        return KEY_MARK.join(columns), BadCell("duplicate key", message, "keep one of the two rows")


def checks_of(form: Form, names: Sequence[str], knowns: Sequence[Known]) -> RowChecks:
    """The checks of a form whose entry has the fields `names`."""
    references = [
        (names.index(column), known)
        for known in knowns
        if (column := f"{known.thing}_id") in names and known.complete and form.key != (column,)
    ]
    return RowChecks(names, [names.index(name) for name in form.key], references, _within(form, names))


def _within(form: Form, names: Sequence[str]) -> Callable[[Sequence[Any]], Found | None] | None:
    if form.entry is Person:
        return _partner_named
    if form.entry not in _IN_ORDER:
        return None
    begin, end = _IN_ORDER[form.entry]
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
