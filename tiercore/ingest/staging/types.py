"""What is staged, and how far a sync has read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record of the other system: its properties as text, None where empty, and the ids of the records that it is
    associated with, by their type, the primary one first.
    """

    record_id: str
    properties: Mapping[str, str | None]
    updated_at: datetime
    associated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on reading one type of record: after `after`, the other system's own cursor, among the records with
    an id above `above`. `read` is how many have been read above it.
    """

    after: str = ""
    above: str = ""
    read: int = 0


START = Cursor()


@dataclass(frozen=True, slots=True)
class Page:
    """Records read together, and where to go on; None after the last page."""

    records: tuple[RawRecord, ...]
    next: Cursor | None
