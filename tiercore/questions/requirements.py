"""A tier's requirements on a day, and how far a partner meets them (how-tiers-work#requirements)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from tiercore.facts.entries import Certification, Partner
from tiercore.facts.holds import RETENTION, TOOL_USAGE, Holds
from tiercore.facts.money import Money
from tiercore.facts.points import HUNDREDTH, MICRO, is_met, shortfall
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Minimum, Rules, TierRules
from tiercore.rating.retention import NO_RETENTION, Retention
from tiercore.rating.timeline import Balance


class State(StrEnum):
    """The colour of a requirement; views always show the word with it."""

    GREEN = "green"
    RED = "red"
    UNKNOWN = "unknown"
    NOT_CONFIGURED = "not_configured"


class Unit(StrEnum):
    """The unit of a requirement's figures, which are in millionths, except for cents and days."""

    POINTS = "points"
    US_CENTS = "us_cents"
    TOOLS = "tools"
    PERCENT = "percent"
    COUNT = "count"
    DAY = "day"


class Requirement(NamedTuple):
    """One requirement of a tier. `have` and `need` are in `unit`; `short` is what is missing, None if unknown.

    For `Unit.DAY`, `have` is the last day on which it is met (or the day it was granted), `need` the day asked about.
    """

    name: str
    unit: Unit
    have: int | date | Unknown | None
    need: int | date | NotConfigured | None
    state: State
    short: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a partner apart from its points: its entry, certifications, the tier last credited (since
    `credited_on`, after `credited_before`), retention, and the figures under correction.

    Retention is as of the day asked about, even for days ahead of it: future cancellations are unknown.
    """

    partner: Partner
    certifications: Sequence[Certification]
    credited_tier: str | None
    credited_on: date | None
    retention: Retention = NO_RETENTION
    holds: Holds = field(default_factory=dict)
    credited_before: str | None = None

    @property
    def is_tier_on_file(self) -> bool:
        """Whether a credited tier, or that there is none, is on file; without it the tier isn't known."""
        return self.credited_on is not None


# The figures that decide whether a tier is reached, and their values in a balance.
FIGURES: Mapping[str, Callable[[Balance], int]] = {
    "combined_threshold": attrgetter("combined"),
    "sold_minimum": attrgetter("sold"),
    "sourced_minimum": attrgetter("sourced"),
    "managed_minimum": attrgetter("managed"),
    "sold_dollars": attrgetter("sold_cents"),
    "managed_dollars": attrgetter("managed_cents"),
}
_MINIMUM_NAMES = {"sold": "sold_minimum", "sourced": "sourced_minimum", "managed": "managed_minimum"}
_QUALIFYING = "solutions partner"
_NO_USAGE = Unknown("no tool usage on file for any client")
_NOT_CERTIFIED = Unknown("no Solutions Partner Certification on file")
_NO_CERTIFICATIONS = Unknown("no certifications on file")
_NO_MEMBERSHIP = Unknown("no membership on file")
_NO_SCORE = Unknown("no retention score on file")


def requirements_of(tier: TierRules, rules: Rules, facts: Facts, balance: Balance, *, as_of: date) -> list[Requirement]:
    """Every requirement of the tier by the day's rules, the total first."""
    shared = of_every_tier(rules, facts, balance, as_of=as_of)
    further = of_this_tier(tier, rules, facts, retention_known(rules, facts), as_of=as_of)
    return [*figures_of(tier, rules, facts.partner, balance), *shared, *further]


def of_every_tier(rules: Rules, facts: Facts, balance: Balance, *, as_of: date) -> list[Requirement]:
    """The further requirements that are the same for every tier: tool usage, certification, membership."""
    return [_tool_usage(rules, facts, balance), *lasting(rules, facts, as_of=as_of)]


def lasting(rules: Rules, facts: Facts, *, as_of: date) -> list[Requirement]:
    """The requirements that last until a day (certification and membership), as of `as_of` by what is on file."""
    found = list[Requirement]()
    if rules.certification_required:
        found.append(_certification(facts.certifications, as_of))
    if rules.membership_required:
        found.append(_lasting("membership", facts.partner.membership_until, as_of, _NO_MEMBERSHIP))
    return found


def of_this_tier(
    tier: TierRules, rules: Rules, facts: Facts, retention: int | Unknown, *, as_of: date
) -> list[Requirement]:
    """The further requirements that depend on the tier: retention (`retention_known`), invitation, certifications."""
    found = [] if tier.retention_above is None else [_retention(tier.retention_above, rules, retention)]
    return found + _by_invitation(tier, facts, as_of) if tier.by_invitation else found


def figures_of(tier: TierRules, rules: Rules, partner: Partner, balance: Balance) -> Iterator[Requirement]:
    """The requirements decided by points alone (in the dollar models, by MRR), the total first."""
    yield total_of(tier, rules, partner, balance)
    yield from minimums_of(tier, rules, partner, balance)


def figure_named(name: str, tier: TierRules, rules: Rules, partner: Partner, balance: Balance) -> Requirement | None:
    """The one of them with the name, None if the tier has no such figure."""
    if rules.model == "dollars":
        return next((each for each in _dollars(tier, rules, partner, balance) if each.name == name), None)
    if name == "combined_threshold":
        return total_of(tier, rules, partner, balance)
    minimums = (each for each in tier.minimums if _MINIMUM_NAMES[each.source] == name)
    return next((_minimum(each, balance) for each in minimums), None)


def total_of(tier: TierRules, rules: Rules, partner: Partner, balance: Balance) -> Requirement:
    """The first of them, which no other makes up for."""
    if rules.model == "dollars":
        return _dollars(tier, rules, partner, balance)[0]
    unrated = balance.unrated_sold + balance.unrated_managed
    return _figure("combined_threshold", Unit.POINTS, balance.combined, tier.combined, unrated)


def minimums_of(tier: TierRules, rules: Rules, partner: Partner, balance: Balance) -> list[Requirement]:
    """Those beside the total."""
    if rules.model == "dollars":
        return _dollars(tier, rules, partner, balance)[1:]
    return [_minimum(minimum, balance) for minimum in tier.minimums]


def _minimum(minimum: Minimum, balance: Balance) -> Requirement:
    managed = minimum.source == "managed"
    have = getattr(balance, minimum.source)
    unrated = balance.unrated_managed if managed else balance.unrated_sold
    return _figure(_MINIMUM_NAMES[minimum.source], Unit.POINTS, have, minimum.points, unrated)


def _dollars(tier: TierRules, rules: Rules, partner: Partner, balance: Balance) -> list[Requirement]:
    is_reduced = rules.growth_market_by == "partner" and rules.is_growth_market(partner.country)
    percent = rules.growth_market_target_percent if is_reduced else 100

    def target(amount: Money | NotConfigured) -> int | NotConfigured:
        return amount if isinstance(amount, NotConfigured) else amount.minor * percent // 100

    return [
        _figure("sold_dollars", Unit.US_CENTS, balance.sold_cents, target(tier.sold_dollars), balance.unrated_sold),
        _figure(
            "managed_dollars",
            Unit.US_CENTS,
            balance.managed_cents,
            target(tier.managed_dollars),
            balance.unrated_managed,
        ),
    ]


def _figure(name: str, unit: Unit, have: int, need: int | NotConfigured, unrated: int) -> Requirement:
    """Green, red, or unknown if credits that couldn't be rated might make up the shortfall."""
    if isinstance(need, NotConfigured):
        return Requirement(name, unit, have, need, State.NOT_CONFIGURED)
    short = 0 if have >= need else need - have if unit is Unit.US_CENTS else shortfall(have, need)
    if not short:
        return Requirement(name, unit, have, need, State.GREEN, 0)
    return Requirement(name, unit, have, need, State.UNKNOWN if unrated else State.RED, short)


def _tool_usage(rules: Rules, facts: Facts, balance: Balance) -> Requirement:
    held = facts.holds.get(TOOL_USAGE)
    if held is None and balance.tools_median_twice is not None:
        return _tools(balance.tools_median_twice * MICRO // 2, rules.tool_usage_median)
    return _tools(held or _NO_USAGE, rules.tool_usage_median)


@lru_cache(maxsize=1_024)
def _tools(have: int | Unknown, need: int | NotConfigured) -> Requirement:
    name = "median_tool_usage"
    if isinstance(need, NotConfigured):
        return Requirement(name, Unit.TOOLS, have, need, State.NOT_CONFIGURED)
    needed = need * MICRO
    if isinstance(have, Unknown):
        return Requirement(name, Unit.TOOLS, have, needed, State.UNKNOWN)
    state = State.GREEN if is_met(have, needed) else State.RED
    return Requirement(name, Unit.TOOLS, have, needed, state, shortfall(have, needed))


def _certification(certifications: Sequence[Certification], as_of: date) -> Requirement:
    """A valid Solutions Partner Certification; no other qualifies (how-tiers-work#certification)."""
    until: date | None = None
    for each in certifications:
        if each.valid_from <= as_of and (until is None or each.valid_until > until) and _qualifies(each.certification):
            until = each.valid_until
    return _lasting("certification", until, as_of, _NOT_CERTIFIED)


def is_qualifying(certification: Certification) -> bool:
    """Whether this is the Solutions Partner Certification, ignoring case and punctuation."""
    return _qualifies(certification.certification)


@lru_cache(maxsize=1_024)
def _qualifies(name: str) -> bool:
    return _QUALIFYING in re.sub(r"[\W_]+", " ", name.casefold())


def _lasting(name: str, until: date | None, as_of: date, missing: Unknown) -> Requirement:
    if until is None:
        return Requirement(name, Unit.DAY, missing, as_of, State.UNKNOWN)
    return Requirement(name, Unit.DAY, until, as_of, State.GREEN if as_of <= until else State.RED)


def retention_known(rules: Rules, facts: Facts, day: date | None = None) -> int | Unknown:
    """The partner's C$R or GRR, whichever the rules speak of, in millionths of a percent; Unknown with the reason.

    It is that of the day, which the facts' months must reach, or of the facts' own day.
    """
    held = facts.holds.get(RETENTION)
    return held or (facts.retention if day is None else facts.retention.on(day)).by(rules)


def _retention(need: int | NotConfigured, rules: Rules, have: int | Unknown) -> Requirement:
    """C$R or GRR, which must exceed the target in hundredths of a percent, as shown: 85.00 is not above 85."""
    name = rules.retention_measure
    if isinstance(need, NotConfigured):
        return Requirement(name, Unit.PERCENT, have, need, State.NOT_CONFIGURED)
    needed = need * MICRO
    if isinstance(have, Unknown):
        return Requirement(name, Unit.PERCENT, have, needed, State.UNKNOWN)
    short = shortfall(have, needed + HUNDREDTH)
    return Requirement(name, Unit.PERCENT, have, needed, State.RED if short else State.GREEN, short)


def is_invited(partner: Partner, day: date) -> bool:
    """Whether the partner has its invitation to Elite by the day: one of a later day counts from that day on."""
    return partner.elite_invited_on is not None and partner.elite_invited_on <= day


def _by_invitation(tier: TierRules, facts: Facts, as_of: date) -> list[Requirement]:
    """The invitation and what comes with it: numbers alone never make a partner Elite (how-tiers-work#elite)."""
    state = State.GREEN if is_invited(facts.partner, as_of) else State.RED
    found = [Requirement(f"{tier.name}_invitation", Unit.DAY, facts.partner.elite_invited_on, as_of, state)]
    if tier.retention_score is not None:
        needed = tier.retention_score * MICRO
        found.append(Requirement("retention_score", Unit.PERCENT, _NO_SCORE, needed, State.UNKNOWN))
    if tier.certifications is not None:
        found.append(_team_certifications(tier.certifications, facts.certifications, as_of))
    return found


def _team_certifications(need: int, certifications: Sequence[Certification], as_of: date) -> Requirement:
    name, needed = "team_certifications", need * MICRO
    if not certifications:
        return Requirement(name, Unit.COUNT, _NO_CERTIFICATIONS, needed, State.UNKNOWN)
    have = sum(each.valid_from <= as_of <= each.valid_until for each in certifications) * MICRO
    state = State.GREEN if have >= needed else State.RED
    return Requirement(name, Unit.COUNT, have, needed, state, max(0, needed - have))
