"""The awards' revenue retention, and whether a partner may enter for them (how-tiers-work#awards)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tiercore.facts.holds import RETENTION
from tiercore.facts.points import MICRO, is_met, shortfall
from tiercore.facts.unknown import Unknown
from tiercore.program import Rules
from tiercore.questions.requirements import Facts, Requirement, State, Unit
from tiercore.rating.install_base import first_day, month_of

NO_REVIEWS = Unknown("no file has the partner's reviews")
_NO_TIER = Unknown("no credited tier on file")
_NOT_RATED = Unknown("some managed MRR has no currency table")


@dataclass(frozen=True, slots=True)
class Awards:
    """The revenue retention of `month` (its first day), in millionths of a percent, and what the entry takes.

    `tier` is the lowest tier that may enter, `tier_state` whether the credited one is as high and `tier_unknown` why
    that is unknown; `conditions` are managed MRR, retention and reviews.
    """

    month: date
    revenue_retention: int | Unknown
    tier: str
    tier_state: State
    conditions: tuple[Requirement, ...]
    tier_unknown: Unknown | None = None

    @property
    def state(self) -> State:
        """Red when anything is missing, green when all is there, else unknown."""
        states = {self.tier_state, *(each.state for each in self.conditions)}
        if State.RED in states:
            return State.RED
        return State.GREEN if states == {State.GREEN} else State.UNKNOWN


class ManagedYear(NamedTuple):
    """The least managed MRR (US cents) of a partner's timeline in a year, the most credits of a day without a rate, and
    the timeline's last day at the year's beginning, None where it begins later or, the others None too, not at all.
    """

    low_cents: int | None
    unrated: int | None
    begins: int | None

    def least(self, needed: int) -> int | Unknown:
        """The least on any day; Unknown where credits without a rate might make up what is missing to `needed`."""
        found = 0 if self.begins is None or self.low_cents is None else self.low_cents
        return _NOT_RATED if found < needed and self.unrated else found


def awards_on(day: date, rules: Rules, facts: Facts, year: ManagedYear) -> Awards:
    """The awards as they look on the day; `year` is the one up to it."""
    held, asked = facts.holds.get(RETENTION), rules.awards
    needed = asked.managed_dollars.minor
    tier_state = _tier_state(rules, facts)
    return Awards(
        month=first_day(month_of(day) - 1),
        revenue_retention=held or facts.retention.annualised(),
        tier=asked.tier,
        tier_state=State.UNKNOWN if isinstance(tier_state, Unknown) else tier_state,
        tier_unknown=tier_state if isinstance(tier_state, Unknown) else None,
        conditions=(
            _reached("managed_all_year", Unit.US_CENTS, year.least(needed), needed),
            _reached(rules.retention_measure, Unit.PERCENT, held or facts.retention.by(rules), asked.retention * MICRO),
            _reached("reviews", Unit.COUNT, NO_REVIEWS, asked.reviews * MICRO),
        ),
    )


def _tier_state(rules: Rules, facts: Facts) -> State | Unknown:
    names: Sequence[str] = [tier.name for tier in rules.tiers]
    if rules.awards.tier not in names:
        return Unknown(f"the {rules.version} rules have no {rules.awards.tier.capitalize()}")
    if not facts.is_tier_on_file:
        return _NO_TIER
    high = facts.credited_tier in names[names.index(rules.awards.tier) :]
    return State.GREEN if high else State.RED


def _reached(name: str, unit: Unit, have: int | Unknown, need: int) -> Requirement:
    if isinstance(have, Unknown):
        return Requirement(name, unit, have, need, State.UNKNOWN)
    if unit is Unit.US_CENTS:
        return Requirement(name, unit, have, need, State.GREEN if have >= need else State.RED, max(0, need - have))
    return Requirement(name, unit, have, need, State.GREEN if is_met(have, need) else State.RED, shortfall(have, need))
