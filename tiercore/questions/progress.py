"""Points over time: six past month ends, today, and three month ends ahead (roadmap-2022#points-over-time)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import count, islice

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.months import months_after
from tiercore.facts.points import MICRO, hundredths
from tiercore.facts.unknown import NotConfigured, Unknown, not_configured
from tiercore.program import Program, Rules, TierRules
from tiercore.questions.judging import JudgedTiers, Reached
from tiercore.questions.pipeline import Pipeline
from tiercore.questions.projection import Breach, Undecided, breaches_in, first_undecided, tier_loss, unjudged, window
from tiercore.questions.requirements import Facts, Requirement
from tiercore.questions.standing import next_above, notes_on
from tiercore.rating.timeline import Balance, balance_on

MONTHS_BACK = 6
MONTHS_AHEAD = 3
MONTHS_LOOKED_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Point:
    """The balance on a day, in micropoints; a `projected` one is what remains on a day ahead if nothing is added.

    `lapsed` is the running total of what ended until then.
    """

    day: date
    sold: int
    managed: int
    combined: int
    lapsed: int
    projected: bool


@dataclass(frozen=True, slots=True)
class Loss:
    """The first loss ahead if nothing is added: its day, and the requirements that cause it.

    Either the performing tier falls from `tier` to `after`, or (`after` None) the total falls below the threshold of
    `tier`, which is credited but not performing.
    """

    tier: str
    day: date
    causes: tuple[Requirement, ...]
    after: Reached | None

    @property
    def requirement(self) -> Requirement:
        """The first of the causes."""
        return self.causes[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """Points over time, and the known future of the year ahead.

    `target` is the tier whose total is drawn: the next one, or the highest at the top. `threshold` is that total in
    micropoints by the rules of `as_of`; `later_thresholds` are the days in the span shown on which it changes.
    `breaches` are the credited and the performing tier's figures that turn red in the twelve months up to `until`;
    `undecided` is the day from which it is unknown whether the performing tier is still reached, `open` are its
    requirements that are unknown today, and `doubtful` counts credits whose expiry is unknown. `amiss` are the credited
    tier's requirements that are red. `held` is set while expiry is under correction: the points then end today and the
    days ahead are left out. `review_after_loss` is the first recalibration after the loss.
    `pipeline` has the deals that aren't closed yet, None for none: they are no points (pipeline#rules).
    """

    partner: Partner
    as_of: date
    rules: Rules
    points_from: date
    credited_tier: str | None
    reached: Reached
    points: tuple[Point, ...]
    target: str
    threshold: int | NotConfigured
    later_thresholds: tuple[tuple[date, int], ...]
    loss: Loss | None
    breaches: tuple[Breach, ...]
    until: date
    undecided: Undecided | None
    next_recalibration: date
    review_after_loss: date | None
    unjudged: tuple[str, ...]
    notes: tuple[str, ...]
    held: Unknown | None = None
    amiss: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()
    doubtful: int = 0
    pipeline: Pipeline | None = None

    @property
    def today(self) -> Point:
        """The point on the day asked about."""
        return self.points[MONTHS_BACK]

    @property
    def lapsing(self) -> int:
        """Micropoints that expire between today and the last point."""
        return self.points[-1].lapsed - self.today.lapsed

    @property
    def beginning(self) -> int:
        """Micropoints of known credits that start after today, up to the last point."""
        return self.points[-1].combined - self.today.combined + self.lapsing

    @property
    def change(self) -> int:
        """Combined micropoints gained (lost if negative) since the first point: the difference of the figures shown."""
        return (hundredths(self.today.combined) - hundredths(self.points[0].combined)) * (MICRO // 100)


def progress_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    past: Sequence[Balance],
    ahead: Sequence[Balance],
    judged: JudgedTiers | None = None,
) -> Progress:
    """Points over time as seen on `day`, when the balance is `balance`.

    `past` has at least the balances of the past month ends, `ahead` is the timeline after `day` up to `horizon(day)`;
    both ascending by day. `judged` are the day's tiers, if they are judged already.
    """
    held, timeline = facts.holds.get(EXPIRY), [*past, balance, *ahead]
    rules, until = program.on(day), horizon(day)
    tiers = judged or JudgedTiers(day, rules, facts, balance)
    reached = tiers.reached
    rows = [balance._replace(day=day.toordinal()), *window(program, balance, ahead, day, until)]
    breaches = () if held else _breaches(program, tiers, rows)
    loss = None if held else _loss(program, facts, rows, breaches, reached, until)
    undecided = first_undecided(program, facts, rows, reached.tier) if reached.tier and not held else None
    shown = days_shown(day)[: MONTHS_BACK + 1] if held else days_shown(day)
    points = tuple(_point(each, day, timeline) for each in shown)
    target = next_above(rules, facts.credited_tier, reached.tier) or rules.tiers[-1]
    return Progress(
        partner=facts.partner,
        as_of=day,
        rules=rules,
        points_from=program.day_of("points", day),
        credited_tier=facts.credited_tier,
        reached=reached,
        points=points,
        target=target.name,
        threshold=target.combined,
        later_thresholds=tuple(_later_thresholds(program, target, day, points[-1].day)),
        loss=loss,
        breaches=breaches,
        until=until,
        undecided=undecided,
        next_recalibration=program.recalibration_after(day - timedelta(1)),
        review_after_loss=program.recalibration_after(loss.day - timedelta(1)) if loss else None,
        unjudged=tuple(unjudged(tiers)),
        notes=tuple(notes_on(program, balance)),
        held=held,
        amiss=tiers.red(facts.credited_tier),
        open=tiers.open(reached.tier),
        doubtful=balance.doubtful,
    )


def horizon(day: date) -> date:
    """The last day that the answer covers: twelve months after `day`."""
    return months_after(day, MONTHS_LOOKED_AHEAD)


@lru_cache(maxsize=256)
def days_shown(day: date) -> tuple[date, ...]:
    """The last six month ends before `day`, the day itself, and the next three month ends; ascending."""
    months = day.year * 12 + day.month - 1
    past = [_month_end(each) for each in range(months - MONTHS_BACK, months)]
    ahead = (end for end in map(_month_end, count(months)) if end > day)
    return (*past, day, *islice(ahead, MONTHS_AHEAD))


def _month_end(months: int) -> date:
    """The last day of a month, counted from January of year 0."""
    year, month = divmod(months + 1, 12)
    return date(year, month + 1, 1) - timedelta(1)


def _point(when: date, today: date, timeline: Sequence[Balance]) -> Point:
    balance = balance_on(timeline, when)
    return Point(when, balance.sold, balance.managed, balance.combined, balance.lapsed, projected=when > today)


def _breaches(program: Program, today: JudgedTiers, rows: Sequence[Balance]) -> tuple[Breach, ...]:
    """The figures of the credited and the performing tier that turn red, soonest first; today's row is the first."""
    found = breaches_in(program, today, rows[1:])
    tiers = (today.facts.credited_tier, today.reached.tier)
    return tuple(sorted((breach for breach in found if breach.tier in tiers), key=lambda breach: breach.day))


def _loss(
    program: Program, facts: Facts, rows: Sequence[Balance], breaches: Sequence[Breach], reached: Reached, until: date
) -> Loss | None:
    """What is lost first: the performing tier, or the total of the credited one."""
    fall = tier_loss(program, facts, rows, breaches, reached, until)
    total = next((breach for breach in breaches if breach.requirement.name == "combined_threshold"), None)
    if fall and (total is None or fall.day <= total.day):
        return Loss(fall.before, fall.day, fall.causes, fall.after)
    return Loss(total.tier, total.day, (total.requirement,), None) if total else None


def _later_thresholds(program: Program, target: TierRules, day: date, last: date) -> Iterable[tuple[date, int]]:
    """The days up to the last point on which the tier's total changes, with the new total if it is configured."""
    threshold: int | NotConfigured = target.combined
    for change in (each for each in program.changes if day < each <= last):
        tiers = {tier.name: tier.combined for tier in program.on(change).tiers}
        need = tiers.get(target.name, not_configured(f"thresholds.{target.name}.combined"))
        if need != threshold and isinstance(need, int):
            yield change, need
        threshold = need
