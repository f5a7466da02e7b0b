"""What a tier still needs: each minimum, then a remainder in any mix (roadmap-2022#partner-a, how-tiers-work#gap)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.entries import Partner
from tiercore.facts.points import Source
from tiercore.program import Model, Program, Rules, TierRules
from tiercore.questions.convert import Way, way_to_earn, ways_to_earn
from tiercore.questions.currencies import currency_notes
from tiercore.questions.judging import JudgedTiers, is_open
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State
from tiercore.questions.standing import next_above, notes_on
from tiercore.rating.timeline import Balance

_SOURCES_OF = {
    "sold_minimum": (Source.SOURCED, Source.ASSISTED),
    "sourced_minimum": (Source.SOURCED,),
    "managed_minimum": (Source.MANAGED,),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Micropoints that are missing for one reason: a minimum (`requirement`), or the rest of the total (None).

    They may come from any of the `sources`.
    """

    requirement: str | None
    sources: tuple[Source, ...]
    micropoints: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing for `tier`. `remainder` is in micropoints beyond the minimums' shortfalls, None if unknown.

    `judged_on` is the day whose rules apply; it differs from `as_of` for a model not in use on that day. `rates` are
    the rules of the day on which one would sell: the `ways` follow them.
    """

    partner: Partner
    as_of: date
    judged_on: date
    rules: Rules
    balance: Balance
    tier: TierRules
    credited_tier: str | None
    requirements: tuple[Requirement, ...]
    remainder: int | None
    ways: dict[Source, Way]
    notes: tuple[str, ...]
    rates: Rules

    @property
    def is_met(self) -> bool | None:
        """Whether every requirement of the tier is met; None if that can't be judged."""
        return is_met_by(self.requirements)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is missing of each minimum, then of the total: together `points_missing`."""
        return parts_of(self.requirements)


class NothingAbove(LookupError):
    """The partner holds the highest tier, so there is no next tier."""


def gap_to(
    tier_name: str | None,
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    model: Model | None = None,
    rates: Rules | None = None,
    judged: JudgedTiers | None = None,
) -> Gap:
    """The gap to the named or the next tier, by the rules of `day` or, for another `model`, the nearest rules with it.

    `rates` are the rules of the day on which one would sell, those of `day` if not given; `judged` are the tiers of the
    day by the model, if they are judged already. Raises UnknownTier if the day's rules have no such tier, NothingAbove
    if there is no next tier.
    """
    judged_on = program.day_of(model, day)
    rules = program.on(judged_on)
    judged = judged or JudgedTiers(day, rules, facts, balance)
    tier = rules.tier(tier_name) if tier_name else next_above(rules, facts.credited_tier, judged.reached.tier)
    if tier is None:
        raise NothingAbove
    requirements = judged.requirements(tier)
    remainder = flexible_remainder(requirements)
    rates = rates or rules
    return Gap(
        partner=facts.partner,
        as_of=day,
        judged_on=judged_on,
        rules=rules,
        balance=balance,
        tier=tier,
        credited_tier=facts.credited_tier,
        requirements=requirements,
        remainder=remainder,
        ways={} if remainder is None else ways_to_earn(remainder, rates, facts.partner.currency),
        notes=tuple(_notes(program, rates, facts.partner, balance)),
        rates=rates,
    )


def is_met_by(requirements: Sequence[Requirement]) -> bool | None:
    """Whether the requirements are all met; None where one can't be judged and none is red."""
    if any(each.state is State.RED for each in requirements):
        return False
    return None if any(is_open(each) for each in requirements) else True


def flexible_remainder(requirements: tuple[Requirement, ...]) -> int | None:
    """Micropoints still missing for the total, from any source, once the minimums' shortfalls are made up.

    A minimum that isn't set counts as no shortfall (a note names it). None if the total isn't set or
    the rules are a dollar model, which has no total.
    """
    total = next((each for each in requirements if each.name == "combined_threshold"), None)
    if total is None or total.short is None:
        return None
    return max(0, total.short - sum(each.short or 0 for each in requirements if each.name in _SOURCES_OF))


class Exactness(StrEnum):
    """How sure it is how much is missing for a tier."""

    EXACT = "exact"
    AT_LEAST = "at_least"  # a figure isn't set
    AT_MOST = "at_most"  # credits that couldn't be rated might make it up
    ABOUT = "about"  # both


def exactness_of(requirements: Sequence[Requirement]) -> Exactness:
    """Whether what is missing is exact, or only a bound, because figures of the tier are not set or unknown."""
    states = {each.state for each in requirements if each.name in FIGURES}
    if {State.NOT_CONFIGURED, State.UNKNOWN} <= states:
        return Exactness.ABOUT
    if State.NOT_CONFIGURED in states:
        return Exactness.AT_LEAST
    return Exactness.AT_MOST if State.UNKNOWN in states else Exactness.EXACT


def points_missing(requirements: Sequence[Requirement]) -> int:
    """Micropoints to earn overall: the total's shortfall, or the sum of the minimums' if that is larger."""
    total = sum(each.short or 0 for each in requirements if each.name == "combined_threshold")
    return max(total, sum(each.short or 0 for each in requirements if each.name in _SOURCES_OF))


def parts_of(requirements: Sequence[Requirement]) -> tuple[Part, ...]:
    """What to earn, part by part: the minimums' shortfalls, then what the total takes from any source.

    The parts add up to `points_missing`.
    """
    parts = [Part(each.name, sources_of(each.name), each.short or 0) for each in requirements if is_short_minimum(each)]
    rest = points_missing(requirements) - sum(each.micropoints for each in parts)
    return (*parts, *([Part(None, tuple(Source), rest)] if rest else []))


def is_short_minimum(requirement: Requirement) -> bool:
    """Whether points of one source are missing."""
    return bool(requirement.short) and requirement.name in _SOURCES_OF


def sources_of(requirement_name: str) -> tuple[Source, ...]:
    """The sources that count for a minimum; empty for any other requirement."""
    return _SOURCES_OF.get(requirement_name, ())


def ways_to_meet(requirement: Requirement, rules: Rules, currency: str) -> list[Way]:
    """How a minimum's shortfall can be earned; empty if nothing is missing or it isn't about points."""
    sources = sources_of(requirement.name)
    if not requirement.short or not sources:
        return []
    return [way_to_earn(requirement.short, source, rules, currency) for source in sources]


def _notes(program: Program, rules: Rules, partner: Partner, balance: Balance) -> list[str]:
    return [*notes_on(program, balance), *currency_notes(rules, partner.currency)]
