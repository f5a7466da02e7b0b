"""What came of an import (data#imports)."""

from collections import Counter
from dataclasses import dataclass, field

from tiercore.ingest.problems import Problem
from tiercore.people.membership import LostAccess
from tiercore.storage.history import PartnerPast
from tiercore.storage.reconcile import Count


@dataclass(slots=True)
class Imported:
    """The result of an import: a count for each file, in the files' order, and the partners whose `past` it changed.
    With `problems`, nothing was stored.

    `lost_access` is who is no longer in people.csv, in whole or for some partners. `more_warnings` are how many there
    are of each kind in addition to `warnings`. With `begins_record`, the record of what imports change begins with it.
    `waiting` is how many rows wait because someone may have typed the same.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more_warnings: Counter[str] = field(default_factory=Counter)
    past: list[PartnerPast] = field(default_factory=list)
    begins_record: bool = False
    stored: bool = False
    lost_access: list[LostAccess] = field(default_factory=list)
    waiting: int = 0
