"""What is watched of a partner, and its colour: a minimum that turns red, or soon will (digests-and-alerts#alerts)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.program import Program, Rules
from tiercore.questions.projection import window
from tiercore.questions.recalibration import Recalibration, Verdict
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, is_qualifying, requirements_of
from tiercore.questions.standing import next_above, performing_on
from tiercore.rating.timeline import Balance, balance_on

SOON_DAYS = 30
RECALIBRATION_DAYS = 60
RECALIBRATION, REACHED = "recalibration", "reached"


class Kind(StrEnum):
    """What a signal is about, for those who want to be told of some things only."""

    MINIMUMS = "minimums"
    TIER = "tier"
    REQUIREMENTS = "requirements"


class Level(IntEnum):
    """How bad it is; a signal that rises is told."""

    GREEN = 0
    SOON = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Signal:
    """The colour of one thing on a day; `level` None where it can't be said. `name` is stable: "gold.sold_minimum",
    "recalibration.2023-01-15".

    `day` is the day on which it turns red, or the recalibration's. `requirement` is as it stands on that day; of a
    recalibration there are the verdict and the `conditions` that are missed.
    """

    name: str
    tier: str | None
    level: Level | None
    day: date | None = None
    requirement: Requirement | None = None
    verdict: Verdict | None = None
    conditions: tuple[Requirement, ...] = ()

    @property
    def kind(self) -> Kind:
        """What it is about: points or dollars, the tier itself, or something else that the tier asks for."""
        if self.is_recalibration or self.is_good_news:
            return Kind.TIER
        return Kind.MINIMUMS if self.name.partition(".")[2] in FIGURES else Kind.REQUIREMENTS

    @property
    def is_recalibration(self) -> bool:
        """Whether it is about one recalibration: what comes out on its day."""
        return self.name.startswith(f"{RECALIBRATION}.")

    @property
    def is_good_news(self) -> bool:
        """Whether it tells of a tier reached, and not of one in danger."""
        return self.name.startswith(REACHED)


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything that is watched of a partner on a day, seen in one version of the data."""

    partner: Partner
    as_of: date
    rules: Rules
    items: tuple[Signal, ...]
    notes: tuple[str, ...]
    version: int = 0

    def named(self, name: str) -> Signal | None:
        """The signal, None for one that is not watched any more."""
        return next((each for each in self.items if each.name == name), None)


def signals_on(
    day: date,
    program: Program,
    facts: Facts,
    balance: Balance,
    ahead: Sequence[Balance],
    recalibration: Recalibration,
    notes: Sequence[str],
) -> Signals:
    """What is watched on `day`; `ahead` is the timeline of the SOON_DAYS after it."""
    rules = program.on(day)
    found = [
        *_requirements(day, program, facts, balance, ahead),
        *_at_recalibration(recalibration),
        *_reached(day, rules, facts, balance),
    ]
    return Signals(facts.partner, day, rules, tuple(found), tuple(notes))


def _requirements(
    day: date, program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance]
) -> Iterator[Signal]:
    """The held tier's requirements, and the minimums of the next one."""
    rules = program.on(day)
    upper = next_above(rules, facts.credited_tier, facts.credited_tier)
    for tier in rules.tiers:
        if tier.name not in (facts.credited_tier, upper.name if upper else None):
            continue
        held = tier.name == facts.credited_tier
        held_back = EXPIRY in facts.holds  # what lapses can't be said, and so not that nothing does
        later = {} if held_back else _first_red(tier.name, day, program, facts, balance, ahead)
        for each in requirements_of(tier, rules, facts, balance, as_of=day):
            if held or (each.name in FIGURES and each.name != "combined_threshold"):
                found = _signal(f"{tier.name}.{each.name}", tier.name, each, day, later)
                unsaid = held_back and found.level is Level.GREEN and found.kind is Kind.MINIMUMS
                yield replace(found, level=None) if unsaid else found


def _signal(name: str, tier: str, now: Requirement, day: date, later: Mapping[str, tuple[date, Requirement]]) -> Signal:
    match now.state:
        case State.RED:
            return Signal(name, tier, Level.RED, day, now)
        case State.GREEN if now.name in later:
            when, then = later[now.name]
            return Signal(name, tier, Level.SOON, when, then)
        case State.GREEN:
            return Signal(name, tier, Level.GREEN, None, now)
    return Signal(name, tier, None, None, now)


def _first_red(
    tier_name: str, day: date, program: Program, facts: Facts, balance: Balance, ahead: Sequence[Balance]
) -> dict[str, tuple[date, Requirement]]:
    """For each requirement that turns red within SOON_DAYS: the first day, and what it is then."""
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
    """The coming recalibration, from RECALIBRATION_DAYS before its day on; each is watched by itself."""
    if (found.day - found.as_of).days > RECALIBRATION_DAYS:
        return
    level: Level | None = Level.GREEN
    if found.verdict in (Verdict.FALLS, Verdict.AT_RISK):
        level = Level.RED
    elif found.verdict is Verdict.UNKNOWN:
        level = None
    missed = tuple(each for each in found.conditions if each.state is State.RED)
    name = f"{RECALIBRATION}.{found.day}"
    yield Signal(name, found.credited_tier, level, found.day, verdict=found.verdict, conditions=missed)


def _reached(day: date, rules: Rules, facts: Facts, balance: Balance) -> Iterator[Signal]:
    """Each tier above the credited one: whether it is performed."""
    ranks = {tier.name: rank for rank, tier in enumerate(rules.tiers)}
    reached = performing_on(day, rules, facts, balance)
    performed = ranks.get(reached.tier or "", -1)
    for name, rank in ranks.items():
        if rank > ranks.get(facts.credited_tier or "", -1):
            unknown = name in reached.undecided
            level = None if unknown else Level.RED if rank <= performed else Level.GREEN
            yield Signal(f"{REACHED}.{name}", name, level, day)
