"""Why it can't be judged whether a partner keeps its tier (how-tiers-work#what-cant-be-judged)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tiercore.facts.unknown import Unknown
from tiercore.program import Rules, TierRules
from tiercore.questions.expiry import Expiry
from tiercore.questions.judging import is_open
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import FIGURES, Requirement, State
from tiercore.questions.standing import Standing

EXPIRY, RULES, SAMPLES, THRESHOLDS, UNRATED = "expiry", "rules", "recalibration", "thresholds", "unrated"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why it can't be judged whether a partner keeps its tier (or reaches the first one), equal for all partners that
    share it.

    `subject` is the name of a requirement, or one of EXPIRY, RULES, SAMPLES, THRESHOLDS and UNRATED. For figures
    that aren't set, `unset` are their names, and `tier` is the tier that they belong to; `is_whole` says that none of
    its figures is set. Otherwise `reason` says in words what isn't known.
    """

    subject: str
    reason: str = ""
    tier: str | None = None
    unset: tuple[str, ...] = ()
    is_whole: bool = False


def doubts_on(standing: Standing, expiry: Expiry, recalibration: Recalibration) -> Iterator[Doubt]:
    """Why it can't be judged whether the partner keeps its tier, or reaches the first one; nothing where it can."""
    rules, credited = standing.rules, standing.credited_tier
    if credited is None:
        is_missed = any(each.state is State.RED for each in standing.requirements)
        yield from () if is_missed else _of_requirements(standing.open, standing.target, rules)
        return
    tier = next((each for each in rules.tiers if each.name == credited), None)
    if tier is None:
        yield Doubt(RULES, f"the {rules.version} rules have no {credited.capitalize()}")
        return
    yield from _of_requirements(standing.open, tier, rules)
    if expiry.held:
        yield Doubt(EXPIRY, expiry.held.reason)
    elif expiry.unknown or standing.balance.doubtful:
        yield Doubt(EXPIRY, "unknown for some product lines")
    elif expiry.undecided and expiry.undecided.day > standing.as_of:
        yield Doubt(RULES, expiry.undecided.reason)
    known = {each.name for each in standing.open}
    yield from _of_requirements([each for each in recalibration.open if each.name not in known], tier, rules)
    if recalibration.result is Result.UNKNOWN and not recalibration.open and not expiry.held:
        yield Doubt(SAMPLES, f"the recalibration on {recalibration.day} can't be judged")


def _of_requirements(open_: Iterable[Requirement], tier: TierRules, rules: Rules) -> Iterator[Doubt]:
    """A doubt for all the tier's figures that aren't set, one for credits that aren't rated, one for any other."""
    found = [each for each in open_ if is_open(each)]
    figures = [each for each in found if each.name in FIGURES]
    unset = tuple(each.name for each in figures if each.state is State.NOT_CONFIGURED)
    if unset:
        figures_in_all = 2 if rules.model == "dollars" else 1 + len(tier.minimums)
        yield Doubt(THRESHOLDS, tier=tier.name, unset=unset, is_whole=len(unset) == figures_in_all)
    if any(each.state is State.UNKNOWN for each in figures):
        yield Doubt(UNRATED, "some credits can't be rated: their currency has no points table")
    for each in found:
        if each.name not in FIGURES:
            yield Doubt(each.name, each.have.reason if isinstance(each.have, Unknown) else "unknown")
