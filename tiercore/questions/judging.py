"""What the figures of a day reach: a tier's requirements, each judged once, and the performing tier
(how-tiers-work#requirements).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tiercore.facts.unknown import Unknown
from tiercore.program import Rules, TierRules
from tiercore.questions.requirements import (
    FIGURES,
    Facts,
    Requirement,
    State,
    minimums_of,
    of_every_tier,
    of_this_tier,
    retention_known,
    total_of,
)
from tiercore.rating.timeline import Balance


@dataclass(frozen=True, slots=True)
class Reached:
    """The highest tier that the figures reach (None: none is known to be), and tiers above it that can't be judged."""

    tier: str | None
    undecided: tuple[str, ...] = ()


class JudgedTiers:
    """The requirements of a day's tiers, each judged once however often it is asked for.

    With `own_retention`, retention is that of the day, for which the facts' months must reach far enough; otherwise it
    is the facts' own, of whichever day that is.
    """

    def __init__(self, day: date, rules: Rules, facts: Facts, balance: Balance, *, own_retention: bool = False) -> None:
        self.day, self.rules, self.facts, self.balance = day, rules, facts, balance
        self._own_retention = own_retention
        self.shared = of_every_tier(rules, facts, balance, as_of=day)
        self._totals: dict[str, Requirement] = {}
        self._figures: dict[str, list[Requirement]] = {}
        self._further: dict[str, list[Requirement]] = {}
        self._deciding: dict[str | None, Sequence[Requirement]] = {}

    @cached_property
    def reached(self) -> Reached:
        """The performing tier: the highest whose figures are reached and whose further requirements are not red."""
        return _reached_by(self)

    def of(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """Every requirement of the tier; none if the day's rules have no such tier."""
        rank = self.rules.ranks.get(tier_name or "")
        return () if rank is None else self.requirements(self.rules.tiers[rank])

    def requirements(self, tier: TierRules) -> tuple[Requirement, ...]:
        """Every requirement of the tier, the total first."""
        return *self.figures(tier), *self.shared, *self.further(tier)

    def total(self, tier: TierRules) -> Requirement:
        """The first of its figures, which no other makes up for."""
        found = self._totals.get(tier.name)
        if found is None:
            found = self._totals[tier.name] = total_of(tier, self.rules, self.facts.partner, self.balance)
        return found

    def figures(self, tier: TierRules) -> list[Requirement]:
        """Those decided by points or MRR alone."""
        found = self._figures.get(tier.name)
        if found is None:
            minimums = minimums_of(tier, self.rules, self.facts.partner, self.balance)
            found = self._figures[tier.name] = [self.total(tier), *minimums]
        return found

    def further(self, tier: TierRules) -> list[Requirement]:
        """The further ones that depend on the tier."""
        found = self._further.get(tier.name)
        if found is None:
            found = of_this_tier(tier, self.rules, self.facts, self._retention, as_of=self.day)
            self._further[tier.name] = found
        return found

    def deciding(self, tier: TierRules) -> list[Requirement]:
        """Those of the further ones that may rule the tier out or leave it open: none without a target. Then retention,
        the most costly figure, isn't computed.
        """
        has_target = tier.by_invitation or isinstance(tier.retention_above, int)
        return self.further(tier) if has_target else []

    @cached_property
    def _retention(self) -> int | Unknown:
        return retention_known(self.rules, self.facts, self.day if self._own_retention else None)

    def red(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """The tier's requirements that are red; empty if the day's rules have no such tier."""
        return tuple([each for each in self._deciding_of(tier_name) if each.state is State.RED])

    def _deciding_of(self, tier_name: str | None) -> Sequence[Requirement]:
        """The tier's requirements without those that have no target; none if the day's rules have no such tier."""
        found = self._deciding.get(tier_name)
        if found is None:
            rank = self.rules.ranks.get(tier_name or "")
            tier = None if rank is None else self.rules.tiers[rank]
            found = [*self.figures(tier), *self.shared, *self.deciding(tier)] if tier else ()
            self._deciding[tier_name] = found
        return found

    def missed(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """Why the figures don't reach the tier: its red requirements or, if it has none, the red total of a lower tier,
        without which no tier above is reached.
        """
        if found := self.red(tier_name):
            return found
        totals = (self.total(each) for each in _up_to(tier_name, self.rules))
        return tuple(each for each in totals if each.state is State.RED)[:1]

    def open(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """The tier's requirements that can't be judged: what is unknown, and figures that aren't set.

        A further requirement without a target rules no tier out (how-tiers-work#thresholds), so it isn't among them.
        """
        return tuple([each for each in self._deciding_of(tier_name) if is_open(each)])

    def open_beside_figures(self, tier_name: str | None) -> tuple[Requirement, ...]:
        """Those of them that points don't decide."""
        return tuple([each for each in self.open(tier_name) if each.name not in FIGURES])


def is_open(requirement: Requirement) -> bool:
    """Whether a requirement leaves open if the tier is reached."""
    state = requirement.state
    return state is State.UNKNOWN or (state is State.NOT_CONFIGURED and requirement.name in FIGURES)


def performing_on(day: date, rules: Rules, facts: Facts, balance: Balance) -> Reached:
    """The performing tier: the highest whose figures are reached and whose further requirements are not red."""
    return JudgedTiers(day, rules, facts, balance).reached


def _reached_by(tiers: JudgedTiers) -> Reached:
    """The highest tier reached, looked for from above: a red total rules out the tier and those above, which require
    even more.
    """
    if _any_red(tiers.shared):
        return Reached(None)
    undecided, not_ruled_out = list[str](), list[TierRules]()
    for tier in tiers.rules.tiers:
        if tiers.total(tier).state is State.RED:
            break
        not_ruled_out.append(tier)
    for tier in reversed(not_ruled_out):
        is_reached = _is_reached(tiers, tier)
        if is_reached:
            return Reached(tier.name, tuple(reversed(undecided)))
        if is_reached is None:
            undecided.append(tier.name)
    return Reached(None, tuple(reversed(undecided)))


def _is_reached(tiers: JudgedTiers, tier: TierRules) -> bool | None:
    """Whether a tier's figures and its own further requirements are met; None if a figure is unknown or not set.

    A further requirement rules the tier out if it is red; an unknown one doesn't.
    """
    figures = tiers.figures(tier)
    if _any_red(figures) or _any_red(tiers.deciding(tier)):
        return False
    return all(figure.state is State.GREEN for figure in figures) or None


def _any_red(requirements: Sequence[Requirement]) -> bool:
    for requirement in requirements:  # noqa: SIM110  (a generator takes three times as long)
        if requirement.state is State.RED:
            return True
    return False


def _up_to(tier_name: str | None, rules: Rules) -> Sequence[TierRules]:
    rank = rules.ranks.get(tier_name or "")
    return () if rank is None else rules.tiers[: rank + 1]
