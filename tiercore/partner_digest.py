"""A partner's digest: what it says is read together, and its day judged once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING

from tiercore.access import Grant
from tiercore.decisions import decisions_from, decisions_queries
from tiercore.facts.unknown import Unknown
from tiercore.partner_reads import changes_from, changes_queries, expiry_from, expiry_queries, progress_queries
from tiercore.questions.advice import advice_on
from tiercore.questions.changes import Changes
from tiercore.questions.digest import AHEAD, Digest
from tiercore.questions.doubts import doubts_on
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.judged_days import JudgedDays, facts_on
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.recalibration import recalibration_by
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import Standing, standing_on
from tiercore.questions.verdict import verdict_of
from tiercore.storage import statements
from tiercore.storage.decoding import Rows, credited
from tiercore.storage.goal_statements import GOAL
from tiercore.storage.reader import Query
from tiercore.storage.review_statements import review_days, review_query, review_timeline

if TYPE_CHECKING:
    from tiercore.answers import Answers


async def digest_of(answers: "Answers", grant: Grant, topic: str, as_of: date, known: KnownAt) -> Digest:
    """The partner's time after the state of the data `known`, up to the day, and the days ahead. The reads are of one
    state only if no import comes between them.
    """
    ledger, program, key = answers.ledger, answers.program, {"partner_id": grant.partner.partner_id}
    days = review_days(as_of, program)
    asked = {
        "decisions": decisions_queries(grant.partner.partner_id, as_of),
        "expiry": expiry_queries(grant.partner.partner_id, AHEAD, as_of),
        "progress": progress_queries(grant.partner.partner_id, as_of),
        "changes": changes_queries(grant.partner.partner_id, known.day, as_of, known),
    }
    facts, balance, [tiers, goals, review, *rest] = await ledger.load(
        grant,
        as_of,
        (statements.TIERS_CREDITED, key),
        (GOAL, key),
        review_query(grant.partner.partner_id, days),
        *chain.from_iterable(asked.values()),
        retention_of=(min(known.day, days[0]), days[-1]),
    )
    rows = rows_by_name(asked, rest)
    today = JudgedTiers(as_of, program.on(as_of), facts, balance)
    standing = await answers.explained(standing_on(as_of, program, facts, balance, judged=today), grant)
    recalibration = recalibration_by(JudgedDays(program, today, review_timeline(review)))
    expiry = await expiry_from(rows["expiry"], AHEAD, program, today)
    changes = await changes_from(rows["changes"], known.day, as_of, known, program, facts, balance)
    before, said = _beginning(answers, _facts_then(facts, tiers, known.day), changes)
    return Digest(
        topic,
        standing,
        before,
        changes,
        await answers.progress_from(rows["progress"], grant, today),
        expiry,
        recalibration,
        verdict_of(recalibration),
        advice_on(standing, expiry, recalibration),
        await decisions_from(rows["decisions"], program, as_of),
        said,
        doubts=tuple(dict.fromkeys(doubts_on(standing, expiry, recalibration))),
        goal=await answers.goal(grant, as_of) if goals else None,
    )


def rows_by_name(asked: Mapping[str, Sequence[Query]], rows: Sequence[Rows]) -> Mapping[str, Sequence[Rows]]:
    """The rows of each group of queries by its name, where the groups were asked for one after the other. Raises
    ValueError where there are more or fewer.
    """
    left = iter(rows)
    found = {name: list(islice(left, len(queries))) for name, queries in asked.items()}
    if len(rows) != sum(map(len, asked.values())):
        raise ValueError(f"{len(rows)} results for {', '.join(asked)}")
    return found


def _facts_then(facts: Facts, tiers: Rows, day: date) -> Facts:
    """The facts with the tier and the retention of an earlier day."""
    tier, since, former = credited(tiers, day)
    return replace(facts_on(day, facts), credited_tier=tier, credited_on=since, credited_before=former)


def _beginning(answers: "Answers", facts: Facts, changes: Changes) -> tuple[Standing, Standing]:
    """The standing at the beginning as now known, and as it was known then (the same where that is unknown)."""
    before = standing_on(changes.since, answers.program, facts, changes.before)
    was = changes.hindsight.before(changes.before)
    if isinstance(was, Unknown) or was == changes.before:
        return before, before
    return before, standing_on(changes.since, answers.program, facts, was)
