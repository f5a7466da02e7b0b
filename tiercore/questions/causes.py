"""The requirements behind a verdict on a tier: those that are red, and those that can't be judged
(how-tiers-work#requirements).
"""

from collections.abc import Sequence
from datetime import date

from tiercore.program import Rules, TierRules
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, figures_of, requirements_of
from tiercore.rating.timeline import Balance


def red_of(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """The tier's requirements that are red; empty if the day's rules have no such tier."""
    return tuple(each for each in _of(tier_name, rules, facts, balance, as_of) if each.state is State.RED)


def missed_for(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """Why the figures don't reach the tier: its red requirements or, if it has none, the red total of a lower tier,
    without which no tier above is reached.
    """
    if found := red_of(tier_name, rules, facts, balance, as_of=as_of):
        return found
    totals = (next(figures_of(each, rules, facts.partner, balance)) for each in _up_to(tier_name, rules))
    return tuple(each for each in totals if each.state is State.RED)[:1]


def open_of(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """The tier's requirements that can't be judged: what is unknown, and figures that aren't set.

    A further requirement without a target rules no tier out (how-tiers-work#thresholds), so it isn't among them.
    """
    return tuple(each for each in _of(tier_name, rules, facts, balance, as_of) if is_open(each))


def is_open(requirement: Requirement) -> bool:
    """Whether a requirement leaves open if the tier is reached."""
    unset = requirement.state is State.NOT_CONFIGURED and requirement.name in FIGURES
    return unset or requirement.state is State.UNKNOWN


def _of(tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, as_of: date) -> list[Requirement]:
    tier = next((each for each in rules.tiers if each.name == tier_name), None)
    return requirements_of(tier, rules, facts, balance, as_of=as_of) if tier else []


def _up_to(tier_name: str | None, rules: Rules) -> Sequence[TierRules]:
    names = [each.name for each in rules.tiers]
    return rules.tiers[: names.index(tier_name) + 1] if tier_name in names else ()
