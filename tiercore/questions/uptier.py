"""The next upgrade: a tier above the credited one whose numbers are reached, and what is missing for the one above it
(how-tiers-work#moving-up).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.holds import EXPIRY
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.questions.causes import JudgedTiers, is_open, missed_for, open_of
from tiercore.questions.requirements import FIGURES, Facts, Requirement
from tiercore.questions.standing import Reached, next_above, performing_of, performing_on
from tiercore.rating.timeline import Balance, balance_on


@dataclass(frozen=True, slots=True)
class Uptier:
    """A performing tier above the credited one: it is credited on `day` if it is still reached then.

    `holds` says whether it will be, by what is known today; None if unknown. `amiss` are the requirements that cost it
    until then, `open` those that can't be judged.
    """

    tier: str
    day: date
    holds: bool | None
    amiss: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Climb:
    """What is known today of `day`, the next on which partners move up (how-tiers-work#moving-up).

    `reached` is what the numbers reach then, Unknown for a day ahead while expiry is under correction; it `is_above`
    the credited tier, or not. `tier` is the next one to reach (None: there is none above), `requirements` are its
    requirements on the day, and `open` those of a tier reached above the credited one that can't be judged. `expiring`
    are the micropoints that expire until then, and `doubtful` counts the credits of that day whose expiry is unknown.
    """

    day: date
    reached: Reached | Unknown
    is_above: bool
    tier: str | None
    requirements: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()
    expiring: int = 0
    doubtful: int = 0


def climb_on(day: date, program: Program, facts: Facts, balance: Balance, timeline: Sequence[Balance]) -> Climb:
    """The next way up as seen on `day`; `timeline` reaches to the next day on which partners move up."""
    when = uptier_day(day, program.on(day))
    rules, then, known = program.on(when), balance_on(timeline, when), facts_on(when, facts)
    held = facts.holds.get(EXPIRY) if when > day else None
    tiers, rank = JudgedTiers(when, rules, known, then), ranks_of(rules)
    reached = performing_of(rules, tiers)
    is_above = reached.tier is not None and rank[reached.tier] > rank.get(facts.credited_tier or "", -1)
    above = next_above(rules, facts.credited_tier, reached.tier)
    if held:
        above = next_above(rules, facts.credited_tier, None)
        return Climb(when, held, is_above=False, tier=above.name if above else None)
    further = tiers.of(reached.tier) if is_above else ()
    return Climb(
        day=when,
        reached=reached,
        is_above=is_above,
        tier=above.name if above else None,
        requirements=tiers.requirements(above) if above else (),
        open=tuple(each for each in further if is_open(each) and each.name not in FIGURES),
        expiring=then.lapsed - balance.lapsed if when > day else 0,
        doubtful=then.doubtful if when > day else 0,
    )


def uptier_day(day: date, rules: Rules) -> date:
    """The next day, on or after this one, on which partners move up."""
    this_month = day.replace(day=rules.uptier_day)
    return this_month if this_month >= day else this_month + relativedelta(months=1)


def uptier_on(
    day: date, program: Program, facts: Facts, balance: Balance, timeline: Sequence[Balance]
) -> Uptier | None:
    """The upgrade of a partner whose numbers reach a higher tier than the credited one; None for any other."""
    rules = program.on(day)
    reached, rank = performing_on(day, rules, facts, balance), ranks_of(program.on(day))
    if reached.tier is None or rank[reached.tier] <= rank.get(facts.credited_tier or "", -1):
        return None
    when = uptier_day(day, rules)
    if facts.holds.get(EXPIRY) and when > day:
        return Uptier(reached.tier, when, None)
    later, held_then = ranks_of(program.on(when)), facts_on(when, facts)
    then = performing_on(when, program.on(when), held_then, balance_on(timeline, when))
    if reached.tier not in later:
        return Uptier(reached.tier, when, None)
    asked = (reached.tier, program.on(when), held_then, balance_on(timeline, when))
    open_ = tuple(each for each in open_of(*asked, as_of=when) if each.name not in FIGURES)
    if then.tier is not None and later[then.tier] >= later[reached.tier]:
        return Uptier(reached.tier, when, True, open=open_)
    if reached.tier in then.undecided:
        return Uptier(reached.tier, when, None)
    return Uptier(reached.tier, when, False, missed_for(*asked, as_of=when))


def facts_on(day: date, facts: Facts) -> Facts:
    """The facts with the retention of another day, as far as it is known."""
    return replace(facts, retention=facts.retention.on(day))


def ranks_of(rules: Rules) -> dict[str, int]:
    """The rank of each of the tiers, the lowest 0."""
    return {tier.name: rank for rank, tier in enumerate(rules.tiers)}
