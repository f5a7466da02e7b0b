"""What a scenario means for the tiers, the one thing that heads its answer (how-tiers-work#what-if)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tiercore.facts.unknown import Unknown
from tiercore.program import Program, UnknownTier
from tiercore.questions.gap import Exactness, exactness_of, gap_to, points_missing
from tiercore.questions.judged_days import facts_on as facts_of_day
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.questions.uptier import ranks_of
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
    REACHED = "reached"  # the numbers reach a higher tier, but no longer on the day on which it can be credited
    CLOSER = "closer"  # less is missing for the next tier
    FURTHER = "further"  # more is missing for the next tier
    SAME = "same"  # none of it


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a scenario does to `tier` by `day`; `verdict` is the partner's with the scenario.

    `causes` are the requirements that cost a tier, of a saved one without the scenario. `margin` are the micropoints
    above the figure of a credited tier that is met most narrowly, None where it isn't known. `missing_before` and
    `missing` are the micropoints to earn for the tier without and with the scenario, None where that isn't about
    points. `also` is what it means for the next way up, where the consequence is about the held tier.
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
    also: "Consequence | None" = None

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
    climb = _climb(before, after, now, program)
    is_changed = climb.kind is not ConsequenceKind.SAME
    about_held = Consequence(ConsequenceKind.SAME, now.credited_tier, now.day, now, also=climb if is_changed else None)
    if now.kind is VerdictKind.DANGER:
        kind = ConsequenceKind.STILL_LOST if was.kind is VerdictKind.DANGER else ConsequenceKind.LOST
        return replace(about_held, kind=kind, causes=now.causes)
    if was.kind is VerdictKind.DANGER and now.kind is not VerdictKind.UNKNOWN:
        return replace(about_held, kind=ConsequenceKind.SAVED, tier=was.credited_tier, day=was.day, causes=was.causes)
    if now.kind is VerdictKind.UNKNOWN and climb.kind is not ConsequenceKind.CREDITED:
        return Consequence(ConsequenceKind.UNKNOWN, now.tier, now.day, now)
    if now.kind in _WARNINGS and was.kind not in (now.kind, VerdictKind.BELOW):
        return replace(about_held, kind=ConsequenceKind.WARNED, causes=now.causes)
    return climb


def _climb(before: Seen, after: Seen, now: Verdict, program: Program) -> Consequence:
    """What it means for the next way up."""
    was, up, day = _rising(before[1]), _rising(after[1]), after[1].climb.day
    rank = ranks_of(after[1].rules)
    if up and rank.get(up, -1) > rank.get(was or "", -1):
        margin = _margin(after[0], up, day, program)
        return Consequence(ConsequenceKind.CREDITED, up, day, now, margin=margin)
    if was and was != up:
        causes = tuple(each for each in requirements_on(after[0], was, day, program) if each.state is State.RED)
        return Consequence(ConsequenceKind.NOT_CREDITED, was, day, now, causes)
    return _reached(before, after, now, program) or _about_the_next(before, after, now, program)


def _rising(found: Recalibration) -> str | None:
    """The higher tier that is known to be credited on the next day up, None for none."""
    climb = found.climb
    is_known = climb.is_above and not climb.open and not climb.doubtful and found.credited_on
    return climb.reached.tier if is_known and not isinstance(climb.reached, Unknown) else None


def _reached(before: Seen, after: Seen, now: Verdict, program: Program) -> Consequence | None:
    """A tier that the numbers of the day reach only with the scenario, but not on the day on which it is credited."""
    up, day = after[1].uptier, after[1].climb.day
    if up is None or up.holds is not False or (before[1].uptier and before[1].uptier.tier == up.tier):
        return None
    missing = _missing(after[0], up.tier, day, program)
    exactness = missing[1] if missing else Exactness.EXACT
    short = missing[0] if missing else None
    return Consequence(ConsequenceKind.REACHED, up.tier, day, now, up.amiss, missing=short, exactness=exactness)


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
