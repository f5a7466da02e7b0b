"""How the changes of some clients move their partners' timelines, without the partners' other clients
(architecture#rebuilds).

A balance is a sum over clients, so what a client gave before is taken off and what it gives now is added. The median of
tools used is no sum: it is made anew from the first day on which it may differ.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import add
from typing import NamedTuple

from tiercore.program import Program
from tiercore.rating.hindsight import NO_SHIFT, Shift, Step
from tiercore.rating.install_base import PaidLine
from tiercore.rating.lines import LineKey
from tiercore.rating.retention_shifts import MonthsShift
from tiercore.rating.retention_sums import joined
from tiercore.rating.timeline import COLUMNS, OPEN, DaySums, TermRow

SHIFTED = (*COLUMNS, "portals", "portals_with_usage")  # the columns of a balance that are sums
Usage = Sequence[tuple[int, int]]  # a month's first day (an ordinal) and the tools used, ascending


class Given(NamedTuple):
    """What a client gives to one partner: its credits, and its lines and tool usage as far as there are credits."""

    terms: Sequence[TermRow] = ()
    lines: Mapping[LineKey, PaidLine] = {}
    usage: Usage = ()

    @property
    def usage_days(self) -> set[int]:
        """The days on which the client's tool usage makes a row of the timeline."""
        return {day for day, _ in self.usage} if self.terms else set()

    @property
    def stays(self) -> set[tuple[int, int | None]]:
        """The first days of its credits and their days of expiry."""
        return {(term[4], term[5]) for term in self.terms}


class Run(NamedTuple):
    """The days from `since` to the one before `until`, and what is added to SHIFTED."""

    since: int
    until: int
    added: tuple[int, ...]


@dataclass(slots=True)
class PartnerShift:
    """What is added to a partner's balances from each day on.

    `gained` are the days on which the clients make a row now and didn't before, `lost` the other way round. The median
    of tools used may differ from `tools_since` on.
    """

    sums: DaySums = field(default_factory=DaySums)
    portals: dict[int, list[int]] = field(default_factory=dict)
    gained: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    tools_since: int = OPEN
    months: MonthsShift = field(default_factory=MonthsShift)

    def take_credits(self, removed: Sequence[TermRow], added: Sequence[TermRow]) -> None:
        """Take off the credits removed, and add those added."""
        before, after = _days(removed), _days(added)
        self.gained |= after - before
        self.lost |= before - after
        self.sums.add(removed, -1)
        self.sums.add(added)

    def take_client(self, former: Given, current: Given, program: Program) -> None:
        """Take off what a client gave beside its credits, and add what it gives."""
        stayed, stays = former.stays, current.stays
        if stays != stayed or former.usage != current.usage:
            self.gained |= current.usage_days - former.usage_days
            self.lost |= former.usage_days - current.usage_days
            self._take_portals(former, -1)
            self._take_portals(current, 1)
            self.tools_since = min(self.tools_since, _first_difference(_tools(former), _tools(current)))
        if stays != stayed or former.lines != current.lines:
            self.months.take(stayed, former.lines, program, -1)
            self.months.take(stays, current.lines, program, 1)

    def add(self, other: "PartnerShift") -> None:
        """Take in what other clients change."""
        for into, found in ((self.sums, other.sums), (self.portals, other.portals)):
            for day, added in found.items():
                into[day] = list(map(add, into[day], added)) if day in into else added
        self.gained |= other.gained
        self.lost |= other.lost
        self.tools_since = min(self.tools_since, other.tools_since)
        self.months.add(other.months)

    def runs(self) -> Iterator[Run]:
        """The runs of days to which something is added, ascending."""
        running = [0] * len(SHIFTED)
        days = sorted(self.sums.keys() | self.portals.keys())
        for day, until in pairwise([*days, OPEN]):
            change = (*self.sums.get(day, _NO_SUMS), *self.portals.get(day, _NO_PORTALS))
            running = list(map(add, running, change))
            if any(running):
                yield Run(day, until, tuple(running))

    def steps(self) -> list[Step]:
        """From which days on what is added to the points, ascending."""
        found = (Step(day, Shift(*self.sums[day][: len(NO_SHIFT)])) for day in sorted(self.sums))
        return [step for step in found if step.shift != NO_SHIFT]

    def _take_portals(self, given: Given, direction: int) -> None:
        for day, change in _portals(given):
            found = self.portals.setdefault(day, [0, 0])
            found[0] += direction * change[0]
            found[1] += direction * change[1]


_NO_SUMS, _NO_PORTALS = (0,) * len(COLUMNS), (0, 0)


def _days(terms: Iterable[TermRow]) -> set[int]:
    """The days on which the credits make a row of the timeline."""
    return {day for term in terms for day in (term[4], term[5]) if day}


def _runs(given: Given) -> list[tuple[int, int]]:
    """The runs of days on which the client contributes credit."""
    return [(first, until) for first, until in joined((starts, lapses or OPEN) for starts, lapses in given.stays)]


def _portals(given: Given) -> Iterator[tuple[int, tuple[int, int]]]:
    """By day, how many portals more (1) or fewer (-1) contribute credit, and contribute it with known usage."""
    known = given.usage[0][0] if given.usage else OPEN
    for first, until in _runs(given):
        yield first, (1, 0)
        if known < until:
            yield max(first, known), (0, 1)
        if until < OPEN:
            yield until, (-1, -1 if known < until else 0)


def _tools(given: Given) -> dict[int, int | None]:
    """The tools that count from each day on on which that changes, None while the portal doesn't contribute with known
    usage; ascending.
    """
    found: dict[int, int | None] = {}
    days = [day for day, _ in given.usage]
    for first, until in _runs(given) if given.usage else ():
        at = bisect_right(days, first)
        found[first] = given.usage[at - 1][1] if at else None
        found.update((day, tools) for day, tools in given.usage[at:] if day < until)
        found[until] = None
    return found


def _first_difference(one: Mapping[int, int | None], other: Mapping[int, int | None]) -> int:
    """The first day from which on they differ; OPEN if they don't."""
    left = right = None
    for day in sorted(one.keys() | other.keys()):
        left, right = one.get(day, left), other.get(day, right)
        if left != right:
            return day
    return OPEN


def add_to(shifts: dict[str, PartnerShift], found: Mapping[str, PartnerShift]) -> None:
    """Take in what further clients change of each partner."""
    for partner_id, shift in found.items():
        if partner_id in shifts:
            shifts[partner_id].add(shift)
        else:
            shifts[partner_id] = shift
