"""The next upgrade: a tier above the credited one whose numbers are reached (how-tiers-work#moving-up)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.holds import EXPIRY
from tiercore.program import Program, Rules
from tiercore.questions.causes import missed_for, open_of
from tiercore.questions.requirements import FIGURES, Facts, Requirement
from tiercore.questions.standing import performing_on
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
