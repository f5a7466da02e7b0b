"""The digest of many partners: a line of each is read in sets, and in full only those that are shown."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from tiercore.access import Grant, Reach
from tiercore.partner_states import PLAIN_SLICE, PartnerStates
from tiercore.portfolio.data import Judged, week_before
from tiercore.portfolio.plain_partner import combined_of
from tiercore.portfolio.state import PartnerState
from tiercore.questions.expiry import Lapse
from tiercore.questions.goals import GoalProgress
from tiercore.questions.hindsight import Hindsight, KnownAt
from tiercore.questions.portfolio import PartnerWeek, Portfolio, with_weeks
from tiercore.questions.portfolio_lines import Outline, PartnerLine, Shown, corrected_in, outline_of
from tiercore.storage import portfolio_statements as sets
from tiercore.storage.bulk import chunks
from tiercore.storage.partner_ids import ids_of

if TYPE_CHECKING:
    from tiercore.answers import Answers


async def shown_portfolio(
    answers: "Answers", states: PartnerStates, reach: Reach, as_of: date, known: KnownAt, shown: Shown
) -> Portfolio:
    """The time after the state of the data `known` of every partner in reach, from one state of the data; the partners
    that are shown are read in full.
    """
    read = _PortfolioRead(answers, states, reach, as_of, known)
    portfolio, _ = await answers.ledger.consistently(lambda: read.portfolio(shown))
    return portfolio


async def weeks_of(
    answers: "Answers", states: PartnerStates, grants: Sequence[Grant], as_of: date, known: KnownAt
) -> dict[str, PartnerWeek]:
    """The weeks of partners that one viewer sees, by ID; many are read at a time, and judged off the event loop."""
    weeks: dict[str, PartnerWeek] = {}
    granted = {each.partner.partner_id: each for each in grants}
    viewer = grants[0].viewer if grants else None
    async for slice_ in states.judged(viewer, list(granted), as_of, known.day):
        lapses = await states.lapses(viewer, slice_, as_of)
        found = [granted[each.partner_id] for each in slice_]
        hindsight = await states.hindsight(found, known.day, as_of, known)
        goals = await _goals_of(answers, [granted[each.partner_id] for each in slice_ if each.data.has_goal], as_of)
        weeks |= await asyncio.to_thread(_weeks_of, slice_, known.day, lapses, hindsight, goals)
    return {each: weeks[each] for each in granted if each in weeks}


async def _goals_of(answers: "Answers", grants: Sequence[Grant], as_of: date) -> dict[str, GoalProgress | None]:
    return {each.partner.partner_id: await answers.goal(each, as_of) for each in grants}


def _weeks_of(
    judged: Sequence[Judged],
    since: date,
    lapses: Mapping[str, Sequence[Lapse]],
    hindsight: Mapping[str, Hindsight],
    goals: Mapping[str, GoalProgress | None],
) -> dict[str, PartnerWeek]:
    return {
        each.partner_id: each.week(
            since, lapses.get(each.partner_id, ()), hindsight.get(each.partner_id), goals.get(each.partner_id)
        )
        for each in judged
    }


class _PortfolioRead:
    """What is read for the digest of the partners in reach."""

    def __init__(self, answers: "Answers", states: PartnerStates, reach: Reach, as_of: date, known: KnownAt) -> None:
        self._answers, self._states, self._reach, self._as_of, self._known = answers, states, reach, as_of, known
        self._granted = {each.partner.partner_id: each for each in reach.grants}

    async def portfolio(self, shown: Shown) -> Portfolio:
        """The portfolio; of one state only if no import comes between the reads."""
        version = await self._answers.version()
        lines = await self._lines(version)
        outline = await asyncio.to_thread(outline_of, self._as_of, lines, self._known.day, version)
        portfolio = await self._with_weeks(outline, [*shown(outline), *outline.lines[:1]])
        if portfolio.notes and not self._answers.program.label:  # what holds for those shown may not for the others
            return await self._with_weeks(outline, outline.lines)
        return portfolio

    async def _with_weeks(self, outline: Outline, lines: Sequence[PartnerLine]) -> Portfolio:
        wanted = {each.partner_id for each in lines}
        grants = [grant for partner_id, grant in self._granted.items() if partner_id in wanted]
        return with_weeks(outline, await weeks_of(self._answers, self._states, grants, self._as_of, self._known))

    async def _lines(self, version: int) -> list[PartnerLine]:
        """The line of each partner. Those kept are taken only where the reach is as new as the data."""
        reach = self._reach
        if reach.version != version:
            reach = replace(reach, version=version, versions={})
        states = await self._states.states(reach, self._as_of)
        found = list[PartnerLine]()
        for some in chunks(states, PLAIN_SLICE):
            grants = [self._granted[each.partner.partner_id] for each in some]
            hindsight = await self._states.hindsight(grants, self._known.day, self._as_of, self._known)
            before, goals = await self._before(grants), await self._goals(grants)
            found += await asyncio.to_thread(_lines_of, some, before, hindsight, goals)
        return found

    async def _goals(self, grants: Sequence[Grant]) -> dict[str, GoalProgress | None]:
        key = {"partner_ids": ids_of(each.partner.partner_id for each in grants)}
        [rows] = await self._answers.ledger.fetch(grants[0], (sets.WITH_GOALS, key))
        return await _goals_of(self._answers, [self._granted[partner_id] for (partner_id,) in rows], self._as_of)

    async def _before(self, grants: Sequence[Grant]) -> dict[str, int] | None:
        """The combined points at the beginning; None where that is a week ago, as in the states."""
        if self._known.day == week_before(self._as_of):
            return None
        key = {"partner_ids": ids_of(each.partner.partner_id for each in grants)}
        query = (sets.figures_of(1), {**key, "day_0": self._known.day.toordinal()})
        [rows] = await self._answers.ledger.fetch(grants[0], query)
        return {row[0]: combined_of(row) for row in rows}


def _lines_of(
    states: Sequence[PartnerState],
    before: Mapping[str, int] | None,
    hindsight: Mapping[str, Hindsight],
    goals: Mapping[str, GoalProgress | None],
) -> list[PartnerLine]:
    return [_line_of(each, before, hindsight[each.partner.partner_id], goals) for each in states]


def _line_of(
    state: PartnerState,
    before: Mapping[str, int] | None,
    hindsight: Hindsight,
    goals: Mapping[str, GoalProgress | None],
) -> PartnerLine:
    partner_id = state.partner.partner_id
    return PartnerLine(
        partner_id=partner_id,
        name=state.partner.name,
        change=state.moved if before is None else state.combined - before.get(partner_id, 0),
        missing=state.missing,
        is_at_risk=state.is_at_risk,
        at_stake=state.at_stake,
        days_left=state.days_left,
        is_close=state.is_close,
        is_close_known=state.is_close_known,
        doubts=state.doubts,
        corrected=corrected_in(hindsight),
        is_known_before=hindsight.reaches,
        goal=goals.get(partner_id),
    )
