"""Keeping a plan as the partner's goal, and withdrawing it. Permissions are checked where the change is made."""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, update

from tiercore.access import SlackUser
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.types import InvalidChange, NotAllowed
from tiercore.planning.plan import Plan
from tiercore.planning.steps import PlanStep
from tiercore.questions.gap import points_missing
from tiercore.questions.goals import GoalStep
from tiercore.storage.bulk import table
from tiercore.storage.goal_statements import steps_as_text
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.transactions import Transactions
from tiercore.storage.versions import change_partners

_goal = table(GoalRow)


class Goals:
    """The goals of one database: one in force for each partner. Whoever may see the partner may change its goal."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def keep(self, user: SlackUser, plan: Plan) -> None:
        """Keep the plan as the partner's goal, in place of the one before. Raises InvalidChange and NotAllowed."""
        if not plan.feasible or not plan.steps:
            raise InvalidChange("There's no plan to keep: nothing has to be done, or nothing can be.")
        await self._transactions.write(lambda db, now: _keep(db, user, plan, now))

    async def withdraw(self, user: SlackUser, partner_id: str, goal_id: str) -> None:
        """Withdraw this goal of the partner. Raises InvalidChange where it isn't in force any more, and NotAllowed."""
        await self._transactions.write(lambda db, now: _withdraw(db, user, partner_id, goal_id, now))


def _keep(connection: Connection, user: SlackUser, plan: Plan, now: datetime) -> None:
    partner_id = plan.partner.partner_id
    _require(connection, user, partner_id)
    _end(connection, user, partner_id, now)
    row = {
        "goal_id": secrets.token_urlsafe(12),
        "partner_id": partner_id,
        "tier": plan.aim.tier.name,
        "day": plan.by.toordinal(),
        "kept_on": plan.as_of.toordinal(),
        "missing": points_missing(plan.aim.requirements),
        "steps": steps_as_text([_step(each, plan) for each in plan.steps]),
        "team_id": user.team_id,
        "created_by": user.user_id,
        "created_at": as_ms(now),
    }
    connection.execute(insert(_goal), [row])
    change_partners(connection, [partner_id])
    what = f"{plan.aim.tier.name} by {plan.by}"
    record(connection, now, f"{user.team_id}/{user.user_id}", "kept a goal", partner_id, what)


def _withdraw(connection: Connection, user: SlackUser, partner_id: str, goal_id: str, now: datetime) -> None:
    _require(connection, user, partner_id)
    if not _end(connection, user, partner_id, now, _goal.c.goal_id == goal_id):
        raise InvalidChange("This goal was withdrawn or replaced by another. Ask /plan.")
    change_partners(connection, [partner_id])
    record(connection, now, f"{user.team_id}/{user.user_id}", "withdrew a goal", partner_id, "")


def _require(connection: Connection, user: SlackUser, partner_id: str) -> None:
    person = identity_of(connection, user)
    if person is None or not (person.is_admin or partner_id in person.partners):
        raise NotAllowed("Only people who see this partner can change its goal.")


def _end(connection: Connection, user: SlackUser, partner_id: str, now: datetime, *only: ColumnElement[bool]) -> bool:
    """Withdraw what is in force, if it is the `only` one meant; whether there was something."""
    same = (_goal.c.partner_id == partner_id) & _goal.c.withdrawn_at.is_(None)
    values = {"withdrawn_at": as_ms(now), "withdrawn_by": user.user_id}
    return connection.execute(update(_goal).where(same, *only).values(values)).rowcount > 0


def _step(step: PlanStep, plan: Plan) -> GoalStep:
    return GoalStep(
        kind=step.kind.value,
        client=step.client.name if step.client else None,
        line=step.product_line,
        source=step.source.value if step.source else None,
        points=step.points,
        mrr=step.mrr.as_decimal() if step.mrr else None,
        currency=plan.cost.currency,
        last_day=step.last_day,
    )
