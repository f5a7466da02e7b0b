"""Many partners read in sets and judged off the event loop; their lines in a portfolio are kept until they change."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tiercore.access import MANY, PartnerName, Reach, Viewer
from tiercore.ledger import Ledger, scope_of
from tiercore.portfolio.data import Judged, PartnerData, judged, state_of, week_before
from tiercore.portfolio.selecting import page_of
from tiercore.portfolio.state import By, Filter, PartnerState, StatesPage
from tiercore.program import Program
from tiercore.questions.expiry import Lapse, UnknownExpiry
from tiercore.questions.portfolio import SOON
from tiercore.questions.requirements import Facts
from tiercore.rating.install_base import month_of
from tiercore.rating.retention import RetentionMonth, retention_on
from tiercore.rating.timeline import Balance
from tiercore.storage import portfolio_statements as sets
from tiercore.storage.bulk import chunks
from tiercore.storage.decoding import Rows, certification_of, credited, holds_of, lapse_of, partner_of
from tiercore.storage.reader import Query
from tiercore.storage.review_statements import review_days

SLICE = 500  # partners read and judged at a time
_DAYS_KEPT = 2


class PartnerStates:
    """The partners of one ledger, judged many at a time. What was judged of a partner on a day is kept until the
    partner's own version or the rules change.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: OrderedDict[tuple[date, int], _Kept] = OrderedDict()
        self._filling = asyncio.Lock()

    async def page(
        self, reach: Reach, as_of: date, of: Filter, by: By, first: int = 0, count: int | None = None
    ) -> StatesPage:
        """A page of the partners in reach that pass the filter, in order. With a `count`, its rows have their verdicts
        in full.
        """
        states = await self.states(reach, as_of)
        tiers = [tier.name for tier in self._ledger.program.on(as_of).tiers]
        page = await asyncio.to_thread(page_of, states, as_of, tiers, of, by, first, count)
        return replace(page, version=reach.version)

    async def states(self, reach: Reach, as_of: date) -> list[PartnerState]:
        """The line of each partner in reach: only those that have changed since they were asked for are read again."""
        if len(reach.partners) <= MANY:
            return await self._states(reach, as_of)
        async with self._filling:  # who asks for as many at the same time waits for the same lines
            return await self._states(reach, as_of)

    async def _states(self, reach: Reach, as_of: date) -> list[PartnerState]:
        kept, since = self._kept_on(as_of), week_before(as_of)
        async for slice_ in self.judged(reach.viewer, kept.stale(reach), as_of, since):
            lapses = await self.lapses(reach.viewer, [each.partner_id for each in slice_ if each.turns_red], as_of)
            for each in slice_:
                week = each.week(since, lapses.get(each.partner_id, ()))
                kept.put(reach, state_of(week, each.expiry, each.data.cams))
        return kept.of(reach.partners)

    def _kept_on(self, as_of: date) -> "_Kept":
        key = (as_of, id(self._ledger.program))
        kept = self._kept.pop(key, None)
        if kept is None or kept.program is not self._ledger.program:
            kept = _Kept(self._ledger.program)
        self._kept[key] = kept
        while len(self._kept) > _DAYS_KEPT:
            self._kept.popitem(last=False)
        return kept

    async def judged(
        self, viewer: Viewer | None, partner_ids: Iterable[str], as_of: date, since: date
    ) -> AsyncIterator[list[Judged]]:
        """The answers about the partners that the viewer may see of these, SLICE at a time; each slice is of one state
        of the data. Their balances of the day `since` are read, too.
        """
        program = self._ledger.program
        for some in chunks(partner_ids, SLICE):
            queries = _queries(some, as_of, since, program)
            rows = await self._ledger.reader.fetch(*queries, scope=scope_of(viewer))
            yield await asyncio.to_thread(_judge, rows, as_of, program)

    async def lapses(self, viewer: Viewer | None, partner_ids: Collection[str], as_of: date) -> dict[str, list[Lapse]]:
        """What expires in the SOON days ahead, client by client, for each of the partners."""
        found: dict[str, list[Lapse]] = defaultdict(list)
        if partner_ids:
            query: Query = (sets.LAPSES, {"partner_ids": sets.ids_of(partner_ids), **_window(as_of)})
            [rows] = await self._ledger.reader.fetch(query, scope=scope_of(viewer))
            for partner_id, *row in rows:
                found[partner_id].append(lapse_of(tuple(row)))
        return found


@dataclass(slots=True)
class _KeptState:
    version: int
    state: PartnerState


class _Kept:
    """The lines of partners on a day under one set of rules, each with the partner's version that it was read at."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._states: dict[str, _KeptState] = {}

    def stale(self, reach: Reach) -> list[str]:
        """The IDs of the partners in reach that aren't known as they are now."""
        known = self._states
        return [
            each.partner_id
            for each in reach.partners
            if (kept := known.get(each.partner_id)) is None or kept.version != _version_of(reach, each.partner_id)
        ]

    def put(self, reach: Reach, state: PartnerState) -> None:
        """Keep what was judged after the reach was read: it is at least as new as the version that is noted."""
        partner_id = state.partner.partner_id
        self._states[partner_id] = _KeptState(_version_of(reach, partner_id), state)

    def of(self, partners: Sequence[PartnerName]) -> list[PartnerState]:
        """The lines of the partners."""
        found = (self._states.get(each.partner_id) for each in partners)
        return [each.state for each in found if each is not None]


def _version_of(reach: Reach, partner_id: str) -> int:
    return reach.version


def _window(as_of: date) -> dict[str, int]:
    return {"day": as_of.toordinal(), "until": (as_of + timedelta(SOON)).toordinal()}


def _queries(partner_ids: Sequence[str], as_of: date, since: date, program: Program) -> list[Query]:
    review = review_days(as_of, program)
    days = sorted({as_of, since, *review})
    months = sorted(month_of(each) for each in (as_of, review[0], review[-1]))
    key = {"partner_ids": sets.ids_of(partner_ids)}
    numbered = {f"day_{number}": each.toordinal() for number, each in enumerate(days)}
    return [
        (sets.PARTNERS, key),
        (sets.TIERS, key),
        (sets.CERTIFICATIONS, key),
        (sets.RETENTION_MONTHS, {**key, "first_month": months[0], "last_month": months[-1]}),
        (sets.HOLDS, key),
        (sets.CAMS, key),
        (sets.balances_of(len(days)), {**key, **numbered}),
        (sets.BALANCES_AHEAD, {**key, **_window(as_of)}),
        (sets.UNKNOWN_EXPIRY, {**key, "day": as_of.toordinal()}),
    ]


def _judge(rows: Sequence[Rows], as_of: date, program: Program) -> list[Judged]:
    return [judged(as_of, program, each) for each in _decoded(rows, as_of)]


def _decoded(found: Sequence[Rows], as_of: date) -> Iterable[PartnerData]:
    """The data of each partner, from the rows of _queries."""
    partners, tiers, certifications, months, holds, cams, balances, ahead, unknown = found
    of_tiers, of_months, of_holds, of_cams = (
        _by_partner(tiers),
        _by_partner(months),
        _by_partner(holds),
        _by_partner(cams),
    )
    of_balances, of_ahead, of_unknown = _by_partner(balances), _by_partner(ahead), _by_partner(unknown)
    certified = _by_partner([(row[0], *row) for row in certifications])
    for row in partners:
        partner_id = row[0]
        tier, since, former = credited(of_tiers.get(partner_id, ()), as_of)
        held = [*of_holds.get("", ()), *of_holds.get(partner_id, ())]
        retention = retention_on(map(RetentionMonth._make, of_months.get(partner_id, ())), as_of)
        valid = [certification_of(each) for each in certified.get(partner_id, ())]
        facts = Facts(partner_of(row), valid, tier, since, retention, holds_of(held), former)
        yield PartnerData(
            facts,
            sorted(map(Balance._make, of_balances.get(partner_id, ()))),
            [Balance._make(each) for each in of_ahead.get(partner_id, ())],
            [UnknownExpiry(*each) for each in of_unknown.get(partner_id, ())],
            tuple(name for (name,) in of_cams.get(partner_id, ())),
        )


def _by_partner(rows: Iterable[Sequence[Any]]) -> Mapping[str, list[tuple[Any, ...]]]:
    """The rows without their first column, by it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(tuple(row[1:]))
    return found
