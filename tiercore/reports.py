"""Reports composed of several answers: a partner's digest, a portfolio, and the signals behind alerts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tiercore.access import Grant, Reach
from tiercore.facts.entries import Role
from tiercore.facts.unknown import Unknown
from tiercore.partner_digest import digest_of
from tiercore.partner_people import names_of
from tiercore.partner_states import PartnerStates
from tiercore.portfolio.plain_levels import Levels
from tiercore.portfolio.state import By, Filter, StatesPage
from tiercore.portfolio_digest import shown_portfolio, weeks_of
from tiercore.questions.credit_day import (
    CreditDay,
    OnFile,
    PastRecalibration,
    credit_day_on,
    days_needed,
    last_recalibration,
)
from tiercore.questions.credited import tier_of
from tiercore.questions.digest import (
    WEEK,
    Digest,
)
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.portfolio import Portfolio, portfolio_of
from tiercore.questions.portfolio_lines import Shown
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.requirements import Facts
from tiercore.questions.signals import SOON_DAYS, Signals, signals_on
from tiercore.questions.standing import notes_on
from tiercore.rating.timeline import Balance, balance_on
from tiercore.signal_days import possibly_changed
from tiercore.storage import statements
from tiercore.storage.decoding import a_date, credited
from tiercore.storage.goal_statements import GOAL

if TYPE_CHECKING:
    from tiercore.answers import Answers


EVERYBODY = Filter()


class Reports:
    """Reports built from the answers; reach them as `answers.reports`."""

    def __init__(self, answers: "Answers") -> None:
        self._answers = answers
        self._states = PartnerStates(answers.ledger)

    async def digest(self, grant: Grant, topic: str, as_of: date, told: KnownAt | None = None) -> Digest:
        """A partner's week up to the day and the days ahead, from one state of the data; the time since the digest
        before, where `told` is the state of the data that it was made from.
        """
        answers, known = self._answers, _beginning(as_of, told)
        digest, version = await answers.ledger.consistently(lambda: digest_of(answers, grant, topic, as_of, known))
        return replace(digest, version=version)

    async def signals(self, grant: Grant, as_of: date) -> Signals:
        """The level of every signal watched for the partner, from one state of the data."""
        signals, version = await self._answers.ledger.consistently(lambda: self._signals(grant, as_of))
        return replace(signals, version=version)

    async def signals_of(self, grants: Sequence[Grant], as_of: date) -> list[Signals]:
        """The signals of several partners, read together and computed off the event loop, from one state of the data.
        Those that their viewers can't see are left out.
        """
        signals, version = await self._answers.ledger.consistently(lambda: self._signals_of(grants, as_of))
        return [replace(each, version=version) for each in signals]

    async def levels_of(self, grants: Sequence[Grant], as_of: date) -> tuple[dict[str, Levels], int]:
        """The levels of the signals, by name, of those of the partners for whom whole numbers tell them, all from one
        state of the data, and its version. For the others `signals_of` has to be asked.
        """
        return await self._answers.ledger.consistently(lambda: self._states.levels_of(grants, as_of))

    async def possibly_changed(self, grants: Sequence[Grant], since: date, day: date) -> tuple[set[str], int]:
        """The partners whose signals may be at another level on the day than on the one before, `since` which their
        data is the same, and the version of the data.
        """
        return await self._answers.ledger.consistently(
            lambda: possibly_changed(self._answers.ledger, grants, since, day)
        )

    async def _signals_of(self, grants: Sequence[Grant], as_of: date) -> list[Signals]:
        judged = await self._states.judged_of(grants, as_of)
        granted = {each.partner.partner_id: each for each in grants}
        with_goals = [each.partner_id for each in judged if each.data.has_goal]
        alone = [await self._signals(granted[partner_id], as_of) for partner_id in with_goals]
        together = await asyncio.to_thread(lambda: [each.signals() for each in judged if not each.data.has_goal])
        return alone + together

    async def portfolio(
        self, reach: Reach, as_of: date, told: KnownAt | None = None, shown: Shown | None = None
    ) -> Portfolio:
        """The week of every partner in reach, or the time since the digest before, from one state of the data. Other
        questions are answered between any two partners. Only those that are `shown` are read in full; without, all.
        """
        known = _beginning(as_of, told)
        if shown is not None:
            return await shown_portfolio(self._answers, self._states, reach, as_of, known, shown)
        weeks, version = await self._answers.ledger.consistently(
            lambda: weeks_of(self._answers, self._states, reach.grants, as_of, known)
        )
        return await asyncio.to_thread(portfolio_of, as_of, weeks.values(), known.day, version)

    async def cams(self, reach: Reach) -> list[str]:
        """The names of the CAMs of the partners in reach."""
        return list(await names_of(self._answers.ledger, reach, Role.CAM))

    async def ccs(self, reach: Reach) -> dict[str, int]:
        """The names of the CCs of the partners in reach, each with the number of its partners."""
        return await names_of(self._answers.ledger, reach, Role.CC)

    async def states(
        self,
        reach: Reach,
        as_of: date,
        of: Filter = EVERYBODY,
        by: By = By.RISK,
        first: int = 0,
        count: int | None = None,
    ) -> StatesPage:
        """A page of the partners in reach that pass the filter, in order, from the row `first` on; all without `count`.
        Each line is at least as new as the reach; other questions are answered meanwhile.
        """
        return await self._states.page(reach, as_of, of, by, first, count)

    async def credit_day(self, grant: Grant, day: date) -> CreditDay:
        """What a credit day that has come did to the tier held on its eve, by what is known now."""
        return (await self._credit_day(grant, day))[0]

    async def past_recalibration(self, grant: Grant, as_of: date) -> PastRecalibration:
        """The last recalibration on or before the day: its result by what is known now, and by what was known then."""
        day = last_recalibration(as_of, self._answers.program)

        async def compute() -> PastRecalibration:
            found, facts = await self._credit_day(grant, day)
            known_then = await self._known_on_its_day(grant, found, facts) if found.recalibration else None
            return PastRecalibration(as_of, found, known_then)

        return (await self._answers.ledger.consistently(compute))[0]

    async def _credit_day(self, grant: Grant, day: date) -> tuple[CreditDay, Facts]:
        first, last = days_needed(day, self._answers.program)
        key = {"partner_id": grant.partner.partner_id}
        window = {**key, "since": first.toordinal(), "until": last.toordinal()}
        facts, _, [before, after, tiers] = await self._answers.ledger.load(
            grant,
            day,
            (statements.BALANCE_BEFORE, window),
            (statements.BALANCES_SINCE, window),
            (statements.TIERS_CREDITED, key),
            retention_of=(first, last),
        )
        tier, since, former = credited(tiers, day - timedelta(1))
        facts = replace(facts, credited_tier=tier, credited_on=since, credited_before=former)
        timeline = [Balance._make(row) for row in (*before, *after)]
        on_file = [OnFile(tier_of(name), a_date(credited_on)) for name, credited_on in tiers]
        return credit_day_on(day, self._answers.program, facts, timeline, on_file), facts

    async def _known_on_its_day(self, grant: Grant, found: CreditDay, facts: Facts) -> Recalibration | Unknown | None:
        """A recalibration by the points known on its day; None where nothing of them was corrected since."""
        assert found.recalibration
        known, former = KnownAt(found.day), list[Balance]()
        for sample in found.recalibration.samples:
            balance = sample.balance or Balance(sample.day.toordinal())
            hindsight = await self._answers.ledger.hindsight(grant, sample.day, found.day, known)
            was = hindsight.before(balance)
            if isinstance(was, Unknown):
                return was
            former.append(was._replace(day=sample.day.toordinal()))
        then = balance_on(former, found.day)
        review = recalibration_on(found.day, self._answers.program, facts, then, former)
        is_same = [each.balance for each in review.samples] == [
            each.balance and each.balance._replace(day=each.day.toordinal()) for each in found.recalibration.samples
        ]
        return None if is_same else review

    async def _signals(self, grant: Grant, as_of: date) -> Signals:
        window = {"partner_id": grant.partner.partner_id, "day": as_of.toordinal()}
        until = (as_of + timedelta(SOON_DAYS)).toordinal()
        balances = (statements.BALANCES_AHEAD, {**window, "until": until})
        goals = (GOAL, {"partner_id": grant.partner.partner_id})
        facts, balance, [ahead, kept] = await self._answers.ledger.load(grant, as_of, balances, goals)
        recalibration = await self._answers.recalibration(grant, as_of)
        rows, notes = [Balance._make(row) for row in ahead], notes_on(self._answers.program, balance)
        goal = await self._answers.goal(grant, as_of) if kept else None
        return signals_on(as_of, self._answers.program, facts, balance, rows, recalibration, notes, goal)


def _beginning(as_of: date, told: KnownAt | None) -> KnownAt:
    """Where a digest goes on: from what the one before told, or without one from what was known a week ago."""
    return told if told and told.day <= as_of else KnownAt(as_of - timedelta(WEEK))
