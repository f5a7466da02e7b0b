"""The plan as JSON."""

from typing import Any

from handlers.views.answers.plan import PlanAnswer
from handlers.views.parts.footer import common_record, not_configured_notes
from handlers.views.parts.goal import record as goal_record
from tiercore.facts.money import Money
from tiercore.facts.points import as_decimal
from tiercore.facts.unknown import NotConfigured
from tiercore.planning.plan import Plan
from tiercore.planning.steps import PlanStep


def record(answer: PlanAnswer) -> dict[str, Any]:
    """The plan as JSON: `feasible` is null while a figure isn't set, and `range` then says what it may cost."""
    plan = answer.plan
    return {
        **common_record("plan", plan.partner, plan.as_of, plan.aim.rules, notes_of(plan)),
        "goal": plan.aim.tier.name,
        "by": plan.by.isoformat(),
        "feasible": plan.feasible,
        "cost": _money(plan.cost) if plan.feasible else None,
        "effort": plan.effort.as_decimal() if plan.feasible else None,
        "steps": [step_record(each) for each in plan.steps],
        "margin": None if plan.margin is None else as_decimal(plan.margin),
        "keeps": plan.aim.keeps,
        "obstacle": plan.obstacle.value if plan.obstacle else None,
        "blocked_by": [each.name for each in plan.aim.blocked],
        "not_set": [each.need.name for each in plan.aim.unset if isinstance(each.need, NotConfigured)],
        "earliest": plan.earliest.isoformat() if plan.earliest else None,
        "range": _range(plan),
        "kept_goal": goal_record(answer.goal),
    }


def notes_of(plan: Plan) -> list[str]:
    """The notes, and the figures that aren't set."""
    return [*plan.notes, *not_configured_notes(plan.aim.requirements)]


def step_record(step: PlanStep) -> dict[str, Any]:
    """A step of a plan."""
    return {
        "kind": step.kind.value,
        "client": {"id": step.client.client_id, "name": step.client.name} if step.client else None,
        "line": step.product_line,
        "source": step.source.value if step.source else None,
        "points": as_decimal(step.points),
        "mrr": step.mrr.as_decimal() if step.mrr else None,
        "last_day": step.last_day.isoformat(),
    }


def _money(amount: Money) -> dict[str, str]:
    return {"mrr": amount.as_decimal(), "currency": amount.currency}


def _range(plan: Plan) -> dict[str, Any] | None:
    if plan.spread is None:
        return None
    least, most = plan.spread.least, plan.spread.most
    return {
        "least": least.as_decimal() if least else None,
        "most": most.as_decimal() if most else None,
        "currency": plan.cost.currency,
    }
