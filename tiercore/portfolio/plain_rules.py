"""The rules of a portfolio as whole numbers, where that is all they are (digests-and-alerts#several-partners)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from tiercore.facts.points import HUNDREDTH, hundredths
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Program, Rules, TierRules
from tiercore.questions.portfolio import SOON
from tiercore.questions.recalibration_days import recalibration_of, sampling_days
from tiercore.questions.uptier import uptier_day

FIGURES = ("sourced", "sold", "managed", "combined")  # of a balance, in the order in which they are compared
_NAMES = {"sourced": "sourced_minimum", "sold": "sold_minimum", "managed": "managed_minimum"}
TOTAL = "combined_threshold"


class Figure(NamedTuple):
    """A figure that a tier requires: where it is in FIGURES, the micropoints needed, and those that suffice as they are
    shown, in hundredths (how-tiers-work#rounding).
    """

    name: str
    at: int
    need: int
    enough: int


class PlainTier(NamedTuple):
    """A tier by its figures, the total first. It `is_unset` if one of them isn't set (and left out), and `is_plain` if
    figures and what every tier requires are all that it takes. `untargeted` names what it requires without a target.
    """

    name: str
    figures: tuple[Figure, ...]
    is_unset: bool
    is_plain: bool
    untargeted: tuple[str, ...]
    by_invitation: bool


class PlainDay(NamedTuple):
    """A day's tiers, lowest first, and what all of them require: twice the median tool usage (None: nothing is set), a
    certification, a membership.
    """

    day: int
    tiers: tuple[PlainTier, ...]
    ranks: dict[str, int]
    tools_twice: int | None
    certification: bool
    membership: bool


@dataclass(frozen=True, slots=True)
class PlainRules:
    """The days that decide about a portfolio's lines: the day asked about, the recalibration's samples, the next day
    up, the recalibration itself, and the last of the SOON days ahead. `judged` are those on which tiers are reached,
    ascending.
    """

    as_of: date
    since: date
    today: PlainDay
    samples: tuple[PlainDay, ...]
    climb: PlainDay
    ends: PlainDay
    until: date
    protection_months: int
    judged: tuple[PlainDay, ...]

    @property
    def days(self) -> list[date]:
        """The days whose balances are needed, ascending."""
        return sorted({*(date.fromordinal(each.day) for each in self.judged), self.since, self.until})

    @property
    def first(self) -> date:
        """The first of the days that are judged."""
        return date.fromordinal(self.judged[0].day)

    @property
    def last(self) -> date:
        """The last day of which anything is asked."""
        return max(date.fromordinal(max(self.ends.day, self.judged[-1].day)), self.until)


def plain_rules(as_of: date, since: date, program: Program) -> PlainRules | None:
    """The rules of the days, None where they aren't plain: in dollars, changing within the SOON days ahead, or with a
    tier that needs fewer points than the one below it.
    """
    until = as_of + timedelta(SOON)
    ends, begins = recalibration_of(as_of, program)
    samples = sampling_days(begins, ends, program.on(ends))
    climb = uptier_day(as_of, program.on(as_of))
    tiers = dict[int, tuple[PlainTier, ...]]()
    days = {each: _plain_day(each, program.on(each), tiers) for each in {as_of, climb, ends, *samples}}
    if any(as_of < change <= until for change in program.changes):
        return None
    if any(program.on(each).model != "points" or not _ascends(days[each]) for each in days):
        return None
    return PlainRules(
        as_of,
        since,
        days[as_of],
        tuple(days[each] for each in samples),
        days[climb],
        days[ends],
        until,
        program.on(ends).protection_months,
        tuple(days[each] for each in sorted({as_of, climb, *samples})),
    )


def _plain_day(day: date, rules: Rules, known: dict[int, tuple[PlainTier, ...]]) -> PlainDay:
    """The day; those with the same rules share their tiers, which are `known` by their rules."""
    need = rules.tool_usage_median
    tiers = known.setdefault(id(rules), tuple(_plain_tier(each, rules) for each in rules.tiers))
    return PlainDay(
        day.toordinal(),
        tiers,
        {each.name: rank for rank, each in enumerate(rules.tiers)},
        None if isinstance(need, NotConfigured) else 2 * need,
        rules.certification_required,
        rules.membership_required,
    )


def _plain_tier(tier: TierRules, rules: Rules) -> PlainTier:
    needs = [(TOTAL, "combined", tier.combined), *((_NAMES[m.source], m.source, m.points) for m in tier.minimums)]
    figures = tuple(
        Figure(name, FIGURES.index(source), need, hundredths(need) * HUNDREDTH - HUNDREDTH // 2)
        for name, source, need in needs
        if not isinstance(need, NotConfigured)
    )
    is_unset = len(figures) < len(needs)
    is_special = tier.by_invitation or isinstance(tier.retention_above, int)
    untargeted = (rules.retention_measure,) if isinstance(tier.retention_above, NotConfigured) else ()
    is_plain = not is_unset and not is_special
    return PlainTier(tier.name, figures, is_unset, is_plain, untargeted, tier.by_invitation)


def _ascends(day: PlainDay) -> bool:
    totals = [list(_totals(each)) for each in day.tiers]
    known = [total for found in totals for total in found]
    return all(lower <= higher for lower, higher in pairwise(known))


def _totals(tier: PlainTier) -> Iterator[int]:
    return (each.need for each in tier.figures if each.name == TOTAL)
