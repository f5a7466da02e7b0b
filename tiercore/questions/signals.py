"""The signals watched for a partner, such as a minimum that is or will soon be red (digests-and-alerts#alerts)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import is_met
from tiercore.program import Program, Rules
from tiercore.questions.goals import GoalProgress, Track
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.projection import window
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, Unit, is_qualifying, requirements_of
from tiercore.questions.standing import next_above
from tiercore.questions.verdict import Verdict, verdict_of
from tiercore.rating.hindsight import Shift, shifted
from tiercore.rating.timeline import Balance, balance_on

SOON_DAYS = 30
RECALIBRATION_DAYS = 60
RECALIBRATION, REACHED, GOAL = "recalibration", "reached", "goal"


class Kind(StrEnum):
    """What a signal is about; subscribers choose which kinds of alerts they get."""

    MINIMUMS = "minimums"
    TIER = "tier"
    REQUIREMENTS = "requirements"


class Level(IntEnum):
    """How serious it is; a signal whose level rises causes an alert. For good news, RED means that it happened."""

    GREEN = 0
    SOON = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Signal:
    """One watched thing and its `level` on a day, None if unknown. `name` is stable: "gold.sold_minimum",
    "recalibration.2023-01-15".

    `day` is when it turns red, or the day of the recalibration. `requirement` is as of that day. A recalibration has a
    `result`; its `causes`, or those of a tier that is no longer reached, are the requirements that are not met then.
    What can't be judged, and so may still cost the tier, is `open`. `figures` are what a tier that is reached takes.
    """

    name: str
    tier: str | None
    level: Level | None
    day: date | None = None
    requirement: Requirement | None = None
    result: Result | None = None
    causes: tuple[Requirement, ...] = ()
    open: tuple[Requirement, ...] = ()
    figures: tuple[Requirement, ...] = ()
    goal: GoalProgress | None = None

    @property
    def kind(self) -> Kind:
        """What it is about: points or dollars, the tier itself, or another requirement of the tier."""
        if self.is_recalibration or self.is_good_news or self.is_goal:
            return Kind.TIER
        return Kind.MINIMUMS if self.name.partition(".")[2] in FIGURES else Kind.REQUIREMENTS

    @property
    def is_recalibration(self) -> bool:
        """Whether it is about the result of a recalibration."""
        return self.name.startswith(f"{RECALIBRATION}.")

    @property
    def is_goal(self) -> bool:
        """Whether it is about the partner's goal."""
        return self.name.startswith(f"{GOAL}.")

    @property
    def is_good_news(self) -> bool:
        """Whether it is about a tier reached rather than one at risk."""
        return self.name.startswith(REACHED)

    def is_missed_with(self, balance: Balance) -> bool:
        """Whether a balance of another day falls short of the figure that is needed on the signal's day."""
        requirement = self.requirement
        if requirement is None or requirement.name not in FIGURES:
            return False
        return _is_met(requirement, FIGURES[requirement.name](balance)) is False

    def turned_by(self, shift: Shift) -> bool:
        """Whether its level would be another one if the balance hadn't been moved by the shift: whether a figure that
        is missed would be met, or for good news one that is met would be missed.
        """
        own = (self.requirement,) if self.requirement else ()
        return any(_is_turned(each, shift) for each in (*own, *self.causes, *self.figures))


def _is_turned(requirement: Requirement, shift: Shift) -> bool:
    value, have = FIGURES.get(requirement.name), requirement.have
    if value is None or not isinstance(have, int):
        return False
    moved = value(shifted(Balance(0), shift))  # every figure is a sum of the balance's columns
    return _is_met(requirement, have) != _is_met(requirement, have - moved)


def _is_met(requirement: Requirement, have: int) -> bool | None:
    """Whether so much of a figure would meet the requirement, None where it isn't set; US$ count to the cent."""
    need = requirement.need
    if not isinstance(need, int):
        return None
    return have >= need if requirement.unit is Unit.US_CENTS else is_met(have, need)


@dataclass(frozen=True, slots=True)
class Signals:
    """All signals of a partner on a day, and what matters most, from one version of the data."""

    partner: Partner
    as_of: date
    rules: Rules
    items: tuple[Signal, ...]
    notes: tuple[str, ...]
    version: int = 0
    verdict: Verdict | None = None

    def named(self, name: str) -> Signal | None:
        """The signal, None if it is no longer watched."""
        return next((each for each in self.items if each.name == name), None)


def signals_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    recalibration: Recalibration,
    notes: Sequence[str],
    goal: GoalProgress | None = None,
) -> Signals:
    """The signals on `day`; `ahead` is the timeline of the SOON_DAYS after it, `goal` the partner's, if it has one."""
    rules = program.on(day)
    signals = [
        *_requirements(day, program, facts, balance, ahead),
        *_at_recalibration(recalibration),
        *_reached(day, rules, facts, balance),
        *_goal(goal),
    ]
    return Signals(facts.partner, day, rules, tuple(signals), tuple(notes), verdict=verdict_of(recalibration))


def _requirements(
    day: date, program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance]
) -> Iterator[Signal]:
    """The credited tier's requirements, and the minimums of the tier above it."""
    rules = program.on(day)
    tier_above = next_above(rules, facts.credited_tier, facts.credited_tier)
    for tier in rules.tiers:
        if tier.name not in (facts.credited_tier, tier_above.name if tier_above else None):
            continue
        is_credited = tier.name == facts.credited_tier
        is_held = EXPIRY in facts.holds  # what expires is under correction, so green may be wrong
        later = _first_red(tier.name, day, program, facts, balance, ahead)
        if is_held:
            later = {each: when for each, when in later.items() if each not in FIGURES}
        for requirement in requirements_of(tier, rules, facts, balance, as_of=day):
            is_minimum = requirement.name in FIGURES and requirement.name != "combined_threshold"
            if is_credited or is_minimum:
                signal = _signal(f"{tier.name}.{requirement.name}", tier.name, requirement, day, later)
                is_unknown = is_held and signal.level is Level.GREEN and signal.kind is Kind.MINIMUMS
                yield replace(signal, level=None) if is_unknown else signal


def _signal(
    name: str, tier: str, current: Requirement, day: date, later: Mapping[str, tuple[date, Requirement]]
) -> Signal:
    match current.state:
        case State.RED:
            return Signal(name, tier, Level.RED, day, current)
        case State.GREEN if current.name in later:
            when, then = later[current.name]
            return Signal(name, tier, Level.SOON, when, then)
        case State.GREEN:
            return Signal(name, tier, Level.GREEN, None, current)
    return Signal(name, tier, None, None, current)


def _first_red(
    tier_name: str, day: date, program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance]
) -> dict[str, tuple[date, Requirement]]:
    """For each requirement that turns red within SOON_DAYS: the first day, and the requirement as of that day."""
    until = day + timedelta(SOON_DAYS)
    rows = [balance._replace(day=day.toordinal()), *window(program, balance, ahead, day, until)]
    days = {date.fromordinal(row.day) for row in rows[1:]}
    days |= {each.valid_until + timedelta(1) for each in facts.certifications if is_qualifying(each)}
    if facts.partner.membership_until:
        days.add(facts.partner.membership_until + timedelta(1))
    found: dict[str, tuple[date, Requirement]] = {}
    for when in sorted(each for each in days if day < each <= until):
        rules = program.on(when)
        for tier in (each for each in rules.tiers if each.name == tier_name):
            for each in requirements_of(tier, rules, facts, balance_on(rows, when), as_of=when):
                if each.state is State.RED:
                    found.setdefault(each.name, (when, each))
    return found


def _at_recalibration(found: Recalibration) -> Iterator[Signal]:
    """The next recalibration, from RECALIBRATION_DAYS before its day on. Each one is a signal of its own."""
    if (found.day - found.as_of).days > RECALIBRATION_DAYS:
        return
    level: Level | None = Level.GREEN
    if found.result in (Result.FALLS, Result.AT_RISK):
        level = Level.RED
    elif found.result is Result.UNKNOWN or found.open:
        level = None
    name = f"{RECALIBRATION}.{found.day}"
    yield Signal(name, found.credited_tier, level, found.day, result=found.result, causes=found.causes, open=found.open)


def _goal(goal: GoalProgress | None) -> Iterator[Signal]:
    """Whether the goal is on track. Each goal is a signal of its own."""
    if goal is None:
        return
    levels = {Track.OFF: Level.RED, Track.MISSED: Level.RED, Track.UNKNOWN: None}
    level = levels.get(goal.track, Level.GREEN)
    found = goal.goal
    yield Signal(f"{GOAL}.{found.tier}.{found.day}.{found.goal_id[:6]}", found.tier, level, found.day, goal=goal)


def _reached(day: date, rules: Rules, facts: Facts, balance: Balance) -> Iterator[Signal]:
    """For each tier above the credited one, whether the figures reach it."""
    ranks = {tier.name: rank for rank, tier in enumerate(rules.tiers)}
    tiers = JudgedTiers(day, rules, facts, balance)
    reached = tiers.reached
    performing_rank = ranks.get(reached.tier or "", -1)
    for name, rank in ranks.items():
        if rank > ranks.get(facts.credited_tier or "", -1):
            unknown = name in reached.undecided
            level = None if unknown else Level.RED if rank <= performing_rank else Level.GREEN
            causes = tiers.missed(name) if level is Level.GREEN else ()
            further = tiers.open_beside_figures(name) if level is Level.RED else ()
            needed = tuple(tiers.figures(rules.tier(name))) if level is Level.RED else ()
            yield Signal(f"{REACHED}.{name}", name, level, day, causes=causes, open=further, figures=needed)
