"""Buttons of goals: keep a plan as the partner's goal, and withdraw it. Each click is authorized again."""

from typing import TYPE_CHECKING

from handlers.commands import plan
from handlers.context import Context, Handler
from handlers.parsing.words import require_short
from handlers.question import AnswerContext, InvalidInput, ParseContext
from handlers.views.answers.plan import KEEP
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import read_value
from handlers.views.parts.formats import day, escaped, tier
from handlers.views.parts.goal import WITHDRAW
from handlers.views.replies import plain_reply
from tiercore.people.types import InvalidChange

if TYPE_CHECKING:
    from tiercore.access import Grant, SlackUser


async def keep(context: Context, viewer: "SlackUser", value: str) -> Message:
    """Plan again with today's data, and keep that plan as the goal of the partner that the button names."""
    text, grant = await _read(context, viewer, value)
    require_short(text)
    today, program = context.today(), context.answers.program
    reading = plan.parse(text, ParseContext(today, program.tier_names))[0]
    if isinstance(reading.request, InvalidInput):
        raise reading.request
    found = await plan.planned(context.answers, grant, reading.request, AnswerContext(today, brief=False))
    await context.services.goals.keep(viewer, found)
    what = f"{tier(found.aim.tier.name)} by {day(found.by)}"
    return plain_reply(
        f"{what} is now the goal of {escaped(grant.partner.name)}.",
        "Home and the digest show the way made towards it, and an alert is sent if it gets off track.",
    )


async def withdraw(context: Context, viewer: "SlackUser", value: str) -> Message:
    """Withdraw the goal that the button names, if it is still in force."""
    goal_id, grant = await _read(context, viewer, value)
    await context.services.goals.withdraw(viewer, grant.partner.partner_id, goal_id)
    return plain_reply(f"{escaped(grant.partner.name)} has no goal any more.")


async def _read(context: Context, viewer: "SlackUser", value: str) -> "tuple[str, Grant]":
    """The text in the button's value, and a grant for its partner if the viewer may see it."""
    found = read_value(value)
    if found is None or found[2] is None:
        raise InvalidChange("This button can't be used any more. Ask /plan again.")
    return found[1], (await context.answers.reach(viewer)).grant_of(found[2])


GOAL_CLICKS: dict[str, Handler] = {KEEP: keep, WITHDRAW: withdraw}
