"""Consequences of expiry: figures that turn red, and the loss of the performing tier (how-tiers-work#expiry)."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import attrgetter

from tiercore.facts.entries import Certification
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Program, Rules, TierRules
from tiercore.questions.causes import missed_for
from tiercore.questions.judging import JudgedTiers, Reached, performing_on
from tiercore.questions.requirements import (
    FIGURES,
    Facts,
    Requirement,
    State,
    Unit,
    figure_named,
    figures_of,
    is_qualifying,
)
from tiercore.questions.standing import next_above
from tiercore.rating.timeline import Balance, balance_on


@dataclass(frozen=True, slots=True)
class Breach:
    """A tier's requirement that is met today and turns red on `day`; `requirement` is as of that day.

    It `is_raised` if today's figure wouldn't meet it either: then the rules are the cause, and not what expires.
    """

    tier: str
    requirement: Requirement
    day: date
    is_raised: bool = False


@dataclass(frozen=True, slots=True)
class TierLoss:
    """The performing tier falls from `before` to `after` (None: no tier) on `day`, because of `causes`: the
    requirements of `before` that are red on that day, or the total of a lower tier.
    """

    before: str
    after: Reached
    day: date
    causes: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """The day from which it is unknown whether a tier is reached, and why."""

    day: date
    reason: str


class _Span:
    """The part of a window in which the rules don't change; never empty."""

    def __init__(self, rules: Rules, rows: Sequence[Balance]) -> None:
        self.rules, self.rows = rules, rows
        self._lows: dict[str, Balance] = {}

    @property
    def first(self) -> date:
        """The span's first day."""
        return date.fromordinal(self.rows[0].day)

    def low(self, figure_name: str) -> Balance:
        """The balance with the lowest value of the figure."""
        lowest = self._lows.get(figure_name)
        if lowest is None:
            lowest = self._lows[figure_name] = min(self.rows, key=FIGURES[figure_name])
        return lowest


def window(program: Program, balance: Balance, ahead: Sequence[Balance], day: date, until: date) -> list[Balance]:
    """The timeline after `day` up to `until`, with an extra row for each day on which the rules change."""
    days = [each for each in program.changes if day < each <= until]
    if not days:
        return list(ahead)
    known = {row.day for row in ahead}
    carried = [balance_on([balance, *ahead], each)._replace(day=each.toordinal()) for each in days]
    return sorted([*ahead, *(row for row in carried if row.day not in known)])


def breaches_in(program: Program, today: JudgedTiers, ahead: Sequence[Balance]) -> Iterator[Breach]:
    """The figures of the credited, performing and next tier that turn red in the window `ahead`: those green on the day
    of `today`, and those that only later rules require.
    """
    rules, facts, balance, spans = today.rules, today.facts, today.balance, list(_by_rules(program, ahead))
    for tier in _watched(today):
        current = {figure.name: figure.state for figure in today.figures(tier)}
        others = [span.rules for span in spans if span.rules is not rules]
        later = {name for each in others for name in _figure_names(each, tier.name, facts, balance)}
        for name in (*current, *sorted(later - set(current))):
            if current.get(name, State.GREEN) is State.GREEN:
                yield from _first_red(spans, facts, tier.name, name, balance)


def unjudged(today: JudgedTiers) -> Iterator[str]:
    """The names of the watched tiers' figures that aren't set and so can't be judged."""
    for tier in _watched(today):
        for figure in today.figures(tier):
            if isinstance(figure.need, NotConfigured):
                yield figure.need.name


def _watched(today: JudgedTiers) -> list[TierRules]:
    """The credited tier, the performing tier and the next one, lowest first."""
    credited, performing = today.facts.credited_tier, today.reached.tier
    tier_above = next_above(today.rules, credited, performing)
    names = {credited, performing, tier_above.name if tier_above else None}
    return [tier for tier in today.rules.tiers if tier.name in names]


def _first_red(
    spans: Sequence[_Span], facts: Facts, tier_name: str, figure_name: str, today: Balance
) -> Iterator[Breach]:
    """The first day in the spans on which the figure is red, if there is one."""
    value = FIGURES[figure_name]
    for span in spans:
        lowest = _figure(span.rules, tier_name, figure_name, facts, span.low(figure_name))
        if lowest.state is not State.RED or not isinstance(lowest.need, int):
            continue
        for row in (row for row in span.rows if value(row) < lowest.need):
            figure = _figure(span.rules, tier_name, figure_name, facts, row)
            if figure.state is State.RED:
                needed_more = _figure(span.rules, tier_name, figure_name, facts, today).state is State.RED
                yield Breach(tier_name, figure, date.fromordinal(row.day), needed_more)
                return


def _by_rules(program: Program, ahead: Sequence[Balance]) -> Iterator[_Span]:
    """The window, split on the days on which the rules change."""
    at = 0
    while at < len(ahead):
        first = date.fromordinal(ahead[at].day)
        change = next((each for each in program.changes if each > first), date.max)
        end = bisect_left(ahead, change.toordinal(), lo=at, key=attrgetter("day"))
        yield _Span(program.on(first), ahead[at:end])
        at = end


def _figure_names(rules: Rules, tier_name: str, facts: Facts, balance: Balance) -> list[str]:
    """The names of the figures that the rules require for a tier; empty if they have no such tier."""
    tiers = (tier for tier in rules.tiers if tier.name == tier_name)
    return [figure.name for tier in tiers for figure in figures_of(tier, rules, facts.partner, balance)]


def _figure(rules: Rules, tier_name: str, figure_name: str, facts: Facts, balance: Balance) -> Requirement:
    """The named figure of a tier, green if the rules don't have the figure or the tier."""
    rank = rules.ranks.get(tier_name)
    found = None if rank is None else figure_named(figure_name, rules.tiers[rank], rules, facts.partner, balance)
    return found or Requirement(figure_name, Unit.POINTS, None, None, State.GREEN)


def first_undecided(program: Program, facts: Facts, rows: Sequence[Balance], tier_name: str) -> Undecided | None:
    """The first day of `rows` on which it is unknown whether the tier is reached; None if there is no such day.

    On that day a figure isn't set, the rules have no such tier, or credits that couldn't be rated might make up
    the shortfall.
    """
    for span in _by_rules(program, rows):
        tier = next((each for each in span.rules.tiers if each.name == tier_name), None)
        if tier is None:
            return Undecided(span.first, f"the {span.rules.version} rules have no {tier_name.capitalize()}")
        has_unrated = any(row.unrated_sold or row.unrated_managed for row in span.rows)
        for row in span.rows if has_unrated else span.rows[:1]:
            figures = list(figures_of(tier, span.rules, facts.partner, row))
            unknown = [each for each in figures if each.state in (State.UNKNOWN, State.NOT_CONFIGURED)]
            if unknown and not any(each.state is State.RED for each in figures):
                reasons = [each.need.reason for each in unknown if isinstance(each.need, NotConfigured)]
                return Undecided(date.fromordinal(row.day), ", ".join(reasons) or "some credits could not be rated")
    return None


def tier_loss(
    program: Program,
    facts: Facts,
    rows: Sequence[Balance],
    breaches: Sequence[Breach],
    current: Reached,
    until: date,
) -> TierLoss | None:
    """The first day of the window on which the performing tier is known to be lower than `current`.

    `current` is that of the first row. It can fall only when one of its figures turns red, the rules change, the median
    tool usage is too low, or a certification or the membership has expired. The search ends on a day whose rules no
    longer have the tier.
    """
    if current.tier is None:
        return None
    for when in _days_to_check(program, facts, rows, breaches, current.tier, until):
        rules = program.on(when)
        ranks = {tier.name: rank for rank, tier in enumerate(rules.tiers)}
        if current.tier not in ranks:
            return None
        after = performing_on(when, rules, facts, balance_on(rows, when))
        lower = after.tier is None or ranks[after.tier] < ranks[current.tier]
        if lower and current.tier not in after.undecided:
            causes = missed_for(current.tier, rules, facts, balance_on(rows, when), as_of=when)
            return TierLoss(current.tier, after, when, causes)
    return None


def _days_to_check(
    program: Program, facts: Facts, rows: Sequence[Balance], breaches: Sequence[Breach], current: str, until: date
) -> list[date]:
    first = date.fromordinal(rows[0].day)
    days = {breach.day for breach in breaches if breach.tier == current} | set(program.changes)
    expiries = ((each.valid_until + timedelta(1), each) for each in facts.certifications)
    days |= {day for day, each in expiries if first < day <= until and _counts(each, program.on(day), current)}
    if facts.partner.membership_until:
        days.add(facts.partner.membership_until + timedelta(1))
    changed = (after for before, after in pairwise(rows) if before.tools_median_twice != after.tools_median_twice)
    days |= {date.fromordinal(row.day) for row in changed if _uses_too_few_tools(program, row)}
    return sorted(each for each in days if first < each <= until)


def _counts(certification: Certification, rules: Rules, tier_name: str) -> bool:
    """Whether the tier may be lost when the certification expires: it qualifies, or the tier counts certifications."""
    return is_qualifying(certification) or any(
        tier.certifications is not None for tier in rules.tiers if tier.name == tier_name
    )


def _uses_too_few_tools(program: Program, balance: Balance) -> bool:
    need, twice = program.on(date.fromordinal(balance.day)).tool_usage_median, balance.tools_median_twice
    return isinstance(need, int) and twice is not None and twice < 2 * need
