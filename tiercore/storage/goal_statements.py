"""SQL for goals, and the goal of a row. Every statement filters by the grant's partner ID."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from tiercore.questions.goals import Goal, GoalStep
from tiercore.storage.bulk import table
from tiercore.storage.tables.goals import GoalRow

_goal = table(GoalRow)
GOAL = (
    select(
        _goal.c.goal_id,
        _goal.c.partner_id,
        _goal.c.tier,
        _goal.c.day,
        _goal.c.kept_on,
        _goal.c.missing,
        _goal.c.steps,
    )
    .where(_goal.c.partner_id == bindparam("partner_id"), _goal.c.withdrawn_at.is_(None))
    .order_by(_goal.c.created_at.desc())
    .limit(1)
)


def goal_of(row: Sequence[Any]) -> Goal:
    """The goal of a row of GOAL."""
    goal_id, partner_id, tier, day, kept_on, missing, steps = row
    found = (GoalStep(**{**each, "last_day": date.fromisoformat(each["last_day"])}) for each in json.loads(steps))
    return Goal(goal_id, partner_id, tier, date.fromordinal(day), date.fromordinal(kept_on), int(missing), tuple(found))


def steps_as_text(steps: Sequence[GoalStep]) -> str:
    """The steps as they are stored."""
    return json.dumps([{**asdict(each), "last_day": each.last_day.isoformat()} for each in steps])
