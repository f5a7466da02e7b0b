"""What lapses, when, and what that does to the minimums and the tier (program.md §4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from tiercore.credits import Cause
from tiercore.entries import Partner
from tiercore.points import Source
from tiercore.program import Program, Rules, TierRules
from tiercore.requirements import Facts, Requirement, State, figures_of
from tiercore.standing import Reached, next_above, notes_on, performing_on
from tiercore.timeline import Balance


@dataclass(frozen=True, slots=True)
class Lapse:
    """Points that the balance loses on a day: `micropoints` net of what goes on. The day is the first without them."""

    client_id: str
    client: str
    product_line: str
    source: Source
    micropoints: int
    lapses_on: date
    cause: Cause
    assumed: bool


@dataclass(frozen=True, slots=True)
class UnknownExpiry:
    """A product line whose points count, but of which the data can't tell when they lapse."""

    client_id: str
    client: str
    product_line: str
    reason: str


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """What lapses in a month of the window: micropoints and how many lapses."""

    month: date
    micropoints: int
    lapses: int


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


@dataclass(frozen=True, slots=True)
class Expiry:
    """What lapses after `as_of` and up to `until`, both from what is known today."""

    partner: Partner
    as_of: date
    days: int
    rules: Rules
    balance: Balance
    credited_tier: str | None
    total: int
    lapses: int
    items: tuple[Lapse, ...]
    months: tuple[MonthTotal, ...]
    turns: tuple[Turn, ...]
    fall: TierFall | None
    unknown: tuple[UnknownExpiry, ...]
    notes: tuple[str, ...]

    @property
    def until(self) -> date:
        """The last day of the window."""
        return self.as_of + timedelta(days=self.days)


def expiry_within(
    days: int,
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    items: Sequence[Lapse],
    unknown: Sequence[UnknownExpiry],
) -> Expiry:
    """What lapses in the `days` after `day`; `ahead` is the timeline in that window, `items` its lapses by day."""
    last = ahead[-1] if ahead else balance
    rules = program.on(day)
    return Expiry(
        partner=facts.partner,
        as_of=day,
        days=days,
        rules=rules,
        balance=balance,
        credited_tier=facts.credited_tier,
        total=last.lapsed - balance.lapsed,
        lapses=last.lapses - balance.lapses,
        items=tuple(items),
        months=tuple(month_totals(balance, ahead)),
        turns=tuple(turns_red(program, facts, balance, ahead, day)),
        fall=tier_fall(program, facts, balance, ahead, day),
        unknown=tuple(unknown),
        notes=tuple(notes_on(program, balance)),
    )


def month_totals(balance: Balance, ahead: Sequence[Balance]) -> Iterator[MonthTotal]:
    """What lapses in each calendar month of the window that loses something."""
    before = balance
    for month, rows in groupby(ahead, key=lambda row: row.day.replace(day=1)):
        *_, last = rows
        if last.lapses > before.lapses:
            yield MonthTotal(month, last.lapsed - before.lapsed, last.lapses - before.lapses)
        before = last


def turns_red(program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance], day: date) -> Iterator[Turn]:
    """The figures of the held and the next tier that are green on `day` and turn red within the window."""
    rules = program.on(day)
    for tier in _watched(rules, facts, performing_on(day, rules, facts, balance)):
        for figure in figures_of(tier, rules, facts.partner, balance):
            if figure.state is State.GREEN:
                yield from _first_red(program, facts, ahead, tier.name, figure.name)


def _watched(rules: Rules, facts: Facts, reached: Reached) -> list[TierRules]:
    """The tier held (credited, or else performing) and the next one, lowest first."""
    held = facts.credited_tier or reached.tier
    upper = next_above(rules, facts.credited_tier, reached.tier)
    return [tier for tier in rules.tiers if tier.name == held or (upper is not None and tier.name == upper.name)]


def _first_red(
    program: Program, facts: Facts, ahead: Sequence[Balance], tier_name: str, figure_name: str
) -> Iterator[Turn]:
    for row in ahead:
        rules = program.on(row.day)
        for figure in figures_of(rules.tier(tier_name), rules, facts.partner, row):
            if figure.name == figure_name and figure.state is State.RED:
                yield Turn(tier_name, figure, row.day)
                return


def tier_fall(program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance], day: date) -> TierFall | None:
    """The first day of the window on which the performing tier is lower than on `day`, None if it holds."""
    before = performing_on(day, program.on(day), facts, balance)
    if before.tier is None:
        return None
    names = [tier.name for tier in program.on(day).tiers]
    for row in ahead:
        after = performing_on(row.day, program.on(row.day), facts, row)
        if before.tier in after.undecided:
            return None
        if after.tier is None or names.index(after.tier) < names.index(before.tier):
            return TierFall(before.tier, after, row.day)
    return None
