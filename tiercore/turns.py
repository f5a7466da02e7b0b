"""What lapses do: the figures that turn red, and the performing tier that is lost (program.md §4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
    """The named figure of a tier; one that the day's rules no longer have is green."""
    for figure in figures_of(rules.tier(tier_name), rules, facts.partner, balance):
        if figure.name == figure_name:
            return figure
    return Requirement(figure_name, Unit.POINTS, None, None, State.GREEN)


def tier_fall(
    program: Program,
    facts: Facts,
    ahead: Sequence[Balance],
    day: date,
    until: date,
    turns: Sequence[Turn],
    held: Reached,
) -> TierFall | None:
    """The first day of the window on which the performing tier is known to be lower than on `day`.

    It can only fall on a day on which one of its figures turns red, the rules change, or a certification has lapsed.
    """
    if held.tier is None:
        return None
    names = [tier.name for tier in program.on(day).tiers]
    days = {turn.day for turn in turns if turn.tier == held.tier}
    days |= {date.fromordinal(rows[0].day) for _, rows in _by_rules(program, ahead)}
    days |= {certification.valid_until + timedelta(1) for certification in facts.certifications}
    for when in sorted(each for each in days if day < each <= until):
        after = performing_on(when, program.on(when), facts, balance_on(ahead, when))
        lower = after.tier is None or names.index(after.tier) < names.index(held.tier)
        if lower and held.tier not in after.undecided:
            return TierFall(held.tier, after, when)
    return None
