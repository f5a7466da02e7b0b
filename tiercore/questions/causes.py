"""The requirements behind a verdict on a tier: those that are red, and those that can't be judged
(how-tiers-work#requirements).
"""

from collections.abc import Sequence
from datetime import date

from tiercore.program import Rules, TierRules
from tiercore.questions.requirements import (
    FIGURES,
    Facts,
    Requirement,
    State,
    figures_of,
    of_every_tier,
    of_this_tier,
    requirements_of,
)
from tiercore.rating.timeline import Balance


class JudgedTiers:
    """The requirements of a day's tiers, each judged once however often it is asked for."""

    def __init__(self, day: date, rules: Rules, facts: Facts, balance: Balance) -> None:
        self._day, self._rules, self._facts, self._balance = day, rules, facts, balance
        self.shared = of_every_tier(rules, facts, balance, as_of=day)
        self._figures: dict[str, list[Requirement]] = {}
        self._further: dict[str, list[Requirement]] = {}

    def of(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """Every requirement of the tier; none if the day's rules have no such tier."""
        tier = next((each for each in self._rules.tiers if each.name == tier_name), None)
        return self.requirements(tier) if tier else ()

    def requirements(self, tier: TierRules) -> tuple[Requirement, ...]:
        """Every requirement of the tier, the total first."""
        return *self.figures(tier), *self.shared, *self.further(tier)

    def figures(self, tier: TierRules) -> list[Requirement]:
        """Those decided by points or MRR alone."""
        found = self._figures.get(tier.name)
        if found is None:
            found = list(figures_of(tier, self._rules, self._facts.partner, self._balance))
            self._figures[tier.name] = found
        return found

    def further(self, tier: TierRules) -> list[Requirement]:
        """The further ones that depend on the tier."""
        found = self._further.get(tier.name)
        if found is None:
            found = self._further[tier.name] = of_this_tier(tier, self._rules, self._facts, as_of=self._day)
        return found


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
