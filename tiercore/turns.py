"""What lapses do: the figures that turn red, and the performing tier that is lost (program.md §4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tiercore.program import Program, Rules, TierRules
from tiercore.requirements import FIGURES, Facts, Requirement, State, Unit, figures_of
from tiercore.standing import Reached, next_above, performing_on
from tiercore.timeline import Balance, balance_on
from tiercore.unknown import NotConfigured


@dataclass(frozen=True, slots=True)
class Turn:
    """A requirement of a tier that is green today and red from `day` on, when `have` is left of `need`."""

    tier: str
    requirement: Requirement
    day: date


@dataclass(frozen=True, slots=True)
class TierFall:
    """The performing tier falls from `before` to `after` (None: no tier) on `day`."""

    before: str
    after: Reached
    day: date


def window(program: Program, balance: Balance, ahead: Sequence[Balance], day: date, until: date) -> list[Balance]:
    """The timeline after `day` up to `until`, with a balance carried over to every day on which the rules change."""
    days = [each for each in program.changes if day < each <= until]
    if not days:
        return list(ahead)
    known = {row.day for row in ahead}
    carried = [balance_on([balance, *ahead], each)._replace(day=each.toordinal()) for each in days]
    return sorted([*ahead, *(row for row in carried if row.day not in known)])


def turns_red(
    program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance], day: date, reached: Reached
) -> Iterator[Turn]:
    """The figures of the held, the performing and the next tier that are green on `day` and turn red in the window."""
    rules = program.on(day)
    for tier in _watched(rules, facts, reached):
        for figure in figures_of(tier, rules, facts.partner, balance):
            if figure.state is State.GREEN:
                yield from _first_red(program, facts, ahead, tier.name, figure.name)


def unjudged(rules: Rules, facts: Facts, balance: Balance, reached: Reached) -> Iterator[str]:
    """The names of the watched tiers' figures that are not configured: nothing can be said of them."""
    for tier in _watched(rules, facts, reached):
        for figure in figures_of(tier, rules, facts.partner, balance):
            if isinstance(figure.need, NotConfigured):
                yield figure.need.name


def _watched(rules: Rules, facts: Facts, reached: Reached) -> list[TierRules]:
    """The tier credited, the tier performing and the next one, lowest first."""
    upper = next_above(rules, facts.credited_tier, reached.tier)
    names = {facts.credited_tier, reached.tier, upper.name if upper else None}
    return [tier for tier in rules.tiers if tier.name in names]


def _first_red(
    program: Program, facts: Facts, ahead: Sequence[Balance], tier_name: str, figure_name: str
) -> Iterator[Turn]:
    for rules, rows in _by_rules(program, ahead):
        low = min(rows, key=FIGURES[figure_name])
        if _figure(rules, tier_name, figure_name, facts, low).state is not State.RED:
            continue
        for row in rows:
            figure = _figure(rules, tier_name, figure_name, facts, row)
            if figure.state is State.RED:
                yield Turn(tier_name, figure, date.fromordinal(row.day))
                return


def _by_rules(program: Program, ahead: Sequence[Balance]) -> Iterator[tuple[Rules, Sequence[Balance]]]:
    """The window cut at the days on which the rules change."""
    at = 0
    while at < len(ahead):
        rules, start = program.on(date.fromordinal(ahead[at].day)), at
        if program.on(date.fromordinal(ahead[-1].day)) is rules:
            yield rules, ahead[start:]
            return
        while program.on(date.fromordinal(ahead[at].day)) is rules:
            at += 1
        yield rules, ahead[start:at]


def _figure(rules: Rules, tier_name: str, figure_name: str, facts: Facts, balance: Balance) -> Requirement:
    """The named figure of a tier; one that the day's rules no longer have, or have no tier for, is green."""
    for tier in rules.tiers:
        for figure in figures_of(tier, rules, facts.partner, balance) if tier.name == tier_name else ():
            if figure.name == figure_name:
                return figure
    return Requirement(figure_name, Unit.POINTS, None, None, State.GREEN)


def tier_fall(
    program: Program,
    facts: Facts,
    rows: Sequence[Balance],
    turns: Sequence[Turn],
    held: Reached,
    until: date,
) -> TierFall | None:
    """The first day of the window on which the performing tier is known to be lower than on the first of `rows`.

    It can only fall when one of its figures turns red, the rules change, the median tool usage changes, or a
    certification or the membership has lapsed. A tier that the rules of a later day no longer have ends the question.
    """
    if held.tier is None:
        return None
    for when in _days_to_look_at(program, facts, rows, turns, held.tier, until):
        rules = program.on(when)
        ranks = {tier.name: rank for rank, tier in enumerate(rules.tiers)}
        if held.tier not in ranks:
            return None
        after = performing_on(when, rules, facts, balance_on(rows, when))
        lower = after.tier is None or ranks[after.tier] < ranks[held.tier]
        if lower and held.tier not in after.undecided:
            return TierFall(held.tier, after, when)
    return None


def _days_to_look_at(
    program: Program, facts: Facts, rows: Sequence[Balance], turns: Sequence[Turn], held: str, until: date
) -> list[date]:
    first = date.fromordinal(rows[0].day)
    days = {turn.day for turn in turns if turn.tier == held} | set(program.changes)
    days |= {certification.valid_until + timedelta(1) for certification in facts.certifications}
    if facts.partner.membership_until:
        days.add(facts.partner.membership_until + timedelta(1))
    changed = (after for before, after in pairwise(rows) if before.tools_median_twice != after.tools_median_twice)
    days |= {date.fromordinal(row.day) for row in changed}
    return sorted(each for each in days if first < each <= until)
