"""A partner's pipeline: its open deals, rated, and what they make of the days to come (pipeline#points)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tiercore.deal_points import Rated
from tiercore.facts.holds import EXPIRY
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.questions.causes import missed_for, open_of
from tiercore.questions.judged_days import facts_on
from tiercore.questions.judging import performing_on
from tiercore.questions.pipeline import (
    CLASSES,
    Closest,
    Likelihood,
    OpenDeal,
    Pipeline,
    Projection,
    plus,
)
from tiercore.questions.progress import horizon
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import next_above
from tiercore.questions.uptier import ranks_of, uptier_day
from tiercore.rating.timeline import Balance, balance_on


def pipeline_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    deals: Sequence[OpenDeal],
    found: Rated,
    *,
    judged: bool = True,
) -> Pipeline:
    """The pipeline as seen on `day`, when the balance is `balance` and the timeline goes on with `ahead`; `found` are
    the deals to come, rated. Unless `judged`, when the next tier is reached isn't looked for, which takes the longest.
    """
    held = facts.holds.get(EXPIRY)
    rules = program.on(day)
    reached = performing_on(day, rules, facts, balance)
    above = next_above(rules, facts.credited_tier, reached.tier)
    timeline = [balance._replace(day=day.toordinal()), *ahead]
    aimed_at = above.name if above and found.deals and judged else None  # without deals there is nothing to look for
    look = _Look(day, program, facts, timeline, aimed_at)
    projections = tuple(_with_days(each, look, held) for each in projections_of(found))
    alone = (None, None) if held else look.days(())
    is_reached = alone[0] or any(each.reached for each in projections)
    return Pipeline(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        deals=tuple(sorted(found.deals, key=lambda each: (each.open.expected_on, each.open.deal_id))),
        past=tuple(sorted((each for each in deals if each.is_past(day)), key=lambda each: each.expected_on)),
        projections=projections,
        credited_tier=facts.credited_tier,
        performing=reached,
        next_tier=above.name if above else None,
        until=horizon(day),
        review=(review := program.recalibration_after(day - timedelta(1))),
        at_review=balance_on(timeline, review).combined,
        reached=alone[0],
        credited=alone[1],
        closest=None if held or is_reached else look.closest(found.added[Likelihood.ALL]),
        held=held,
        notes=(program.label,) if program.label else (),
    )


def projections_of(found: Rated) -> tuple[Projection, ...]:
    """A projection of each class, without the days on which a tier is reached."""
    return tuple(_projection(each, found) for each in CLASSES)


def _projection(likelihood: Likelihood, found: Rated) -> Projection:
    counted = CLASSES[: CLASSES.index(likelihood) + 1]
    deals = [each for each in found.deals if each.likelihood in counted]
    points = sum(each.micropoints for each in deals)
    return Projection(likelihood, len(deals), points, found.added[likelihood])


def _with_days(projection: Projection, look: "_Look", held: Unknown | None) -> Projection:
    """The projection with the days on which the tier is reached and credited."""
    if held or look.tier is None:
        return projection
    reached, credited = look.days(projection.added)
    return replace(projection, reached=reached, credited=credited)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look ahead of a year at the tier that is aimed at."""

    day: date
    program: Program
    facts: Facts
    timeline: Sequence[Balance]
    tier: str | None

    def days(self, added: Sequence[Balance]) -> tuple[date | None, date | None]:
        """The first day on which the tier is reached with what deals add, and the first on which it is credited."""
        if self.tier is None:
            return None, None
        reached = next((each for each in self._days(added) if self._reaches(each, added)), None)
        return reached, next((each for each in self._credit_days() if self._reaches(each, added)), None)

    def closest(self, added: Sequence[Balance]) -> Closest | None:
        """The day with the most points, and what the tier lacks then."""
        if self.tier is None:
            return None
        best = max(self._days(added), key=lambda each: self._balance(each, added).combined)
        asked = self.tier, self.program.on(best), facts_on(best, self.facts), self._balance(best, added)
        return Closest(best, missed_for(*asked, as_of=best), open_of(*asked, as_of=best))

    def _days(self, added: Sequence[Balance]) -> list[date]:
        """The days on which the balance, the rules or the facts change, today first."""
        changes = {date.fromordinal(each.day) for each in (*self.timeline, *added)}
        days = [self.day, *sorted(changes.union(self.program.changes, _fact_changes(self.facts)))]
        return [each for each in dict.fromkeys(days) if self.day <= each <= horizon(self.day)]

    def _balance(self, day: date, added: Sequence[Balance]) -> Balance:
        return plus(balance_on(self.timeline, day), balance_on(added, day))

    def _credit_days(self) -> Iterator[date]:
        until, day = horizon(self.day), uptier_day(self.day, self.program.on(self.day))
        while day <= until:
            yield day
            day = uptier_day(day + timedelta(1), self.program.on(day))

    def _reaches(self, day: date, added: Sequence[Balance]) -> bool:
        rules = self.program.on(day)
        rank = ranks_of(rules)
        if self.tier is None or self.tier not in rank:
            return False
        then = performing_on(day, rules, facts_on(day, self.facts), self._balance(day, added)).tier
        return then is not None and rank[then] >= rank[self.tier]


def _fact_changes(facts: Facts) -> Iterator[date]:
    """The days from which on a certification, the membership or the invitation is valid, or isn't any more."""
    for each in facts.certifications:
        yield from (each.valid_from, each.valid_until + timedelta(1))
    if facts.partner.elite_invited_on:
        yield facts.partner.elite_invited_on
    if facts.partner.membership_until:
        yield facts.partner.membership_until + timedelta(1)
