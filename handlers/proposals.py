"""The buttons of a proposal's card: approve, decline, withdraw. Each click is authorized again."""

from handlers.context import Context, Handler
from handlers.errors import EXPECTED, refusal
from handlers.payload import Body, field_of
from handlers.typed_command import TypedCommand
from handlers.views import proposals as view
from handlers.views.parts.blocks import Message
from tiercore.access import SlackUser
from tiercore.approvals.types import NoSuchProposal, Part, Shown, read_value


async def approve(context: Context, viewer: SlackUser, value: str) -> Message:
    """Approve what the card proposes: it is done in the same moment, or refused with the reason."""
    return view.card(Shown(await context.services.approvals.decide(viewer, value, approve=True), Part.DECIDER))


async def decline(context: Context, viewer: SlackUser, value: str) -> Message:
    """Decline what the card proposes."""
    return view.card(Shown(await context.services.approvals.decide(viewer, value, approve=False), Part.DECIDER))


async def decline_form(context: Context, viewer: SlackUser, value: str) -> Body:
    """The window that asks why. Raises NoSuchProposal for someone who has nothing to decide."""
    shown = await context.services.approvals.shown_to(viewer, read_value(value)[0])
    if shown is None or shown.part is not Part.DECIDER or not shown.proposal.is_open:
        raise NoSuchProposal
    return view.decline_form(shown)


async def decline_because(context: Context, viewer: SlackUser, submitted: Body) -> Message:
    """Decline what the window was about, with the reason typed there; or why it can't be declined."""
    value, note = str(submitted.get("private_metadata")), field_of(submitted, view.REASON)
    note, approvals = note.strip()[: view.LONGEST_REASON], context.services.approvals
    try:
        return view.card(Shown(await approvals.decide(viewer, value, approve=False, note=note), Part.DECIDER))
    except EXPECTED as error:
        return refusal(error, TypedCommand("tier"), viewer).message


async def withdraw(context: Context, viewer: SlackUser, value: str) -> Message:
    """Take back what the viewer proposed."""
    return view.card(Shown(await context.services.approvals.withdraw(viewer, value), Part.PROPOSER))


DECISIONS: dict[str, Handler] = {view.APPROVE: approve, view.DECLINE: decline, view.WITHDRAW: withdraw}
