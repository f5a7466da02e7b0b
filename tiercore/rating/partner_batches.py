"""Timelines and retention of many partners at a time, from rows to the rows that differ (architecture#rebuilds)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from tiercore.facts.money import Money
from tiercore.program import Catalogue, Program
from tiercore.rating.client_batches import Row, level_of, program_of
from tiercore.rating.garbage import uncollected
from tiercore.rating.install_base import Line, PaidLine, PaidLines, Stay
from tiercore.rating.lines import LineKey, levels_by_line
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_months import months_of
from tiercore.rating.timeline import Balance, balances_of

USAGE = ("client_id", "month", "tools_used")
BALANCE = ("partner_id", *Balance._fields)
MONTH = ("partner_id", *RetentionMonth._fields)
_first = itemgetter(0)


class PartnerBatch(NamedTuple):
    """What the timelines and retention of some partners are made of, as rows.

    A term has its partner before the fields of Term. `levels` and `usage` are those of all their clients, with the
    columns of LEVEL and USAGE; `timelines` and `months` are stored, with the columns of BALANCE and MONTH.
    """

    partners: Sequence[str]
    terms: Sequence[Row]
    levels: Sequence[Row]
    usage: Sequence[Row]
    timelines: Sequence[Row]
    months: Sequence[Row]


class Differing(NamedTuple):
    """Rows to remove and rows to add; a row that changes is in both."""

    removed: Sequence[Row]
    added: Sequence[Row]


class RatedPartners(NamedTuple):
    """How the timelines and the retention of a batch differ from the stored ones.

    `corrected` has each partner whose timeline differs, with the stored timeline and the one that takes its place.
    """

    timelines: Differing
    months: Differing
    corrected: Sequence[tuple[str, Sequence[Row], Sequence[Row]]]


@uncollected()
def rate_partners(pickled: bytes, batch: PartnerBatch) -> RatedPartners:
    """The timelines and the retention of the batch's partners by a pickled program."""
    program = program_of(pickled)
    lines = _lines(batch.levels, program.catalogue)
    usage = _usage(batch.usage)
    terms, timelines, months = (_by_partner(each) for each in (batch.terms, batch.timelines, batch.months))
    days, stays, corrected = Differing([], []), Differing([], []), list[tuple[str, Sequence[Row], Sequence[Row]]]()
    for partner_id in batch.partners:
        own = [row[1:] for row in terms.get(partner_id, ())]
        former, current = timelines.get(partner_id, []), _timeline(partner_id, own, usage)
        if _collect(days, former, current):
            corrected.append((partner_id, former, current))
        _collect(stays, months.get(partner_id, []), _months(partner_id, own, lines, program))
    return RatedPartners(days, stays, corrected)


def _timeline(partner_id: str, terms: Sequence[Row], usage: Mapping[str, list[tuple[int, int]]]) -> list[Row]:
    return [(partner_id, *day) for day in balances_of(terms, usage)]


def _months(partner_id: str, terms: Sequence[Row], lines: PaidLines, program: Program) -> list[Row]:
    own = {client_id: lines[client_id] for client_id in {term[0] for term in terms} if client_id in lines}
    stays = {(term[0], term[4], term[5]) for term in terms if term[0] in own}
    dated = [Stay(client_id, _date(starts), _date(lapses) if lapses else None) for client_id, starts, lapses in stays]
    return [(partner_id, *month) for month in months_of(dated, own, program)]


def _lines(levels: Iterable[Row], catalogue: Catalogue) -> PaidLines:
    """Each client's product lines, from all of their levels."""
    named: dict[tuple[str, str], LineKey] = {}
    found: dict[str, dict[LineKey, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in levels:
        name = row[1], row[6]
        if name not in named:
            named[name] = LineKey(catalogue.line_of(name[0]).hub, name[1] or "")
        found[row[0]][named[name]].append(row)
    return {
        client_id: {key: _line(key, rows, catalogue) for key, rows in lines.items()}
        for client_id, lines in found.items()
    }


def _line(key: LineKey, rows: Sequence[Row], catalogue: Catalogue) -> PaidLine:
    """One line of a client; where names or days repeat, which level counts is the catalogue's matter."""
    days = {row[4]: row for row in rows}
    if len(days) < len(rows) or any(row[1] != rows[0][1] for row in rows):
        return Line(levels_by_line(map(level_of, rows), catalogue)[key])
    ordered = [days[day] for day in sorted(days)]
    return PaidLine([(_day(row[4]), _money(row[2], row[3]) if row[2] else None) for row in ordered])


@lru_cache(maxsize=50_000)
def _money(minor: int, currency: str) -> Money:
    return Money(minor, currency)


@lru_cache(maxsize=50_000)
def _day(value: Any) -> date:
    """The day, which SQLite stores as its ISO text."""
    return date.fromisoformat(value) if type(value) is str else value


@lru_cache(maxsize=50_000)
def _date(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _usage(rows: Iterable[Row]) -> Mapping[str, list[tuple[int, int]]]:
    """Each client's months, as ordinals of their first days, with the tools used."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for client_id, month, tools_used in rows:
        found[client_id].append((_day(month).toordinal(), tools_used))
    return found


def _by_partner(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """The rows of each partner, which come first in each row."""
    found: dict[str, list[Row]] = {}
    for partner_id, own in groupby(rows, key=_first):
        found.setdefault(partner_id, []).extend(own)
    return found


def _collect(into: Differing, former: Sequence[Any], current: Sequence[Any]) -> bool:
    """Take in what differs between two states of a partner's rows; whether anything does."""
    if former == current:
        return False
    before, after = set(former), set(current)
    into.removed.extend(row for row in former if row not in after)  # type: ignore[attr-defined]
    into.added.extend(row for row in current if row not in before)  # type: ignore[attr-defined]
    return before != after
