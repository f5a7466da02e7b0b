"""Moving stored timelines and retention by what the clients touched by an import change (architecture#rebuilds)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from tiercore.program import Program
from tiercore.rating import client_batches as clients_
from tiercore.rating import partner_batches as partners_
from tiercore.rating.client_batches import Row
from tiercore.rating.client_shifts import TouchedClients
from tiercore.rating.partner_batches import Differing, usage_by_client
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_shifts import shifted_months
from tiercore.rating.shifts import SHIFTED, PartnerShift
from tiercore.rating.timeline import OPEN, medians_of
from tiercore.storage.batches import client_batch, stored_rows
from tiercore.storage.bulk import chunks
from tiercore.storage.raw import RawRows
from tiercore.storage.watching import Watcher

_LEVELS, _USAGE = "subscription_level", "tool_usage"
_OTHERS = ", ".join(partners_.BALANCE[2:])
_GAIN = f"""
INSERT INTO timeline (partner_id, day, {_OTHERS})
SELECT partner_id, ?, {_OTHERS} FROM timeline WHERE partner_id = ? AND day < ? ORDER BY day DESC LIMIT 1
ON CONFLICT DO NOTHING
"""  # noqa: S608
_BEGIN = f"""
INSERT INTO timeline (partner_id, day, {_OTHERS})
VALUES (?, ?, {", ".join("NULL" if name == "tools_median_twice" else "0" for name in partners_.BALANCE[2:])})
ON CONFLICT DO NOTHING
"""  # noqa: S608
_LOSE = """
DELETE FROM timeline WHERE partner_id = ? AND day = ?
AND NOT EXISTS (SELECT 1 FROM credit WHERE partner_id = ? AND starts_on = ?)
AND NOT EXISTS (SELECT 1 FROM credit WHERE partner_id = ? AND lapses_on = ?)
AND NOT EXISTS (
    SELECT 1 FROM credit JOIN tool_usage USING (client_id) WHERE credit.partner_id = ? AND tool_usage.month = ?
)
"""
_MOVE = f"""
UPDATE timeline SET {", ".join(f"{name} = {name} + ?" for name in SHIFTED)}
WHERE partner_id = ? AND day >= ? AND day < ?
"""  # noqa: S608
_MEDIAN = "UPDATE timeline SET tools_median_twice = ? WHERE partner_id = ? AND day >= ? AND day < ?"
_COMBINED = """
SELECT sourced + assisted + managed FROM timeline WHERE partner_id {} AND day <= {} ORDER BY day DESC LIMIT 1
"""


class Former:
    """The levels and the tool usage that clients had before an import changed some of either."""

    def __init__(self, connection: Connection, levels_of: Collection[str], usage_of: Collection[str]) -> None:
        rows = RawRows(connection)
        self._levels = _by_client(rows, _LEVELS, clients_.LEVEL, levels_of)
        self._usage = _by_client(rows, _USAGE, partners_.USAGE, usage_of)

    def touched(self, rows: RawRows, client_ids: Sequence[str], doubted: Collection[str]) -> TouchedClients:
        """These clients as they are stored now, with what they had before."""
        levels_of = self._levels.keys() & set(client_ids)
        usage_of = self._usage.keys() & set(client_ids)
        return TouchedClients(
            client_batch(rows, client_ids, doubted),
            rows.where(_USAGE, partners_.USAGE, "client_id", client_ids),
            levels_of,
            [row for client_id in levels_of for row in self._levels[client_id]],
            usage_of,
            [row for client_id in usage_of for row in self._usage[client_id]],
        )


def former_count(connection: Connection, levels_of: Collection[str], usage_of: Collection[str]) -> int:
    """How many rows `Former` keeps in memory."""
    rows, of = RawRows(connection), ((_LEVELS, levels_of), (_USAGE, usage_of))
    return sum(rows.count(table, "client_id", part) for table, client_ids in of for part in chunks(client_ids))


def _by_client(
    rows: RawRows, table: str, columns: Sequence[str], client_ids: Collection[str]
) -> Mapping[str, list[Row]]:
    """The rows of each of the clients, who come first in each row; an empty list for none."""
    found: dict[str, list[Row]] = {client_id: [] for client_id in client_ids}
    for part in chunks(sorted(client_ids)):
        for row in rows.where(table, columns, "client_id", part):
            found[row[0]].append(row)
    return found


class Shifting:
    """Moves stored timelines and retention in the connection's transaction, after credits, levels and usage."""

    def __init__(self, rows: RawRows, program: Program, watcher: Watcher | None) -> None:
        self._rows, self._program, self._watcher = rows, program, watcher

    def partners(self, shifts: Mapping[str, PartnerShift]) -> set[str]:
        """Move these partners by their shifts; the ones returned have to be made anew instead."""
        anew = self._retention(shifts)
        moved = {partner_id: shift for partner_id, shift in shifts.items() if partner_id not in anew}
        self._timelines(moved)
        self._medians(
            {partner_id: shift.tools_since for partner_id, shift in moved.items() if shift.tools_since < OPEN}
        )
        if self._watcher:
            for partner_id, shift in moved.items():
                self._watcher.moved(partner_id, shift.steps(), self._combined_on)
        return anew

    def _retention(self, shifts: Mapping[str, PartnerShift]) -> set[str]:
        """Move the months of retention. Returns the partners for whom other clients are needed."""
        anew, differing = set[str](), Differing([], [])
        for part in chunks(sorted(partner_id for partner_id, shift in shifts.items() if shift.months)):
            stored: dict[str, list[Row]] = defaultdict(list)
            for row in stored_rows(self._rows, "retention", partners_.MONTH, part, "month, currency"):
                stored[row[0]].append(row)
            for partner_id in part:
                former = stored[partner_id]
                months = [RetentionMonth._make(row[1:]) for row in former]
                found = shifted_months(months, shifts[partner_id].months, self._program)
                if found is None:
                    anew.add(partner_id)
                else:
                    partners_.collect(differing, former, [(partner_id, *month) for month in found])
        self._rows.delete("retention", partners_.MONTH[:3], [row[:3] for row in differing.removed])
        self._rows.insert("retention", partners_.MONTH, differing.added)
        return anew

    def _timelines(self, shifts: Mapping[str, PartnerShift]) -> None:
        gained = [(partner_id, day) for partner_id, shift in shifts.items() for day in sorted(shift.gained)]
        self._rows.many(_GAIN, [(day, partner_id, day) for partner_id, day in gained])
        self._rows.many(_BEGIN, gained)
        lost = ((partner_id, day) for partner_id, shift in shifts.items() for day in shift.lost)
        self._rows.many(
            _LOSE,
            [(*(one, day) * 3, one, date.fromordinal(day).isoformat()) for one, day in lost],
        )
        runs = ((partner_id, run) for partner_id, shift in shifts.items() for run in shift.runs())
        self._rows.many(_MOVE, [(*run.added, one, run.since, run.until) for one, run in runs])

    def _medians(self, since: Mapping[str, int]) -> None:
        """Make the medians of tools used again, of each partner from a day on."""
        changes: list[Row] = []
        for partner_id, first in since.items():
            medians = _standing_from(first, medians_of(*self._used_tools(partner_id)))
            ends = [day for day, _ in medians[1:]] + [OPEN]
            changes += ((median, partner_id, day, end) for (day, median), end in zip(medians, ends, strict=True))
        self._rows.many(_MEDIAN, changes)

    def _used_tools(
        self, partner_id: str
    ) -> tuple[Mapping[str, list[tuple[int, int]]], Mapping[str, Iterable[tuple[int, int]]]]:
        """The days on which the partner's clients with known usage contribute credit, and their usage."""
        is_partner, own = self._rows.among((partner_id,))
        credits = f"SELECT DISTINCT client_id, starts_on, lapses_on FROM credit WHERE partner_id {is_partner}"  # noqa: S608
        has_usage = "EXISTS (SELECT 1 FROM tool_usage WHERE tool_usage.client_id = credit.client_id)"
        stays: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for client_id, starts_on, lapses_on in self._rows.all(f"{credits} AND {has_usage}", own):
            stays[client_id].append((starts_on, lapses_on or OPEN))
        usage: dict[str, list[tuple[int, int]]] = {}
        for part in chunks(stays):
            usage |= usage_by_client(self._rows.where(_USAGE, partners_.USAGE, "client_id", part))
        return stays, usage

    def _combined_on(self, partner_id: str, day: int) -> int:
        """The partner's points on a day (an ordinal), in micropoints."""
        is_partner, own = self._rows.among((partner_id,))
        found = self._rows.all(_COMBINED.format(is_partner, "%s" if self._rows.is_postgresql else "?"), own, day)
        return int(found[0][0]) if found else 0


def _standing_from(first: int, medians: Sequence[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """The medians from a day on: the one that stands on it, and each that differs from the one before."""
    found: list[tuple[int, int | None]] = [(first, None)]
    for day, median in medians:
        if day <= first:
            found = [(first, median)]
        elif median != found[-1][1]:
            found.append((day, median))
    return found
