"""Many partners read in sets and judged off the event loop; their lines in a portfolio are kept until they change."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tiercore.access import MANY, Grant, Reach, Viewer
from tiercore.ledger import Ledger, scope_of
from tiercore.portfolio.data import Judged, judged, state_of, week_before
from tiercore.portfolio.plain_levels import Levels, levels_of_plain
from tiercore.portfolio.plain_rules import PlainRules, plain_rules
from tiercore.portfolio.plain_state import state_of_plain
from tiercore.portfolio.selecting import page_of
from tiercore.portfolio.state import By, Filter, PartnerState, StatesPage
from tiercore.program import Program
from tiercore.questions.expiry import Lapse
from tiercore.questions.hindsight import Hindsight, KnownAt
from tiercore.storage import portfolio_statements as sets
from tiercore.storage.bulk import chunks
from tiercore.storage.decoding import Rows, lapse_of
from tiercore.storage.hindsight_statements import FIRST_IMPORT, hindsight_from, known_parameters
from tiercore.storage.partner_ids import ids_of
from tiercore.storage.portfolio_reads import data_queries, partner_data, plain_partners, plain_queries, window_of
from tiercore.storage.reader import Query
from tiercore.turns import in_background

SLICE = 500  # partners read and judged at a time
PLAIN_SLICE = 2_500  # the same where whole numbers suffice
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
        """A page of the partners in reach that pass the filter, in order. Its rows have their verdicts in full, and
        what to do.
        """
        states = await self.states(reach, as_of)
        program = self._ledger.program
        tiers = [tier.name for tier in program.on(as_of).tiers]
        page = await asyncio.to_thread(page_of, states, as_of, tiers, of, by, first, count)
        rows = await self._with_verdicts(reach, page.rows, as_of)
        notes = (program.label,) if program.label else ()
        return replace(page, rows=rows, notes=notes, version=reach.version)

    async def _with_verdicts(self, reach: Reach, rows: Sequence[PartnerState], as_of: date) -> tuple[PartnerState, ...]:
        """The lines with their verdicts in full, which are kept from then on where they are few."""
        without = [each.partner.partner_id for each in rows if each.verdict is None]
        found = {each.partner.partner_id: each for each in await self._in_full(reach.viewer, without, as_of)}
        kept = self._kept_on(as_of)
        for state in found.values() if len(found) <= MANY else ():
            kept.put(reach, state)
        return tuple(found.get(each.partner.partner_id, each) for each in rows)

    async def states(self, reach: Reach, as_of: date) -> list[PartnerState]:
        """The line of each partner in reach: only those that have changed since they were asked for are read again."""
        if len(reach.partners) <= MANY:
            return await self._states(reach, as_of)
        async with self._filling:  # who asks for as many at the same time waits for the same lines
            with in_background(None):
                return await self._states(reach, as_of)

    async def _states(self, reach: Reach, as_of: date) -> list[PartnerState]:
        kept, left = self._kept_on(as_of), list[str]()
        known = kept.current(reach)
        stale = [each.partner_id for each in reach.partners if each.partner_id not in known]
        for some in chunks(stale, PLAIN_SLICE):
            found = await self._plain(reach.viewer, some, as_of)
            left += [each for each in some if each not in found]
            known |= found
        known |= {each.partner.partner_id: each for each in await self._in_full(reach.viewer, left, as_of)}
        for partner_id in stale:
            if partner_id in known:
                kept.put(reach, known[partner_id])
        return [known[each.partner_id] for each in reach.partners if each.partner_id in known]

    async def _plain(self, viewer: Viewer | None, partner_ids: Sequence[str], as_of: date) -> dict[str, PartnerState]:
        """The lines of those of the partners that whole numbers suffice for, without their verdicts in full."""
        rules = plain_rules(as_of, week_before(as_of), self._ledger.program)
        if rules is None:
            return {}
        rows = await self._ledger.reader.fetch(*plain_queries(partner_ids, rules), scope=scope_of(viewer))
        return await asyncio.to_thread(_plain_states, rows, rules)

    async def _in_full(self, viewer: Viewer | None, partner_ids: Sequence[str], as_of: date) -> list[PartnerState]:
        """The lines of the partners with their verdicts in full."""
        found, since = list[PartnerState](), week_before(as_of)
        async for slice_ in self.judged(viewer, partner_ids, as_of, since):
            lapses = await self.lapses(viewer, slice_, as_of)
            seen = [each for each in slice_ if each.partner_id in lapses or not each.turns_red]
            found += await asyncio.to_thread(_states_of, seen, since, lapses)
        return found

    def _kept_on(self, as_of: date) -> "_Kept":
        key = (as_of, id(self._ledger.program))
        kept = self._kept.pop(key, None)
        if kept is None or kept.program is not self._ledger.program:
            kept = _Kept(self._ledger.program)
        self._kept[key] = kept
        while len(self._kept) > _DAYS_KEPT:
            self._kept.popitem(last=False)
        return kept

    async def levels_of(self, grants: Sequence[Grant], as_of: date) -> dict[str, Levels]:
        """The levels of the signals of those of the partners that whole numbers suffice for."""
        rules = plain_rules(as_of, as_of, self._ledger.program)
        found: dict[str, Levels] = {}
        if rules is None:
            return found
        for viewer, partner_ids in self._by_viewer(grants).items():
            for some in chunks(partner_ids, PLAIN_SLICE):
                rows = await self._ledger.reader.fetch(*plain_queries(some, rules), scope=scope_of(viewer))
                found |= await asyncio.to_thread(_plain_levels, rows, rules)
        return found

    def _by_viewer(self, grants: Sequence[Grant]) -> dict[Viewer | None, list[str]]:
        """Who is read for whom: those that the same viewer sees together, on SQLite all of them."""
        found: dict[Viewer | None, list[str]] = defaultdict(list)
        for grant in grants:
            found[None if self._ledger.immediate else grant.viewer].append(grant.partner.partner_id)
        return found

    async def judged(
        self, viewer: Viewer | None, partner_ids: Iterable[str], as_of: date, since: date
    ) -> AsyncIterator[list[Judged]]:
        """The answers about the partners that the viewer may see of these, SLICE at a time; each slice is of one state
        of the data. Their balances of the day `since` are read, too.
        """
        program = self._ledger.program
        for some in chunks(partner_ids, SLICE):
            queries = data_queries(some, as_of, since, program)
            rows = await self._ledger.reader.fetch(*queries, scope=scope_of(viewer))
            yield await asyncio.to_thread(_judged, rows, as_of, program)

    async def judged_of(self, grants: Sequence[Grant], as_of: date) -> list[Judged]:
        """The answers about partners granted to several viewers."""
        return [
            each
            for viewer, partner_ids in self._by_viewer(grants).items()
            async for slice_ in self.judged(viewer, partner_ids, as_of, as_of)
            for each in slice_
        ]

    async def hindsight(self, grants: Sequence[Grant], since: date, end: date, known: KnownAt) -> dict[str, Hindsight]:
        """What was corrected of partners that one viewer sees after the state of the data `known`, of the days from
        `since` to `end`.
        """
        if not grants:
            return {}
        key = {"partner_ids": ids_of(each.partner.partner_id for each in grants)}
        corrected, firsts, first = await self._ledger.fetch(
            grants[0], (sets.CORRECTED, {**key, **known_parameters(known)}), (sets.FIRSTS, key), (FIRST_IMPORT, {})
        )
        own, with_corrections = {row[0]: row[1:] for row in firsts}, {row[0] for row in corrected}
        [very_first] = first or [(None, None)]
        found: dict[str, Hindsight] = {}
        for grant in grants:
            partner_id = grant.partner.partner_id
            if partner_id in with_corrections:
                found[partner_id] = await self._ledger.hindsight(grant, since, end, known)
            else:
                begins = tuple(own.get(partner_id, very_first))
                found[partner_id] = hindsight_from(since, end, known, [], [], [begins])
        return found

    async def lapses(self, viewer: Viewer | None, of: Iterable[Judged], as_of: date) -> dict[str, list[Lapse]]:
        """What expires in the SOON days ahead, client by client, for those of whom something turns red in that time;
        without those that the viewer doesn't see any more.
        """
        found: dict[str, list[Lapse]] = {}
        if partner_ids := [each.partner_id for each in of if each.turns_red]:
            key = {"partner_ids": ids_of(partner_ids)}
            queries: list[Query] = [(sets.NAMES, key), (sets.LAPSES, {**key, **window_of(as_of)})]
            seen, rows = await self._ledger.reader.fetch(*queries, scope=scope_of(viewer))
            found = {row[0]: [] for row in seen}
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

    def current(self, reach: Reach) -> dict[str, PartnerState]:
        """The lines of the partners in reach that are known as they are now."""
        known = self._states
        return {
            each.partner_id: kept.state
            for each in reach.partners
            if (kept := known.get(each.partner_id)) and kept.version == _version_of(reach, each.partner_id)
        }

    def put(self, reach: Reach, state: PartnerState) -> None:
        """Keep what was judged after the reach was read: it is at least as new as the version that is noted."""
        partner_id = state.partner.partner_id
        self._states[partner_id] = _KeptState(_version_of(reach, partner_id), state)


def _version_of(reach: Reach, partner_id: str) -> int:
    return reach.versions.get(partner_id, reach.version)


def _judged(rows: Sequence[Rows], as_of: date, program: Program) -> list[Judged]:
    return [judged(as_of, program, each) for each in partner_data(rows, as_of)]


def _states_of(judged: Sequence[Judged], since: date, lapses: Mapping[str, Sequence[Lapse]]) -> list[PartnerState]:
    weeks = ((each, each.week(since, lapses.get(each.partner_id, ()))) for each in judged)
    return [state_of(week, each.expiry, each.data.cams) for each, week in weeks]


def _plain_states(rows: Sequence[Rows], rules: PlainRules) -> dict[str, PartnerState]:
    found = (state_of_plain(rules, each) for each in plain_partners(rows, rules.as_of))
    return {each.partner.partner_id: each for each in found if each is not None}


def _plain_levels(rows: Sequence[Rows], rules: PlainRules) -> dict[str, Levels]:
    partners = plain_partners(rows, rules.as_of)
    found = ((each.partner.partner_id, levels_of_plain(rules, each)) for each in partners)
    return {partner_id: levels for partner_id, levels in found if levels is not None}
