"""What a scenario means for the tiers, the one thing that heads its answer (how-tiers-work#what-if)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.program import Program, UnknownTier
from tiercore.questions.gap import Exactness, exactness_of, gap_to, points_missing
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.uptier import facts_on as facts_of_day
from tiercore.questions.verdict import Verdict, VerdictKind, verdict_of
from tiercore.rating.timeline import balance_on
from tiercore.scenarios.books import PartnerBooks, facts_on

_WARNINGS = (VerdictKind.BELOW, VerdictKind.FALLING)


class ConsequenceKind(StrEnum):
    """What a scenario does, what matters most first."""

    LOST = "lost"  # the held tier is lost at the recalibration, and isn't without the scenario
    STILL_LOST = "still_lost"  # it is lost with and without
    SAVED = "saved"  # it is lost without the scenario, and isn't with it
    CREDITED = "credited"  # a higher tier is credited, and isn't without the scenario
    NOT_CREDITED = "not_credited"  # a higher tier is credited without the scenario, and isn't with it
    UNKNOWN = "unknown"  # with it, it can't be judged
    WARNED = "warned"  # the numbers are too low for the held tier, which is kept all the same
    CLOSER = "closer"  # less is missing for the next tier
    FURTHER = "further"  # more is missing for the next tier
    SAME = "same"  # none of it


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a scenario does to `tier` by `day`; `verdict` is the partner's with the scenario.

    `causes` are the requirements that cost a tier. `margin` are the micropoints above the figure of a credited tier
    that is met most narrowly, None where it isn't known. `missing_before` and `missing` are the micropoints to earn for
    the tier without and with the scenario, None where that isn't about points.
    """

    kind: ConsequenceKind
    tier: str | None
    day: date
    verdict: Verdict
    causes: tuple[Requirement, ...] = ()
    margin: int | None = None
    missing_before: int | None = None
    missing: int | None = None
    exactness: Exactness = Exactness.EXACT

    @property
    def is_bad(self) -> bool:
        """Whether a tier is lost, or isn't credited any more."""
        return self.kind in (ConsequenceKind.LOST, ConsequenceKind.STILL_LOST, ConsequenceKind.NOT_CREDITED)

    @property
    def is_good(self) -> bool:
        """Whether a tier is saved or credited."""
        return self.kind in (ConsequenceKind.SAVED, ConsequenceKind.CREDITED)


Seen = tuple[PartnerBooks, Recalibration]


def consequence_of(before: Seen, after: Seen, program: Program) -> Consequence:
    """What the difference between the two means; both are of the same day."""
    was, now = verdict_of(before[1]), verdict_of(after[1])
    if now.kind is VerdictKind.DANGER:
        kind = ConsequenceKind.STILL_LOST if was.kind is VerdictKind.DANGER else ConsequenceKind.LOST
        return Consequence(kind, now.credited_tier, now.day, now, now.causes)
    if was.kind is VerdictKind.DANGER and now.kind is not VerdictKind.UNKNOWN:
        return Consequence(ConsequenceKind.SAVED, was.credited_tier, was.day, now)
    if now.kind is VerdictKind.RISES and (was.kind, was.tier) != (now.kind, now.tier):
        margin = _margin(after[0], now.tier, now.day, program)
        return Consequence(ConsequenceKind.CREDITED, now.tier, now.day, now, margin=margin)
    if was.kind is VerdictKind.RISES and now.kind is not VerdictKind.RISES:
        causes = tuple(each for each in after[1].climb.requirements if each.state is State.RED)
        return Consequence(ConsequenceKind.NOT_CREDITED, was.tier, was.day, now, causes)
    if now.kind is VerdictKind.UNKNOWN:
        return Consequence(ConsequenceKind.UNKNOWN, now.tier, now.day, now)
    if now.kind in _WARNINGS and was.kind not in _WARNINGS:
        return Consequence(ConsequenceKind.WARNED, now.tier, now.day, now, now.causes)
    return _about_the_next(before, after, now, program)


def _about_the_next(before: Seen, after: Seen, now: Verdict, program: Program) -> Consequence:
    """How much less or more is missing for the next tier, on the day on which it can be credited."""
    tier, day = before[1].climb.tier, before[1].climb.day
    was, is_ = (_missing(books, tier, day, program) for books in (before[0], after[0]))
    if was is None or is_ is None or was[0] == is_[0]:
        return Consequence(ConsequenceKind.SAME, tier, day, now)
    kind = ConsequenceKind.CLOSER if is_[0] < was[0] else ConsequenceKind.FURTHER
    return Consequence(kind, tier, day, now, missing_before=was[0], missing=is_[0], exactness=is_[1])


def _missing(books: PartnerBooks, tier: str | None, day: date, program: Program) -> tuple[int, Exactness] | None:
    needed = requirements_on(books, tier, day, program) if tier else ()
    if not needed or needed[0].unit is not Unit.POINTS or needed[0].state is State.NOT_CONFIGURED:
        return None
    return points_missing(needed), exactness_of(needed)


def _margin(books: PartnerBooks, tier: str | None, day: date, program: Program) -> int | None:
    """The micropoints above the most narrowly met of the tier's figures; None where one isn't known, or in dollars."""
    needed = [each for each in requirements_on(books, tier, day, program) if each.name in FIGURES] if tier else []
    above = [each.have - each.need for each in needed if isinstance(each.have, int) and isinstance(each.need, int)]
    is_known = needed and len(above) == len(needed) and needed[0].unit is Unit.POINTS
    return min(above) if is_known else None


def requirements_on(books: PartnerBooks, tier: str | None, day: date, program: Program) -> tuple[Requirement, ...]:
    """The tier's requirements on the day, with that day's retention; none where its rules have no such tier."""
    facts = facts_of_day(day, facts_on(books, day))
    try:
        return gap_to(tier, day, program, facts, balance_on(books.timeline, day)).requirements
    except UnknownTier:
        return ()
