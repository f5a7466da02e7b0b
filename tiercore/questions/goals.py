"""A plan that was kept as a goal, and the way made towards it (how-tiers-work#goals)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.program import Program
from tiercore.questions.gap import points_missing
from tiercore.questions.judging import performing_on
from tiercore.questions.requirements import FIGURES, Facts, Requirement, State, requirements_of
from tiercore.questions.uptier import ranks_of
from tiercore.rating.timeline import Balance

_LATE = 4  # a goal is off track where it is behind by more than a quarter


@dataclass(frozen=True, slots=True)
class GoalStep:
    """A step of the plan as it was when it was kept; `points` in micropoints."""

    kind: str
    client: str | None
    line: str | None
    source: str | None
    points: int
    mrr: str | None
    currency: str
    last_day: date


@dataclass(frozen=True, slots=True)
class Goal:
    """A tier by a day. `missing` are the micropoints that were missing on that day when it was kept, on `kept_on`."""

    goal_id: str
    partner_id: str
    tier: str
    day: date
    kept_on: date
    missing: int
    steps: tuple[GoalStep, ...]


class Track(StrEnum):
    """How it stands with a goal."""

    ON = "on_track"
    OFF = "off_track"
    REACHED = "reached"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """The way made towards a goal as of a day: micropoints `earned` since it was kept, and `missing` on its day.

    `short` are the requirements that are not met on the goal's day, if nothing is added.
    """

    goal: Goal
    partner: Partner
    as_of: date
    track: Track
    earned: int
    missing: int
    short: tuple[Requirement, ...]

    @property
    def is_late(self) -> bool:
        """Whether it is off track, or was missed."""
        return self.track in (Track.OFF, Track.MISSED)

    @property
    def left(self) -> tuple[GoalStep, ...]:
        """The steps whose last day is still to come."""
        return tuple(each for each in self.goal.steps if each.last_day >= self.as_of)


def progress_of(goal: Goal, as_of: date, program: Program, facts: Facts, balance: Balance) -> GoalProgress:
    """How it stands with the goal; `facts` and `balance` are those of its day, as far as they are known on `as_of`.

    It is off track if more is missing than at the beginning, if a certification or membership has expired that it
    needs, or if it is behind by more than a quarter: if the share of its days that have gone is larger by that much
    than the share of its points that were earned.
    """
    rules = program.on(goal.day)
    tier = next((each for each in rules.tiers if each.name == goal.tier), None)
    requirements = requirements_of(tier, rules, facts, balance, as_of=goal.day) if tier else []
    missing = points_missing(requirements)
    short = tuple(each for each in requirements if each.state is State.RED)
    track = Track.UNKNOWN
    if tier and rules.model == "points" and not (EXPIRY in facts.holds and goal.day > as_of):
        found = performing_on(goal.day, rules, facts, balance)
        ranks = ranks_of(rules)
        if found.tier is not None and ranks[found.tier] >= ranks[goal.tier]:
            track = Track.REACHED
        elif goal.tier not in found.undecided or short:
            track = _on_the_way(goal, as_of, missing, short)
    return GoalProgress(goal, facts.partner, as_of, track, goal.missing - missing, missing, short)


def _on_the_way(goal: Goal, as_of: date, missing: int, short: Sequence[Requirement]) -> Track:
    if as_of > goal.day:
        return Track.MISSED
    expired = any(isinstance(each.have, date) and each.have < as_of for each in short if each.name not in FIGURES)
    days, gone = max(1, (goal.day - goal.kept_on).days), (as_of - goal.kept_on).days
    behind = gone * goal.missing - (goal.missing - missing) * days
    is_late = goal.missing > 0 and behind * _LATE > days * goal.missing
    return Track.OFF if expired or missing > goal.missing or is_late else Track.ON
