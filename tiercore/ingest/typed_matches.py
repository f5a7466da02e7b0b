"""Incoming rows that may be what someone typed in Slack: held back until somebody decides (data#typed)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from tiercore.facts.entries import Entry, Person
from tiercore.facts.typed import Decision
from tiercore.ingest.files import FILES
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.typed_candidates import take_candidates
from tiercore.ingest.typed_rows import cells_of, key_of, stored_key
from tiercore.ingest.typed_similar import similar_to
from tiercore.program import Catalogue
from tiercore.storage import rows, typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.typed_entries import Ended, TypedEntry, TypedMatch

KIND = "typed in Slack"


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed and in force, by file and key; `entries` keep their rows through every import."""

    entries: Mapping[str, Mapping[tuple[str, ...], TypedEntry]]

    @classmethod
    def stored(cls, connection: Connection) -> "Typed":
        """What the database has."""
        found: dict[str, dict[tuple[str, ...], TypedEntry]] = defaultdict(dict)
        for each in typed_entries.in_force(connection):
            found[each.file][each.key] = each
        return cls(found)

    def has(self, file: str, row: Mapping[str, Any]) -> bool:
        """Whether someone typed this stored row."""
        return file in self.entries and key_of(file, row) in self.entries[file]


def hold_back(
    connection: Connection,
    incoming: Incoming,
    typed: Typed,
    catalogue: Catalogue,
    source: str,
    at: datetime,
    *,
    mirror: bool = False,
) -> Collected:
    """Take the rows out of `incoming` that may be what someone typed, and store them for a decision.

    A row that is exactly what was typed passes, and so does one about which somebody decided that both count. People
    that a file lists are the file's from then on. What waited and is gone from the source is forgotten. Returns a
    warning for each row that waits.
    """
    warned, new = Collected(), list[TypedMatch]()
    if incoming.columns:
        take_candidates(connection, incoming, typed.entries, typed_entries.matches(connection))
    _forget_gone(connection, incoming, mirror=mirror)
    for file, entries in typed.entries.items():
        kind = FILES[file]
        if kind not in incoming.entries:
            continue
        if kind is Person:
            _leave_to_list(connection, entries, incoming.entries[kind], at)
            continue
        _Held(connection, incoming, catalogue, source, at).take(file, entries, new, warned)
    typed_entries.hold_back(connection, new)
    return warned


def _forget_gone(connection: Connection, incoming: Incoming, *, mirror: bool) -> None:
    """Forget the rows that waited and that the source says are gone, or with `mirror` doesn't have."""
    gone = list[str]()
    for each in typed_entries.matches(connection):
        kind = FILES[each.file]
        if stored_key(each.file, each.key) in incoming.removals.get(each.file, ()):
            gone.append(each.match_id)
        elif mirror and kind in incoming.entries:
            keys = {key_of(each.file, rows.entry_row(entry)) for entry in incoming.entries[kind]}
            gone += [] if each.key in keys else [each.match_id]
    typed_entries.forget(connection, gone)


def _leave_to_list(
    connection: Connection, entries: Mapping[tuple[str, ...], TypedEntry], listed: Iterable[Entry], at: datetime
) -> None:
    keys = {key_of("people.csv", rows.entry_row(each)) for each in listed}
    named = [each.entry_id for key, each in entries.items() if key in keys]
    typed_entries.end(connection, named, Ended.LISTED, at, reason="people.csv lists them")


class _Held:
    """The rows of one source's table that are held back."""

    def __init__(
        self, connection: Connection, incoming: Incoming, catalogue: Catalogue, source: str, at: datetime
    ) -> None:
        self._connection, self._incoming, self._catalogue = connection, incoming, catalogue
        self._source, self._at = source, at
        self._known = {each.match_id: each for each in typed_entries.matches(connection)}

    def take(
        self,
        file: str,
        entries: Mapping[tuple[str, ...], TypedEntry],
        new: list[TypedMatch],
        warned: Collected,
    ) -> None:
        kind = FILES[file]
        found, lines = self._incoming.entries[kind], self._incoming.lines[kind]
        held, waiting = set[int](), set[str]()
        for at, one in self._candidates(file, found, entries):
            cells = cells_of(file, rows.entry_row(found[at]))
            match = self._match(file, one, cells)
            waiting.add(match.match_id)
            known = self._known.get(match.match_id)
            if known and known.decision is Decision.TWO:
                continue
            held.add(at)
            if known and known.cells == match.cells and known.decision is Decision.MINE:
                continue
            if known is None or known.cells != match.cells:
                new.append(match)
            warned.add(KIND, _waiting, file, lines[at], match, one)
        if held:
            kept = [at for at in range(len(found)) if at not in held]
            self._incoming.entries[kind] = [found[at] for at in kept]
            self._incoming.lines[kind] = [lines[at] for at in kept]
        self._let_pass(file, waiting)

    def _let_pass(self, file: str, waiting: Collection[str]) -> None:
        """Rows that waited, but are no longer like anything that is typed: both count."""
        undecided = [each for each in self._known.values() if each.file == file and each.decision is None]
        passing = {each.key: each.match_id for each in undecided if each.match_id not in waiting}
        if not passing:
            return
        for each in self._incoming.entries[FILES[file]]:
            if match_id := passing.get(key_of(file, rows.entry_row(each))):
                typed_entries.decide(self._connection, match_id, Decision.TWO, "", self._at)

    def _match(self, file: str, one: TypedEntry, cells: Mapping[str, str]) -> TypedMatch:
        key = key_of(file, cells)
        match_id = sha256("\0".join((file, *one.key, "", *key)).encode()).hexdigest()[:24]
        return TypedMatch(match_id, one.entry_id, one.partner_id, file, key, cells, self._source, self._at)

    def _candidates(
        self, file: str, found: Sequence[Entry], entries: Mapping[tuple[str, ...], TypedEntry]
    ) -> Iterator[tuple[int, TypedEntry]]:
        """The place of each row that may be what someone typed, with that entry."""
        similar = similar_to(FILES[file], self._connection, self._incoming, self._catalogue, entries)
        for at, each in enumerate(found):
            row = rows.entry_row(each)
            one = entries.get(key_of(file, row))
            if one is not None:
                if self._stored(file, one) != row:
                    yield at, one
            elif (other := similar(each)) is not None:
                yield at, other

    def _stored(self, file: str, one: TypedEntry) -> Mapping[str, Any] | None:
        source = table(rows.TABLE_OF[FILES[file]])
        key = stored_key(file, one.key)
        values = key if isinstance(key, tuple) else (key,)
        where = [column == value for column, value in zip(source.primary_key, values, strict=True)]
        row = self._connection.execute(select(source).where(*where)).mappings().one_or_none()
        return dict(row) if row else None


def keep_access(typed: Typed, listed: Collection[str], file: str) -> Iterator[Problem]:
    """A warning for each typed person whom a whole list of people doesn't name: they keep access (data#typed)."""
    for key, each in typed.entries.get("people.csv", {}).items():
        if key[0] not in listed:
            who, day = each.entered_name, f"{each.entered_at:%Y-%m-%d}"
            yield Problem(
                file,
                1,
                "email",
                key[0],
                "typed person",
                f"isn't in the list, and keeps access: {who} typed them in Slack on {day}",
                f"add them to the list, or let {who} or an admin withdraw them: /tier add",
            )


def _waiting(file: str, line: int, match: TypedMatch, one: TypedEntry) -> Problem:
    column = next(iter(match.cells))
    value = match.cells[column]
    who, day = one.entered_name, f"{one.entered_at:%Y-%m-%d}"
    message = f"waits: it may be what {who} typed in Slack on {day} ({', '.join(one.key)}), which goes on counting"
    return Problem(
        file, line, column, value, KIND, message, f"{who} and the CAM are asked in Slack which of them counts"
    )
