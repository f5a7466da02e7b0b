"""What a plan aims at: the tier, what it takes on the day, and what no plan can change (how-tiers-work#plans)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import HUNDREDTH, hundredths
from tiercore.facts.unknown import NotConfigured
from tiercore.planning.problem import Needs
from tiercore.program import Program, Rules, TierRules
from tiercore.questions.judging import performing_on
from tiercore.questions.recalibration_days import recalibration_of, sampling_days
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, lasting, requirements_of
from tiercore.questions.standing import next_above
from tiercore.questions.uptier import ranks_of
from tiercore.rating.timeline import Balance, balance_on
from tiercore.scenarios.books import PartnerBooks, facts_on

_NEEDS = {
    "combined_threshold": "combined",
    "sold_minimum": "sold",
    "sourced_minimum": "sourced",
    "managed_minimum": "managed",
}
RENEWED = ("certification", "membership")


class Obstacle(StrEnum):
    """Why there is no plan."""

    DOLLARS = "dollars"  # the day's rules count dollars, not points
    HELD = "held"  # expiry is under correction
    REQUIREMENT = "requirement"  # a requirement that neither sales nor agreements change
    TOO_MANY_STEPS = "too_many_steps"  # five steps don't reach it
    LIMIT = "limit"  # more would have to be sold each month
    SOURCED = "sourced"  # the sourced minimum, with assisted sales alone
    MANAGED = "managed"  # no client is left to manage
    NOTHING_TO_SELL = "nothing_to_sell"  # nothing can be rated


@dataclass(frozen=True, slots=True)
class Aim:
    """A tier on a day: its requirements as they will be if nothing is done, what has to be added, and what is renewed.

    `recalibration` is the day on which the tier is kept by it, None where it is another tier than the one held, or no
    sampling day before the next recalibration. `blocked` are requirements that no plan changes, `unset` the figures
    that aren't set, `renewals` those of RENEWED that end before the day or the recalibration, or aren't on file.
    `enough_on` is a sampling day that is over and was enough, so that no points are needed.
    """

    tier: TierRules
    by: date
    rules: Rules
    recalibration: date | None
    requirements: tuple[Requirement, ...]
    needs: Needs
    renewals: tuple[Requirement, ...]
    blocked: tuple[Requirement, ...]
    unset: tuple[Requirement, ...]
    enough_on: date | None = None

    @property
    def keeps(self) -> bool:
        """Whether the held tier is kept by it at the next recalibration."""
        return self.recalibration is not None

    @property
    def open(self) -> tuple[Requirement, ...]:
        """What can't be judged and isn't a figure of points."""
        others = (each for each in self.requirements if each.name not in (*FIGURES, *RENEWED))
        return tuple(each for each in others if each.state is State.UNKNOWN)


def aim_of(tier_name: str | None, by: date, as_of: date, program: Program, books: PartnerBooks) -> Aim:
    """The aim at the named tier. Without a name, keeping comes first: the tier held if it would be missed on the day,
    else the next one; at the top the one held.

    Raises UnknownTier if the day's rules have no such tier.
    """
    rules, facts = program.on(by), facts_on(books, as_of)
    tier = rules.tier(tier_name) if tier_name else _next(by, as_of, program, books)
    kept = _kept_on(by, as_of, program) if tier.name == facts.credited_tier else None
    then = lasting(program.on(kept), facts, as_of=kept) if kept else []
    facts = replace(facts, retention=facts_on(books, by).retention)
    return _aim(tier, by, rules, facts, balance_on(books.timeline, by), kept, then)


def _kept_on(by: date, as_of: date, program: Program) -> date | None:
    """The next recalibration, if it samples the day."""
    ends, begins = recalibration_of(as_of, program)
    return ends if by in sampling_days(begins, ends, program.on(ends)) else None


def _next(by: date, as_of: date, program: Program, books: PartnerBooks) -> TierRules:
    rules, facts, today = program.on(by), facts_on(books, as_of), program.on(as_of)
    held = next((each for each in rules.tiers if each.name == facts.credited_tier), None)
    if held and not is_reached(held, by, rules, facts_on(books, by), balance_on(books.timeline, by)):
        return held
    reached = performing_on(as_of, today, facts, balance_on(books.timeline, as_of)).tier
    return next_above(rules, facts.credited_tier, reached) or held or rules.tiers[-1]


def is_reached(tier: TierRules, day: date, rules: Rules, facts: Facts, balance: Balance) -> bool:
    """Whether the tier or a higher one is performed on the day."""
    found, ranks = performing_on(day, rules, facts, balance).tier, ranks_of(rules)
    return found is not None and ranks[found] >= ranks[tier.name]


def _aim(
    tier: TierRules,
    by: date,
    rules: Rules,
    facts: Facts,
    balance: Balance,
    kept: date | None,
    then: Sequence[Requirement],
) -> Aim:
    requirements = tuple(requirements_of(tier, rules, facts, balance, as_of=by))
    needs = Needs(**{_NEEDS[each.name]: _missing(each) for each in requirements if each.name in _NEEDS})
    further = [each for each in requirements if each.name not in FIGURES]
    return Aim(
        tier=tier,
        by=by,
        rules=rules,
        recalibration=kept,
        requirements=requirements,
        needs=needs,
        renewals=_renewals([*then, *further]),
        blocked=tuple(each for each in further if each.name not in RENEWED and each.state is State.RED),
        unset=tuple(each for each in requirements if each.name in _NEEDS and isinstance(each.need, NotConfigured)),
    )


def _renewals(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """What has to be renewed, each once: where it is missed on two days, as of the one named last."""
    missed = {each.name: each for each in requirements if each.name in RENEWED and each.state is not State.GREEN}
    return tuple(missed.values())


def _missing(requirement: Requirement) -> int:
    """The fewest micropoints to add, so that the figure shown is the one needed."""
    if not isinstance(requirement.need, int) or not isinstance(requirement.have, int):
        return 0
    return max(0, hundredths(requirement.need) * HUNDREDTH - HUNDREDTH // 2 - requirement.have)


def obstacle_before(aim: Aim, facts: Facts, as_of: date) -> Obstacle | None:
    """What rules a plan out before anything is chosen."""
    if aim.rules.model != "points":
        return Obstacle.DOLLARS
    if aim.by > as_of and EXPIRY in facts.holds:
        return Obstacle.HELD
    return Obstacle.REQUIREMENT if aim.blocked else None
