"""What is new of the sample between two days, as a source to import: a day's import costs what the day brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.playground.sample.draft_ledger import Sample
from bot.playground.sample.files import COLUMNS, cells, entries_of, sample_known_on
from tiercore.ingest.tables import Listing, TextTable
from tiercore.storage.bulk import table
from tiercore.storage.rows import TABLE_OF, entry_row


@dataclass(frozen=True, slots=True)
class SampleChanges:
    """The rows of the sample that are known on one day and not on another, either of which may be the earlier one;
    `name` is what the record of imports calls it. Rows that are no longer known are removed.
    """

    name: str
    before: date
    day: date

    @property
    def lists_everyone(self) -> bool:
        """Its people are those that are new."""
        return False

    def tables(self) -> Listing:
        """The new and changed rows, and the keys of the others."""
        was, known, found = sample_known_on(self.before), sample_known_on(self.day), Listing()
        for name, columns in COLUMNS.items():
            self._compare(found, name, columns.split(), (was, known))
        return found

    def _compare(self, found: Listing, name: str, columns: Sequence[str], samples: tuple[Sample, Sample]) -> None:
        file, (was, known) = f"{name}.csv", (entries_of(each, name) for each in samples)
        new, old = _only_in(known, was), _only_in(was, known)
        same = set(new) & set(old)
        if rows := [cells(each, columns) for each in new if each not in same]:
            found.tables.append(TextTable(file, file, tuple(columns), dict(enumerate(rows, 2))))
        kept = set(map(_key_of, new))
        if gone := [key for key in map(_key_of, old) if key not in kept]:
            found.removals[file] = gone


def _only_in(entries: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The entries that aren't the same objects as others: what both days know is, and needs no comparison."""
    known = set(map(id, others))
    return [each for each in entries if id(each) not in known]


def _key_of(entry: Any) -> Any:
    """The key of its row, as the removals of a listing have it."""
    row = entry_row(entry)
    key = tuple(row[column.name] for column in table(TABLE_OF[type(entry)]).primary_key)
    return key if len(key) > 1 else key[0]
