"""What a scenario changes: a partner's answers without and with it, on one day (how-tiers-work#what-if)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Entry, Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.unknown import Unknown
from tiercore.program import Model, Program, Rules
from tiercore.questions.awards import ManagedYear
from tiercore.questions.gap import Gap, gap_to
from tiercore.questions.progress import horizon
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.recalibration_days import recalibration_of
from tiercore.questions.requirements import FIGURES, Requirement
from tiercore.questions.standing import Standing, standing_on
from tiercore.questions.uptier import uptier_day
from tiercore.questions.verdict import verdict_of
from tiercore.rating.timeline import Balance, balance_on
from tiercore.scenarios.applying import with_entries
from tiercore.scenarios.books import PartnerBooks, facts_on
from tiercore.scenarios.consequence import Consequence, consequence_of, requirements_on
from tiercore.scenarios.entries import rows_of
from tiercore.scenarios.kept_rate import KeptRate, kept_rate
from tiercore.scenarios.ranges import Range, ranges_of
from tiercore.scenarios.steps import ExtendAgreement, Sell, Step, first_day
from tiercore.scenarios.wishes import Assumption

EXPIRING_DAYS = 90
MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """A partner's answers on a day, from its books.

    `expiring` is what expires in the 90 days after it, in micropoints, and `combined` the combined points of the day
    and of the next twelve month ends; both are Unknown while expiry is under correction.
    """

    standing: Standing
    recalibration: Recalibration
    expiring: int | Unknown
    combined: tuple[tuple[date, int], ...] | Unknown


@dataclass(frozen=True, slots=True)
class Effect:
    """What one step does to the balance of the day, after those before it: its entries, and the points of each kind
    that they add or take, in micropoints. `rules` are those of its first day. `kept_rate` is that of a sale whose line
    keeps an earlier one.
    """

    step: Step
    entries: tuple[Entry, ...]
    sourced: int
    assisted: int
    managed: int
    rules: Rules
    kept_rate: KeptRate | None = None

    @property
    def points(self) -> int:
        """All of them together."""
        return self.sourced + self.assisted + self.managed


@dataclass(frozen=True, slots=True)
class Difference:
    """The partner on `day` before and after the steps; `day` is the first on which all of them have happened.

    `names` are the clients' names by ID. `ranges` are what the data can't tell. `requirements` are those of the tier
    that the consequence is about, or of the one aimed at: each on the day without and with the steps.
    """

    partner: Partner
    as_of: date
    day: date
    before: Outlook
    after: Outlook
    effects: tuple[Effect, ...]
    ranges: tuple[Range, ...]
    names: dict[str, str]
    consequence: Consequence
    tier: str
    requirements: tuple[tuple[Requirement, Requirement], ...]


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """The difference that the steps make, and for each step what it assumes."""

    difference: Difference
    assumed: tuple[tuple[Assumption, ...], ...]


def difference(
    books: PartnerBooks, steps: Sequence[Step], program: Program, as_of: date, model: Model | None = None
) -> Difference:
    """The partner's answers before and after the steps. Raises NeedsOthers, and KeyError for a client not read."""
    stages, ranges = [books], list[Range]()
    for step in steps:
        stages.append(with_entries(stages[-1], rows_of(step, stages[-1], program), program))
    pairs = list(zip(steps, pairwise(stages), strict=True))
    day = max([as_of, *(_first_day(step, *pair) for step, pair in pairs)])
    effects = [_effect(step, *pair, day, program) for step, pair in pairs]
    for step, (known, _) in pairs:
        ranges += ranges_of(step, known, program)
    changed = stages[-1]
    before, after = (outlook_on(each, day, program, model) for each in (books, changed))
    consequence = consequence_of((books, before.recalibration), (changed, after.recalibration), program)
    tier = _compared(consequence) or before.standing.target.name
    judged = [{need.name: need for need in requirements_on(each, tier, day, program)} for each in (books, changed)]
    return Difference(
        partner=books.partner,
        as_of=as_of,
        day=day,
        before=before,
        after=after,
        effects=tuple(effects),
        ranges=tuple(ranges),
        names={client_id: book.client.name for client_id, book in changed.clients.items()},
        consequence=consequence,
        tier=tier,
        requirements=tuple((was, judged[1][name]) for name, was in judged[0].items() if name in judged[1]),
    )


def _compared(consequence: Consequence) -> str | None:
    """The tier whose requirements are compared: the next one where the held one isn't lost by its figures."""
    by_figures = any(each.name in FIGURES for each in consequence.causes)
    return consequence.also.tier if consequence.also and not by_figures else consequence.tier


def _first_day(step: Step, before: PartnerBooks, after: PartnerBooks) -> date:
    """The first day on which the step changes something: of an extension, the day on which the agreement would end."""
    first = first_day(step)
    if not isinstance(step, ExtendAgreement):
        return first
    days = [date.fromordinal(each.day) for each in (*before.timeline, *after.timeline) if each.day > first.toordinal()]
    ahead = sorted({first, *(each for each in days if each <= horizon(first))})
    return next((each for each in ahead if _points(before, each) != _points(after, each)), first)


def _effect(step: Step, before: PartnerBooks, after: PartnerBooks, day: date, program: Program) -> Effect:
    was, now = balance_on(before.timeline, day), balance_on(after.timeline, day)
    return Effect(
        step,
        after.added[len(before.added) :],
        now.sourced - was.sourced,
        now.assisted - was.assisted,
        now.managed - was.managed,
        program.on(first_day(step)),
        kept_rate(step, after, program) if isinstance(step, Sell) else None,
    )


def _points(books: PartnerBooks, day: date) -> tuple[int, int, int]:
    balance = balance_on(books.timeline, day)
    return balance.sourced, balance.assisted, balance.managed


def outlook_on(books: PartnerBooks, day: date, program: Program, model: Model | None = None) -> Outlook:
    """The partner's answers on the day."""
    held = facts_on(books, day).holds.get(EXPIRY)
    recalibration = recalibration_from(books, day, program)
    return Outlook(
        _standing(books, day, program, model, recalibration),
        recalibration,
        held or _lapsed(books, day + timedelta(EXPIRING_DAYS)) - _lapsed(books, day),
        held or tuple((each, balance_on(books.timeline, each).combined) for each in days_ahead(day)),
    )


def _standing(
    books: PartnerBooks, day: date, program: Program, model: Model | None, recalibration: Recalibration
) -> Standing:
    """Where the partner stands on the day, with its verdict and the awards; how many clients have no levels isn't told.

    A model that doesn't decide on the day has no verdict.
    """
    balance, facts = balance_on(books.timeline, day), facts_on(books, day)
    standing = standing_on(day, program, facts, balance, model, _managed_year(books, day))
    if standing.judged_on != day:
        return standing
    return replace(standing, verdict=verdict_of(recalibration))


def gap_of(books: PartnerBooks, tier: str | None, day: date, program: Program, model: Model | None = None) -> Gap:
    """What is missing on the day for the tier, None: the next one. Raises UnknownTier and NothingAbove."""
    return gap_to(tier, day, program, facts_on(books, day), balance_on(books.timeline, day), model)


def recalibration_from(books: PartnerBooks, day: date, program: Program) -> Recalibration:
    """The next recalibration, on or after the day, as seen on it."""
    ends, begins = recalibration_of(day, program)
    credited = uptier_day(day, program.on(day))
    first, last = min(begins, credited), max(ends, credited)
    before = balance_on(books.timeline, first)
    window = [each for each in books.timeline if first.toordinal() < each.day <= last.toordinal()]
    balance = balance_on(books.timeline, day)
    return recalibration_on(day, program, facts_on(books, day), balance, [before, *window])


def days_ahead(day: date) -> list[date]:
    """The day and the next twelve month ends."""
    first = day.replace(day=1)
    ends = (first + relativedelta(months=each) - timedelta(1) for each in range(1, MONTHS_AHEAD + 2))
    return [day, *[each for each in ends if each > day][:MONTHS_AHEAD]]


def _lapsed(books: PartnerBooks, day: date) -> int:
    return balance_on(books.timeline, day).lapsed


def _managed_year(books: PartnerBooks, day: date) -> ManagedYear:
    """The year up to the day, for the awards."""
    begins: Balance = balance_on(books.timeline, day - relativedelta(years=1))
    year = [each for each in books.timeline if begins.day <= each.day <= day.toordinal()]
    if not year:
        return ManagedYear(None, None, None)
    low = min(each.managed_cents for each in year)
    starts = begins.day if year[0].day == begins.day else None
    return ManagedYear(low, max(each.unrated_managed for each in year), starts)
