"""Rows that may be true and look odd: warnings."""

from collections.abc import Iterator, Mapping
from typing import Any

from tiercore.facts.entries import Partner, Person, Role, SubscriptionLevel
from tiercore.ingest.problems import Problem
from tiercore.ingest.rows import Read

_USUAL_ORDER = (
    (Partner, "joined_on", "elite_invited_on"),
    (Partner, "joined_on", "membership_until"),
    (SubscriptionLevel, "effective_on", "renews_on"),
)


def odd_days(reads: Mapping[type[Any], Read]) -> Iterator[Problem]:
    """Days that stand before the one that they usually follow."""
    for kind, begin, end in _USUAL_ORDER:
        for file, line, entry in _rows(reads, kind):
            start, stop = getattr(entry, begin), getattr(entry, end)
            if stop is not None and stop < start:
                message = f"is before {begin}, {start}"
                yield Problem(file, line, end, str(stop), "odd day", message, "check both days")


def odd_people(reads: Mapping[type[Any], Read]) -> Iterator[Problem]:
    """E-mail addresses with two names, and people who are a partner's in one row and the program's in another."""
    first: dict[str, tuple[Person, int]] = {}
    for file, line, person in _rows(reads, Person):
        before, where = first.setdefault(person.email, (person, line))
        if person.name != before.name:
            message = f"differs from line {where}, where {person.email} is called {before.name}"
            yield Problem(file, line, "name", person.name, "two names", message, "use one name")
        if (person.role is Role.PARTNER) is not (before.role is Role.PARTNER):
            message = f"doesn't go with line {where}, where {person.email} has the role {before.role}"
            yield Problem(file, line, "role", person.role, "two roles", message, "check both rows")


def _rows(reads: Mapping[type[Any], Read], kind: type[Any]) -> Iterator[tuple[str, int, Any]]:
    if read := reads.get(kind):
        for entry, line in zip(read.entries, read.lines, strict=True):
            yield read.log.file, line, entry
