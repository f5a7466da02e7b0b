"""The cards of a proposal, for whoever made it and whoever decides it, and its outcome."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.views import entries, tier_table
from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.described import Described, nobody_asked
from handlers.views.parts.formats import moment, name, spoken
from handlers.views.parts.surfaces import modal
from tiercore.approvals.types import WAITING_TIME, Part, Proposal, ProposalState, Shown
from tiercore.typed.proposed import PROPOSAL

APPROVE, DECLINE, WITHDRAW = "proposal-approve", "proposal-decline", "proposal-withdraw"
DECLINING, REASON, LONGEST_REASON = "proposal-declining", "reason", 300
# What each kind of proposal says.
DESCRIBED: dict[str, Callable[[Mapping[str, Any]], Described]] = {
    tier_table.KIND: tier_table.described,
    PROPOSAL: entries.described,
}
_ENDED = {
    ProposalState.APPROVED: "Approved",
    ProposalState.DECLINED: "Declined",
    ProposalState.WITHDRAWN: "Withdrawn",
    ProposalState.EXPIRED: "Expired",
}


def card(shown: Shown) -> Message:
    """What is proposed, by whom, its state, and the buttons for what this person can do about it. Once it is decided,
    that comes first.
    """
    proposal, described = shown.proposal, _described(shown.proposal)
    by = [blocks.bold("You proposed: ")] if shown.part is Part.PROPOSER else [*_proposer(proposal)]
    title, state = blocks.line(*by, blocks.span(described.title)), blocks.line(*_state(shown))
    parts: list[Block] = [blocks.rich(title), *described.blocks, blocks.rich(state)]
    if proposal.is_open:
        parts.append(blocks.actions(*_buttons(shown, described)))
    else:
        parts = [blocks.rich(state, title), *described.blocks]
    return Message(spoken(f"Proposed: {described.title}.", _spoken_state(shown)), parts)


def outcome(shown: Shown) -> Message:
    """How the proposal ended, as a reply to its card."""
    proposal, described = shown.proposal, _described(shown.proposal)
    after = described.done if proposal.state is ProposalState.APPROVED else "Nothing was changed."
    lines = [blocks.line(*_end(proposal), blocks.span(f": {described.title}. {after}"))]
    note = name(proposal.note, 500)
    if note and proposal.state is ProposalState.DECLINED:
        note = f"Why: {note}"
    if note:
        lines.append(blocks.line(blocks.span(note)))
    return Message(spoken(f"{_ENDED[proposal.state]}: {described.title}.", after, note), [blocks.rich(*lines)])


def decline_form(shown: Shown) -> dict[str, Any]:
    """The window in which a proposal is declined, with room for a reason."""
    element = {"type": "plain_text_input", "action_id": REASON, "max_length": LONGEST_REASON, "multiline": True}
    why: Block = {"type": "input", "block_id": REASON, "label": blocks.plain("Why?"), "element": element}
    why |= {"optional": True, "hint": blocks.plain("Whoever proposed it reads this.")}
    what = blocks.rich(blocks.line(blocks.bold(_described(shown.proposal).title)))
    view = {**modal("Decline", [what, why]), "callback_id": DECLINING, "submit": blocks.plain("Decline")}
    return {**view, "close": blocks.plain("Cancel"), "private_metadata": shown.proposal.value}


def declining() -> dict[str, Any]:
    """The window while a proposal is being declined."""
    return modal("Decline", [blocks.context("⏳ One moment …")])


def closed() -> Message:
    """The card of someone who has nothing to do with the proposal any more: no details, no buttons."""
    what = "There's nothing for you to decide here any more."
    return Message(what, [blocks.rich(blocks.line(blocks.span(what)))])


def _described(proposal: Proposal) -> Described:
    return DESCRIBED[proposal.kind](proposal.payload)


def _proposer(proposal: Proposal) -> list[blocks.Span]:
    if proposal.proposer is None:
        return [blocks.bold("The operator proposes, on the command line: ")]
    return [blocks.user(proposal.proposer.user_id), blocks.bold(" proposes: ")]


def _state(shown: Shown) -> list[blocks.Span]:
    """The state in a line, with what happens next while it is open."""
    proposal = shown.proposal
    if not proposal.is_open:
        return [*_end(proposal), blocks.span(".")]
    who = "the partner's CAM, its CC or an admin" if proposal.partner_id else "another admin"
    if proposal.alone_at is not None:
        when = moment(proposal.alone_at)
        return [
            blocks.span(f"Nobody else can approve this, so it applies on its own on {when} unless you withdraw it.")
        ]
    if shown.part is Part.PROPOSER and not shown.is_anybody_asked:
        return [blocks.span(nobody_asked(shown))]
    if shown.part is Part.PROPOSER:
        return [blocks.span(f"It applies once {who} approves it. I'll message you when they decide.")]
    return [blocks.span("It applies once you approve it.")]


def _spoken_state(shown: Shown) -> str:
    """The same without the mention of who decided, which a text doesn't have."""
    if shown.proposal.is_open or shown.proposal.decided_by == WAITING_TIME:
        return blocks.text_of(blocks.line(*_state(shown)))
    return f"{_ENDED[shown.proposal.state]}."


def _end(proposal: Proposal) -> list[blocks.Span]:
    what = _ENDED[proposal.state]
    if proposal.decider and proposal.state is not ProposalState.WITHDRAWN:
        return [blocks.bold(f"{what} by "), blocks.user(proposal.decider)]
    if proposal.decided_by == WAITING_TIME and proposal.state is ProposalState.APPROVED:
        return [blocks.bold("Applied after the waiting time")]
    return [blocks.bold(what)]


def _buttons(shown: Shown, described: Described) -> list[dict[str, object]]:
    value, label = shown.proposal.value, name(described.title, 50)
    if shown.part is Part.PROPOSER:
        return [change_button("Withdraw", WITHDRAW, value, aloud=f"Withdraw: {label}")]
    sure = blocks.confirmation("Approve this?", described.question, "Approve", "Not yet")
    return [
        change_button("Approve", APPROVE, value, primary=True, aloud=f"Approve: {label}", confirm=sure),
        blocks.button("Decline", f"{FORM}:{DECLINING}", value, label=f"Decline: {label}"),
    ]
