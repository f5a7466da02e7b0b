"""What keeps a tier that is in danger: what to do, how much of it, and by when (how-tiers-work#verdict)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.questions.gap import points_missing
from tiercore.questions.recalibration import Recalibration, Sample
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit


class ActKind(StrEnum):
    """What saves a tier."""

    RENEW = "renew"  # a certification or the membership
    MEET = "meet"  # the requirements, on one sampling day


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that has to be done to keep a tier, at the latest on `day`.

    `requirements` are what is red then. `points` are the micropoints to earn by then, None where points don't do it;
    they are a lower bound (`at_least`) where a figure of the tier isn't set. `expiring` are the micropoints among them
    that are there today and expire until then.
    """

    kind: ActKind
    day: date
    requirements: tuple[Requirement, ...]
    points: int | None = None
    at_least: bool = False
    expiring: int = 0


def acts_to_keep(found: Recalibration) -> tuple[Act, ...]:
    """What keeps the tier that the recalibration would cost, the first due first; all of it is needed."""
    return tuple(sorted(_acts(found), key=lambda act: act.day))


def _acts(found: Recalibration) -> Iterator[Act]:
    """The renewals that are needed by the recalibration and, if no sampling day is enough, what makes the cheapest one
    of those to come enough: what is renewed has to be valid on it, too.
    """
    coming = [sample for sample in found.samples if sample.day >= found.as_of and sample.enough is False]
    best = min(coming, key=_effort) if coming and not found.may_suffice else None
    renewed = {each.name: each for each in found.conditions if each.state is State.RED}
    on_best = {each.name for each in best.amiss} if best else set()
    for name, each in renewed.items():
        needed_on = best.day if best and name in on_best else found.day
        until = each.have if isinstance(each.have, date) and each.have >= found.as_of else needed_on
        yield Act(ActKind.RENEW, min(until, needed_on), (each,))
    if best and (amiss := tuple(each for each in best.amiss if each.name not in renewed)):
        is_earned = any(each.unit is Unit.POINTS for each in amiss)
        missing, expiring = (points_missing(amiss), best.expiring) if is_earned else (None, 0)
        yield Act(ActKind.MEET, best.day, amiss, missing, bool(best.unset), expiring)


def _effort(sample: Sample) -> tuple[int, int, int]:
    """How much it takes to make a sampling day enough: what neither sales nor agreements bring, then how many points
    or US cents; of equal ones the last day.
    """
    others = sum(each.name not in FIGURES for each in sample.amiss)
    cents = sum(each.short or 0 for each in sample.amiss if each.unit is Unit.US_CENTS)
    return others, points_missing(sample.amiss) + cents, -sample.day.toordinal()
