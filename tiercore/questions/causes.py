"""The requirements behind a verdict on a tier: those that are red, and those that can't be judged
(how-tiers-work#requirements).
"""

from datetime import date

from tiercore.program import Rules
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.requirements import Facts, Requirement
from tiercore.rating.timeline import Balance


def red_of(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """The tier's requirements that are red; empty if the day's rules have no such tier."""
    return JudgedTiers(as_of, rules, facts, balance).red(tier_name)


def missed_for(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """Why the figures don't reach the tier: its red requirements or, if it has none, the red total of a lower tier,
    without which no tier above is reached.
    """
    return JudgedTiers(as_of, rules, facts, balance).missed(tier_name)


def open_of(
    tier_name: str | None, rules: Rules, facts: Facts, balance: Balance, *, as_of: date
) -> tuple[Requirement, ...]:
    """The tier's requirements that can't be judged: what is unknown, and figures that aren't set.

    A further requirement without a target rules no tier out (how-tiers-work#thresholds), so it isn't among them.
    """
    return JudgedTiers(as_of, rules, facts, balance).open(tier_name)
