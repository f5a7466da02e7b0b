"""The buttons of a proposal's card: approve, decline, withdraw. Each click is authorized again."""

from handlers.context import Context, Handler
from handlers.views import proposals as view
from handlers.views.parts.blocks import Message
from tiercore.access import SlackUser
from tiercore.approvals.types import Part, Shown


async def approve(context: Context, viewer: SlackUser, value: str) -> Message:
    """Approve what the card proposes: it is done in the same moment, or refused with the reason."""
    return view.card(Shown(await context.services.approvals.decide(viewer, value, approve=True), Part.DECIDER))


async def decline(context: Context, viewer: SlackUser, value: str) -> Message:
    """Decline what the card proposes."""
    return view.card(Shown(await context.services.approvals.decide(viewer, value, approve=False), Part.DECIDER))


async def withdraw(context: Context, viewer: SlackUser, value: str) -> Message:
    """Take back what the viewer proposed."""
    return view.card(Shown(await context.services.approvals.withdraw(viewer, value), Part.PROPOSER))


DECISIONS: dict[str, Handler] = {view.APPROVE: approve, view.DECLINE: decline, view.WITHDRAW: withdraw}
