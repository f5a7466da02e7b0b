"""The portal's data, in memory.

portal = Portal()
deal = portal.add("deals", {"dealname": "Acme", "amount": "1000"})
item = portal.add("line_items", {"name": "Marketing Hub Professional", "hs_mrr": "1000"})
portal.associate("deals", deal, "line_items", item)
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from bot.playground.local_hubspot.portal.definitions import Owner, Pipeline, Property
from bot.playground.local_hubspot.portal.object_types import BY_WORD, TYPES
from bot.playground.local_hubspot.portal.records import Record, Records

_COMMON = (
    Property("hs_object_id", "Record ID", "number", "number"),
    Property("createdate", "Create Date", "datetime", "date"),
    Property("hs_lastmodifieddate", "Last Modified Date", "datetime", "date"),
)
PORTAL_ID = "4242"


class Portal:
    """Records by type, what associates them, and what describes them. `clock` gives seconds since 1970.

    `version` counts up with every change.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.version = 0
        self.records = {each.name: Records() for each in TYPES}
        self.properties = {each.name: {one.name: one for one in _COMMON} for each in TYPES}
        self.pipelines: dict[str, list[Pipeline]] = {each.name: [] for each in TYPES}
        self.owners: list[Owner] = []
        self._associated: defaultdict[tuple[str, str], dict[int, list[int]]] = defaultdict(dict)

    def describe(self, object_type: str, *properties: Property) -> None:
        """Add property definitions to a type, or replace those of the same name."""
        self.properties[object_type].update({each.name: each for each in properties})

    def add(
        self, object_type: str, properties: Mapping[str, str], *, record_id: int | None = None, at: int | None = None
    ) -> Record:
        """Add a record, made `at` a time in milliseconds, by default now."""
        records, now = self.records[object_type], self._now(at)
        record = Record(records.next_id if record_id is None else record_id, dict(properties), now, now)
        records.put(record)
        self.version += 1
        return record

    def change(
        self, object_type: str, record: Record | int, properties: Mapping[str, str | None], at: int | None = None
    ) -> None:
        """Change a record; its last-modified time becomes `at`, by default now."""
        self._found(object_type, record).change(properties, self._now(at))
        self.version += 1

    def archive(self, object_type: str, record: Record | int, at: int | None = None) -> None:
        """Move a record to the recycling bin, where only lists with archived=true show it."""
        self._found(object_type, record).archived_at = self._now(at)
        self.version += 1

    def restore(self, object_type: str, record: Record | int) -> None:
        """Bring an archived record back."""
        self._found(object_type, record).archived_at = None
        self.version += 1

    def hide(self, object_type: str, record: Record | int, hidden: bool = True) -> None:
        """Leave a record out of every answer, as if the portal had lost it, or with hidden=False show it again."""
        self._found(object_type, record).hidden = hidden
        self.version += 1

    def associate(self, from_type: str, one: Record | int, to_type: str, other: Record | int) -> None:
        """Associate two records, in both directions."""
        one_id, other_id = _id(one), _id(other)
        self._associated[from_type, to_type].setdefault(one_id, []).append(other_id)
        self._associated[to_type, from_type].setdefault(other_id, []).append(one_id)
        self.version += 1

    def associated(self, from_type: str, record_id: int, to_type: str) -> list[int]:
        """The ids of the records of another type that a record is associated with and that are there."""
        records = self.records[to_type]
        ids = self._associated[from_type, to_type].get(record_id, ())
        return [each for each in ids if (found := records.get(each)) is not None and not found.is_archived]

    def _found(self, object_type: str, record: Record | int) -> Record:
        return record if isinstance(record, Record) else next(self.records[object_type].after(record - 1))

    def _now(self, at: int | None) -> int:
        return int(self.clock() * 1000) if at is None else at


def _id(record: Record | int) -> int:
    return record.id if isinstance(record, Record) else record


def type_named(word: str) -> str | None:
    """The name of the object type that a word of a path names, such as deals for "deal" or "0-3"."""
    found = BY_WORD.get(word.casefold())
    return found.name if found else None
