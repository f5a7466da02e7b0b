"""What is missing for the next tier today, as a headline where there is no verdict: by another model than the day's."""

from handlers.views.parts.formats import credited, money, points, tier
from handlers.views.parts.not_set import is_gathered
from handlers.views.parts.reasons import bound_on, is_exact, to_go
from tiercore.facts.money import Money
from tiercore.questions.requirements import Unit
from tiercore.questions.standing import Standing


def to_next_tier(standing: Standing) -> str:
    """How much is missing: "225 points to Platinum", "US$2,500 of sold MRR short of Gold"."""
    if standing.next_tier is None:
        return f"{tier(standing.credited_tier or standing.performing.tier)}, the highest tier"
    goal = tier(standing.next_tier)
    total = standing.requirements[0]
    if is_gathered(total, standing.requirements):
        held = credited(standing.credited_tier, standing.credited_on)
        return held if total.unit is Unit.US_CENTS else f"{points(standing.balance.combined)} points, {held}"
    if total.short is None:
        unset = "MRR minimums aren't" if total.unit is Unit.US_CENTS else "combined threshold isn't"
        return f"{credited(standing.credited_tier, standing.credited_on)}; {goal}'s {unset} set"
    if total.unit is Unit.US_CENTS:
        missing = [each for each in standing.requirements[:2] if each.short]
        parts = [f"{money(Money(each.short or 0, 'USD'))} of {each.name.split('_')[0]} MRR" for each in missing]
        if not parts:
            return f"no MRR {'' if is_exact(standing.requirements) else 'known to be '}missing for {goal}"
        return f"{bound_on(standing.requirements)}{' and '.join(parts)} short of {goal}"
    return to_go(standing.requirements, goal)


def performing(standing: Standing) -> str:
    """The tier that the numbers reach; "unknown" where that can't be said, and "at least" where it may be higher."""
    reached, undecided = standing.performing.tier, standing.performing.undecided
    if reached is None and undecided:
        return "unknown"
    return f"{tier(reached)}{' at least' if undecided else ''}"
