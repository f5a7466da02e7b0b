"""Answering what a tier still needs on a day, with the verdict where the held tier is in danger."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from tiercore.access import Grant
from tiercore.deal_points import Rated
from tiercore.ledger import VERSION, Ledger, computed
from tiercore.open_deals import OpenDeals
from tiercore.pipeline_points import projections_of
from tiercore.program import Model
from tiercore.questions.gap import NothingAbove
from tiercore.questions.gap_on import GapOn, credit_day, gap_on, require_ahead
from tiercore.questions.judged_days import JudgedDays
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.pipeline import OpenDeal
from tiercore.questions.recalibration import recalibration_by
from tiercore.questions.requirements import Facts
from tiercore.questions.verdict import verdict_of
from tiercore.rating.netting import CreditEvent
from tiercore.rating.timeline import Balance
from tiercore.storage import statements
from tiercore.storage.decoding import Rows, open_deal_of
from tiercore.storage.pipeline_statements import DEAL_POINTS, PIPELINE
from tiercore.storage.reader import Query
from tiercore.storage.review_statements import review_days, review_query, review_timeline
from tiercore.stored_deals import coming, stored_points


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of whom, and what the first read has found; `today` are the tiers of `as_of`, by the model.

    `deals` are those to come, `stored` what they would earn, None where exactly that isn't stored.
    `days` are what the next recalibration is judged by, None for a model that isn't in use.
    """

    grant: Grant
    as_of: date
    model: Model | None
    facts: Facts
    balance: Balance
    deals: Sequence[OpenDeal]
    stored: Rated | None
    version: Rows
    today: JudgedTiers
    days: JudgedDays | None


class Gaps:
    """Gaps from one ledger, each from one state of the data."""

    def __init__(self, ledger: Ledger, deals: OpenDeals) -> None:
        self._ledger, self._deals = ledger, deals

    async def gap(self, grant: Grant, tier: str | None, as_of: date, model: Model | None, by: date | None) -> GapOn:
        """See `Answers.gap`."""
        by = by or credit_day(as_of, self._ledger.program)
        require_ahead(by, as_of)

        async def compute() -> GapOn:
            asked, rows = await self._read(grant, as_of, model, by)
            return await self._on(asked, tier, by, rows)

        return await self._ledger.steadily(compute)

    async def gap_or_danger(
        self, grant: Grant, tier: str | None, as_of: date, model: Model | None, by: date | None
    ) -> GapOn:
        """See `Answers.gap_or_danger`."""
        when = by or credit_day(as_of, self._ledger.program)
        require_ahead(when, as_of)

        async def compute() -> GapOn:
            asked, rows = await self._read(grant, as_of, model, when, in_danger=True)
            verdict = verdict_of(recalibration_by(asked.days)) if asked.days else None
            if verdict is None or not verdict.is_bad:
                return await self._on(asked, tier, when, rows)
            if tier or by or verdict.credited_tier is None:
                return replace(await self._on(asked, tier, when, rows), danger=verdict)
            later = await self._ledger.fetch_at(grant, asked.version, *_queries(grant, as_of, verdict.day))
            kept = await self._on(asked, verdict.credited_tier, verdict.day, later)
            with suppress(NothingAbove):
                kept = replace(kept, climb=await self._on(asked, None, when, rows))
            return replace(kept, danger=verdict)

        return await self._ledger.steadily(compute)

    async def _read(
        self, grant: Grant, as_of: date, model: Model | None, by: date, *, in_danger: bool = False
    ) -> tuple[_Asked, Sequence[Rows]]:
        """The first read, and the rows of _queries for the day `by`."""
        program, key = self._ledger.program, grant.partner.partner_id
        days = review_days(as_of, program) if in_danger else ()
        facts, balance, [version, deals, points, then, opened, closed, *review] = await self._ledger.load(
            grant,
            as_of,
            VERSION,
            (PIPELINE, {"partner_id": key}),
            (DEAL_POINTS, {"partner_id": key}),
            *_queries(grant, as_of, by),
            *([review_query(key, days)] if days else []),
            retention_of=(min((as_of, *days)), max((by, *days))),
        )
        judged_on = program.day_of(model, as_of)
        today = JudgedTiers(as_of, program.on(judged_on), facts, balance)
        is_judged = bool(review) and judged_on == as_of
        judged = JudgedDays(program, today, review_timeline(review[0])) if is_judged else None
        known = coming([open_deal_of(row) for row in deals], as_of)
        stored = stored_points(program, points, known)
        return _Asked(grant, as_of, model, facts, balance, known, stored, version, today, judged), (
            then,
            opened,
            closed,
        )

    async def _on(self, asked: _Asked, tier: str | None, by: date, rows: Sequence[Rows]) -> GapOn:
        """The gap on the day `by`, from the rows of _queries."""
        then, opened, closed = rows
        due = _counting(asked.deals, by)
        found = asked.stored or await self._deals.rated(asked.grant, asked.facts.partner, due, asked.version)
        balances = asked.balance, Balance._make(then[0]) if then else Balance(by.toordinal())
        events = map(CreditEvent._make, opened), map(CreditEvent._make, closed)
        pipeline = projections_of(found) if due else ()
        about = by, tier, asked.as_of, self._ledger.program, asked.facts, balances, events, asked.model, pipeline
        return await computed(len(opened) + len(closed), gap_on, *about, asked.today)


def _counting(deals: Sequence[OpenDeal], by: date) -> Sequence[OpenDeal]:
    """The deals with the clients of which one is expected by the day: no other brings anything by then."""
    due = {_client_of(each) for each in deals if each.expected_on <= by}
    return [each for each in deals if _client_of(each) in due]


def _client_of(deal: OpenDeal) -> str:
    return deal.deal.client_id or deal.client.casefold()


def _queries(grant: Grant, as_of: date, by: date) -> tuple[Query, ...]:
    """The balance on the day `by`, and the credits that begin and end until then."""
    window = {"partner_id": grant.partner.partner_id, "day": as_of.toordinal(), "until": by.toordinal()}
    queries = (statements.BALANCE_THEN, statements.CREDITS_TO_OPEN, statements.CREDITS_TO_CLOSE)
    return tuple((each, window) for each in queries)
