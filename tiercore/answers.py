"""The questions about a partner, one method each: grant → load → compute → typed result."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tiercore.access import Grant, Reach, Viewer
from tiercore.client_answers import ClientAnswers
from tiercore.facts.entries import Contact
from tiercore.facts.months import months_after
from tiercore.gaps import Gaps
from tiercore.ledger import Ledger
from tiercore.open_deals import OpenDeals
from tiercore.partner_reads import changes_from, changes_queries, expiry_from, expiry_queries, progress_queries
from tiercore.plans import Plans
from tiercore.program import Model
from tiercore.questions import ALL
from tiercore.questions.awards import ManagedYear
from tiercore.questions.changes import Changes
from tiercore.questions.convert import Conversion, ToConvert, converted
from tiercore.questions.expiry import Expiry
from tiercore.questions.gap_on import GapOn
from tiercore.questions.goals import GoalProgress, progress_of
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.judged_days import JudgedDays, facts_on
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.pipeline import Pipeline
from tiercore.questions.progress import Progress, progress_on
from tiercore.questions.recalibration import Recalibration, recalibration_by, recalibration_on
from tiercore.questions.standing import Standing, standing_on
from tiercore.questions.verdict import verdict_of
from tiercore.rating.timeline import Balance
from tiercore.reports import Reports
from tiercore.scenarios.service import Scenarios
from tiercore.storage import client_statements, statements
from tiercore.storage.decoding import (
    Rows,
    partner_and_balance,
)
from tiercore.storage.goal_statements import GOAL, goal_of
from tiercore.storage.reader import Query
from tiercore.storage.review_statements import review_days, review_query, review_timeline
from tiercore.storage.transactions import Transactions
from tiercore.what_if import WhatIf


class Answers(ClientAnswers):
    """The answers from one ledger; `immediate` is True if most of them never wait for I/O.

    `transactions` read whole books of clients, which rating needs: other partners' entries are in them. Without them
    `what_if` and `plans` are None.
    """

    def __init__(self, ledger: Ledger, transactions: Transactions | None = None) -> None:
        super().__init__(ledger)
        self.immediate = ledger.immediate
        scenarios = Scenarios(transactions) if transactions else None
        self._deals = OpenDeals(ledger, transactions)
        self._gaps = Gaps(ledger, self._deals)
        self.what_if = WhatIf(ledger, scenarios) if scenarios else None
        self.plans = Plans(ledger, scenarios) if scenarios else None
        self.reports = Reports(self)

    async def reach(self, viewer: Viewer) -> Reach:
        """Who the viewer is and which partners they may see. Raises NotLinked for an unknown viewer."""
        return await self.ledger.reach(viewer)

    async def contacts(self, grant: Grant, team_id: str) -> list[Contact]:
        """The partner's CAMs and CCs, each with their Slack user in the team if they are linked."""
        return await self.ledger.contacts(grant, team_id)

    async def version(self) -> int:
        """How often the data has changed; when the number changes, cached answers are stale."""
        return await self.ledger.version()

    async def standing(self, grant: Grant, as_of: date, model: Model | None = None) -> Standing:
        """Where the partner stands on the day, by that day's model or the given one; without the awards."""
        facts, balance, _ = await self.ledger.load(grant, as_of)
        return await self.explained(standing_on(as_of, self.program, facts, balance, model), grant)

    async def standing_in_detail(self, grant: Grant, as_of: date, model: Model | None = None) -> Standing:
        """The same with the awards: the managed MRR of a year is read."""
        facts, balance, [[low]] = await self.ledger.load(grant, as_of, self._year_of_managed(grant, as_of))
        standing = standing_on(as_of, self.program, facts, balance, model, ManagedYear(*low))
        return await self.explained(standing, grant)

    async def tier(self, grant: Grant, as_of: date, model: Model | None = None, *, in_detail: bool = True) -> Standing:
        """The standing with its verdict, unless another model than the day's is asked for, and the awards in detail."""
        days = review_days(as_of, self.program)
        queries = [review_query(grant.partner.partner_id, days)]
        queries += [self._year_of_managed(grant, as_of)] if in_detail else []
        facts, balance, [rows, *low] = await self.ledger.load(grant, as_of, *queries, retention_of=(days[0], days[-1]))
        year = ManagedYear(*low[0][0]) if low else None
        today = JudgedTiers(as_of, self.program.on(as_of), facts, balance)
        standing = standing_on(as_of, self.program, facts, balance, model, year, today)
        if standing.judged_on == as_of:
            found = recalibration_by(JudgedDays(self.program, today, review_timeline(rows)))
            standing = replace(standing, verdict=verdict_of(found))
        return await self.explained(standing, grant)

    def _year_of_managed(self, grant: Grant, as_of: date) -> Query:
        window = {
            "partner_id": grant.partner.partner_id,
            "day": as_of.toordinal(),
            "year_ago": months_after(as_of, -12).toordinal(),
        }
        return statements.MANAGED_LOW, window

    async def explained(self, standing: Standing, grant: Grant) -> Standing:
        """The standing; where a managed figure is short, with how many clients earn nothing for want of levels."""
        if not standing.is_managed_short:
            return standing
        key = {"partner_id": grant.partner.partner_id, "on": standing.as_of.isoformat()}
        [[[clients]]] = await self.ledger.fetch(grant, (client_statements.WITHOUT_LEVELS, key))
        return replace(standing, without_levels=clients)

    async def gap(
        self, grant: Grant, tier: str | None, as_of: date, model: Model | None = None, by: date | None = None
    ) -> GapOn:
        """What is missing for the tier (None: the next one) on the day `by` (None: the next on which it can be
        credited). Raises UnknownTier, NothingAbove, and NotAhead for a day out of range.
        """
        return await self._gaps.gap(grant, tier, as_of, model, by)

    async def gap_or_danger(
        self, grant: Grant, tier: str | None, as_of: date, model: Model | None = None, by: date | None = None
    ) -> GapOn:
        """The gap, with the verdict where the held tier is in danger. Asked without tier and day it is then about the
        held tier on the recalibration that takes it, with the climb after it. Raises what `gap` raises.
        """
        return await self._gaps.gap_or_danger(grant, tier, as_of, model, by)

    async def goal(self, grant: Grant, as_of: date) -> GoalProgress | None:
        """How it stands with the goal that the partner has kept, None without one."""
        key = grant.partner.partner_id
        [rows] = await self.ledger.fetch(grant, (GOAL, {"partner_id": key}))
        if not rows:
            return None
        goal = goal_of(rows[0])
        facts, _, [then] = await self.ledger.load(
            grant,
            as_of,
            (statements.BALANCE_BEFORE, {"partner_id": key, "since": goal.day.toordinal()}),
            retention_of=(min(as_of, goal.day), max(as_of, goal.day)),
        )
        balance = Balance._make(then[0]) if then else Balance(goal.day.toordinal())
        return progress_of(goal, as_of, self.program, facts_on(goal.day, facts), balance)

    async def expiring(self, grant: Grant, days: int, as_of: date, limit: int = ALL) -> Expiry:
        """What expires in the days after `as_of`; at most `limit` lapses are listed, the totals count them all."""
        queries = expiry_queries(grant.partner.partner_id, days, as_of, limit)
        facts, balance, rows = await self.ledger.load(grant, as_of, *queries)
        return await expiry_from(rows, days, self.program, JudgedTiers(as_of, self.program.on(as_of), facts, balance))

    async def progress(self, grant: Grant, as_of: date) -> Progress:
        """Points over the last six months and the next three, and the first loss in the year ahead."""
        queries = progress_queries(grant.partner.partner_id, as_of)

        async def compute() -> Progress:
            facts, balance, rows = await self.ledger.load(grant, as_of, *queries)
            return await self.progress_from(rows, grant, JudgedTiers(as_of, self.program.on(as_of), facts, balance))

        return await self.ledger.steadily(compute)

    async def progress_from(self, rows: Sequence[Rows], grant: Grant, today: JudgedTiers) -> Progress:
        """The same from the rows of progress_queries. Raises Changed where the data has another version by now."""
        version, past, ahead, deals, points = rows
        coming, asked = [Balance._make(row) for row in ahead], (today.facts, today.balance)
        known = [Balance._make(row) for row in past]
        found = progress_on(today.day, self.program, *asked, known, coming, today)
        if not deals:
            return found
        read = version, coming, deals, points
        return replace(found, pipeline=await self._deals.from_rows(grant, today.day, *asked, read, judged=False))

    async def pipeline(self, grant: Grant, as_of: date) -> Pipeline:
        """The partner's open deals with what they would earn, and what each class of them changes for the next tier."""
        return await self._deals.pipeline(grant, as_of)

    async def changes(self, grant: Grant, since: date, as_of: date, known: KnownAt | None = None) -> Changes:
        """The points gained and lost after `since`, up to `as_of`; corrected is what changed after `known`."""
        known = known or KnownAt(since)
        queries = changes_queries(grant.partner.partner_id, since, as_of, known)
        facts, balance, rows = await self.ledger.load(grant, as_of, *queries)
        return await changes_from(rows, since, as_of, known, self.program, facts, balance)

    async def recalibration(self, grant: Grant, as_of: date) -> Recalibration:
        """The next recalibration on or after the day, from half a year of balances and 17 months of retention."""
        days = review_days(as_of, self.program)
        query = review_query(grant.partner.partner_id, days)
        facts, balance, [rows] = await self.ledger.load(grant, as_of, query, retention_of=(days[0], days[-1]))
        return recalibration_on(as_of, self.program, facts, balance, review_timeline(rows))

    async def convert(self, grant: Grant | None, request: ToConvert, as_of: date) -> Conversion:
        """Points as MRR or MRR as points, in the partner's currency; in US$ without a grant."""
        if grant is None:
            return converted(request, as_of, self.program, None)
        window = {"partner_id": grant.partner.partner_id, "day": as_of.toordinal()}
        [[row]] = await self.ledger.fetch(grant, (statements.PARTNER_AND_BALANCE, window))
        return converted(request, as_of, self.program, partner_and_balance(row, as_of)[0])
