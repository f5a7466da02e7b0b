"""What a tier still needs on a day to come: what has expired by then, what begins, and what is missing then
(how-tiers-work#gap-on-a-day).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.months import months_after
from tiercore.facts.unknown import Unknown
from tiercore.program import Model, Program, Rules, UnknownTier
from tiercore.questions.gap import Gap, NothingAbove, gap_to, points_missing
from tiercore.questions.judged_days import facts_on
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.pipeline import Likelihood, Projection
from tiercore.questions.progress import MONTHS_LOOKED_AHEAD
from tiercore.questions.requirements import Facts, figures_of
from tiercore.questions.standing import next_above
from tiercore.questions.uptier import uptier_day
from tiercore.questions.verdict import Verdict
from tiercore.rating.netting import Change, CreditEvent, net_changes
from tiercore.rating.timeline import Balance


class NotAhead(ValueError):
    """The day is over, or so far ahead that the data can't say what counts then; `first` and `last` are the bounds."""

    def __init__(self, by: date, first: date, last: date) -> None:
        super().__init__(by)
        self.by, self.first, self.last = by, first, last


@dataclass(frozen=True, slots=True)
class WithDeals:
    """Micropoints that open deals bring by the day if those of a class close, and what is missing then."""

    likelihood: Likelihood
    micropoints: int
    missing: int


@dataclass(frozen=True, slots=True)
class GapOn:
    """What is missing for a tier on the day `by`, by what is known on `as_of`.

    `balance` is that of `as_of`, and `today` the gap then, None if its rules have no such tier; `then` is the gap on
    `by`. `expiring` and `starting` are the points lost and gained in between, the largest first: for each source,
    today's points plus what starts minus what expires are those of `then`. `pipeline` says what open deals bring
    (pipeline#rules): an item for each class, none where no deal brings points by then. While expiry is under correction
    (`held`), nothing is said of days to come, and `then` is `today`. `danger` is the verdict where the held tier is in
    danger, and `climb` the gap to the next tier where this one is about the held tier.
    """

    as_of: date
    by: date
    next_credit: date
    next_recalibration: date
    balance: Balance
    today: Gap | None
    then: Gap
    expiring: tuple[Change, ...]
    starting: tuple[Change, ...]
    pipeline: tuple[WithDeals, ...]
    held: Unknown | None
    danger: Verdict | None = None
    climb: "GapOn | None" = None

    @property
    def is_about_danger(self) -> bool:
        """Whether it is about the held tier on the recalibration that takes it."""
        return self.danger is not None and (self.then.tier.name, self.by) == (
            self.danger.credited_tier,
            self.danger.day,
        )

    @property
    def partner(self) -> Partner:
        """Whose gap it is."""
        return self.then.partner

    @property
    def rules(self) -> Rules:
        """The rules that decide."""
        return self.then.rules

    @property
    def is_ahead(self) -> bool:
        """Whether it is about another day than today."""
        return self.by > self.as_of and self.held is None

    @property
    def is_met_today(self) -> bool | None:
        """Whether every requirement is met today; None if that can't be judged."""
        return self.today.is_met if self.today else None


def credit_day(day: date, program: Program) -> date:
    """The next day, on or after this one, on which a tier can be credited (how-tiers-work#moving-up)."""
    return uptier_day(day, program.on(day))


def last_day(day: date) -> date:
    """The last day that can be asked about: by then, every sold point of today has expired."""
    return months_after(day, MONTHS_LOOKED_AHEAD)


def period_end(months: int, day: date) -> date:
    """The last day of the month (1), the quarter (3) or the year (12) that the day is in."""
    begun = (day.month - 1) // months * months + 1
    return months_after(date(day.year, begun, 1), months) - timedelta(1)


def require_ahead(by: date, day: date) -> None:
    """Raises NotAhead for a day that is over, or beyond what the data can say."""
    if not day <= by <= last_day(day):
        raise NotAhead(by, day, last_day(day))


def gap_on(
    by: date,
    tier_name: str | None,
    day: date,
    program: Program,
    facts: Facts,
    balances: tuple[Balance, Balance],
    events: tuple[Iterable[CreditEvent], Iterable[CreditEvent]] = ((), ()),
    model: Model | None = None,
    pipeline: Sequence[Projection] = (),
    judged: JudgedTiers | None = None,
) -> GapOn:
    """The gap to the named or the next tier on the day `by`, as seen on `day`.

    `balances` are those of the two days; `events` the credits that begin and those that end after `day`, up to `by`.
    `judged` are the tiers of `day` by the model, if they are judged already. What one would sell is rated by the rules
    of `day`; the rules of `by` decide what is missing. Raises UnknownTier if they have no such tier, NothingAbove if
    there is no next one, NotAhead for a day out of range.
    """
    require_ahead(by, day)
    held = facts.holds.get(EXPIRY) if by > day else None
    rates = program.on(program.day_of(model, day))
    judged = judged or JudgedTiers(day, program.on(program.day_of(model, day)), facts, balances[0])
    name = tier_name or _next_tier(judged)
    today = _gap_today(name, program, judged, model)
    later = held is None and by > day
    when, balance = (by, balances[1]) if later else (day, balances[0])
    known = None if later else judged
    then = gap_to(name, when, program, facts_on(when, facts), balance, model, rates, known)
    changes = net_changes(*events) if later else []
    return GapOn(
        as_of=day,
        by=by,
        next_credit=credit_day(day, program),
        next_recalibration=program.recalibration_after(day),
        balance=balances[0],
        today=today,
        then=then,
        expiring=_largest_first(each for each in changes if each.micropoints < 0),
        starting=_largest_first(each for each in changes if each.micropoints > 0),
        pipeline=tuple(_with_deals(then, by, pipeline)) if later else (),
        held=held,
    )


def _next_tier(today: JudgedTiers) -> str:
    """The tier above the higher of the credited and the performing one on the day. Raises NothingAbove."""
    tier = next_above(today.rules, today.facts.credited_tier, today.reached.tier)
    if tier is None:
        raise NothingAbove
    return tier.name


def _gap_today(name: str, program: Program, today: JudgedTiers, model: Model | None) -> Gap | None:
    try:
        return gap_to(name, today.day, program, today.facts, today.balance, model, judged=today)
    except UnknownTier:
        return None


def _with_deals(gap: Gap, by: date, pipeline: Sequence[Projection]) -> Iterable[WithDeals]:
    """What is missing if the deals of each class close; nothing where none brings points by the day."""
    if not any(each.added_on(by).combined for each in pipeline):
        return
    for each in pipeline:
        figures = list(figures_of(gap.tier, gap.rules, gap.partner, each.with_it(gap.balance, by)))
        yield WithDeals(each.likelihood, each.added_on(by).combined, points_missing(figures))


def _largest_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda each: (-abs(each.micropoints), each.day, each.client, each.product_line)))
