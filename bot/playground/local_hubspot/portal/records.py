"""The records of one object type, in order of their ids."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Record:
    """A CRM record. Times are milliseconds since 1970; `history` has the earlier and current values of each property
    that was changed, newest first.
    """

    id: int
    properties: dict[str, str]
    created_at: int
    updated_at: int
    archived_at: int | None = None
    hidden: bool = False
    history: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    @property
    def is_archived(self) -> bool:
        """Whether it is in the portal's recycling bin."""
        return self.archived_at is not None

    def change(self, properties: Mapping[str, str | None], at: int) -> None:
        """Give properties new values; None removes a value."""
        for name, value in properties.items():
            earlier = self.history.setdefault(name, [])
            if not earlier and name in self.properties:
                earlier.append((self.properties[name], self.created_at))
            earlier.insert(0, (value or "", at))
            if value is None:
                self.properties.pop(name, None)
            else:
                self.properties[name] = value
        self.updated_at = at

    def values_of(self, name: str) -> list[tuple[str, int]]:
        """The values that a property has had, newest first, each with its time."""
        if name in self.history:
            return self.history[name]
        return [(self.properties[name], self.created_at)] if name in self.properties else []


class Records:
    """All records of a type by id."""

    def __init__(self) -> None:
        self._by_id: dict[int, Record] = {}
        self._ids: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Record]:
        return (self._by_id[each] for each in self._ids)

    def put(self, record: Record) -> None:
        """Add a record, or replace the one with its id."""
        if record.id not in self._by_id:
            insort(self._ids, record.id)
        self._by_id[record.id] = record

    def get(self, record_id: int | str) -> Record | None:
        """The record with an id, hidden ones aside."""
        found = self._by_id.get(int(record_id)) if str(record_id).isdecimal() else None
        return None if found is None or found.hidden else found

    def after(self, record_id: int) -> Iterator[Record]:
        """The records with greater ids, in their order."""
        for index in range(bisect_right(self._ids, record_id), len(self._ids)):
            yield self._by_id[self._ids[index]]

    def before(self, record_id: int) -> Record | None:
        """The last record up to an id, that one included."""
        index = bisect_left(self._ids, record_id + 1)
        return self._by_id[self._ids[index - 1]] if index else None

    @property
    def next_id(self) -> int:
        """An id greater than all so far."""
        return (self._ids[-1] if self._ids else 1_000) + 1
