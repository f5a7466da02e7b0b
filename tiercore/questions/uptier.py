"""The next upgrade: a tier above the credited one whose numbers are reached, and what is missing for the one above it
(how-tiers-work#moving-up).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tiercore.facts.holds import EXPIRY
from tiercore.facts.months import months_after
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.judged_days import JudgedDays
from tiercore.questions.judging import Reached
from tiercore.questions.requirements import Requirement
from tiercore.questions.standing import next_above


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


def climb_on(days: JudgedDays) -> Climb:
    """The next way up as seen today; the days reach to the next one on which partners move up."""
    today, facts, when = days.today, days.facts, uptier_day(days.today.day, days.today.rules)
    is_ahead, then = when > today.day, days.on(when)
    rules, rank = then.rules, ranks_of(then.rules)
    if is_ahead and (held := facts.holds.get(EXPIRY)):
        above = next_above(rules, facts.credited_tier, None)
        return Climb(when, held, is_above=False, tier=above.name if above else None)
    reached = then.reached
    is_above = reached.tier is not None and rank[reached.tier] > rank.get(facts.credited_tier or "", -1)
    above = next_above(rules, facts.credited_tier, reached.tier)
    return Climb(
        day=when,
        reached=reached,
        is_above=is_above,
        tier=above.name if above else None,
        requirements=then.requirements(above) if above else (),
        open=then.open_beside_figures(reached.tier) if is_above else (),
        expiring=then.balance.lapsed - today.balance.lapsed if is_ahead else 0,
        doubtful=then.balance.doubtful if is_ahead else 0,
    )


def uptier_day(day: date, rules: Rules) -> date:
    """The next day, on or after this one, on which partners move up."""
    this_month = day.replace(day=rules.uptier_day)
    return this_month if this_month >= day else months_after(this_month, 1)


def uptier_on(days: JudgedDays) -> Uptier | None:
    """The upgrade of a partner whose numbers reach a higher tier than the credited one today; None for any other."""
    today, facts = days.today, days.facts
    tier, rank = today.reached.tier, ranks_of(today.rules)
    if tier is None or rank[tier] <= rank.get(facts.credited_tier or "", -1):
        return None
    when = uptier_day(today.day, today.rules)
    if facts.holds.get(EXPIRY) and when > today.day:
        return Uptier(tier, when, None)
    then = days.on(when)
    later = ranks_of(then.rules)
    if tier not in later:
        return Uptier(tier, when, None)
    if then.reached.tier is not None and later[then.reached.tier] >= later[tier]:
        return Uptier(tier, when, True, open=then.open_beside_figures(tier))
    if tier in then.reached.undecided:
        return Uptier(tier, when, None)
    return Uptier(tier, when, False, then.missed(tier))


def ranks_of(rules: Rules) -> Mapping[str, int]:
    """The rank of each of the tiers, the lowest 0."""
    return rules.ranks
