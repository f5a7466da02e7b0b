"""What is said when a workspace arrives: to whoever installed the app, to colleagues there, and to the program."""

from collections.abc import Sequence
from typing import Any

from handlers.views.first_steps import COLLEAGUES, INVITE, checklist
from handlers.views.modals import FIELD
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ACTION, FORM, value
from handlers.views.parts.formats import count, listed, name, spoken
from handlers.views.parts.surfaces import modal
from handlers.views.replies import plain_reply
from tiercore.access import PartnerName
from tiercore.first_steps import steps_of_partner
from tiercore.workspaces.types import INVITATION_DAYS, Arrival, Arrived

_FEW = 5  # names that are listed


def steps(arrival: Arrival, lacks: Sequence[str], title: str = "Set up tierbot here.") -> Message:
    """The three steps in a partner's workspace, with what is missing there and who the CAM is."""
    return checklist(steps_of_partner(arrival.found), title, [*_notes(arrival), *_lacking(lacks)])


def installed(arrival: Arrival, lacks: Sequence[str]) -> Message:
    """To whoever installed the app in a partner's workspace."""
    return steps(arrival, lacks, f"tierbot is installed in {name(arrival.workspace.name)}.")


def installed_for_program(workspace: str, lacks: Sequence[str]) -> Message:
    """To whoever installed the app in a workspace of the program, where nothing is left to set up."""
    what = plain_reply(f"tierbot is installed in {name(workspace)}.", "Type /tier link here. An admin approves it.")
    notes = _lacking(lacks)
    return Message(spoken(what.text, *notes), [*what.blocks, *([blocks.context(*notes)] if notes else [])])


def _notes(arrival: Arrival) -> list[str]:
    notes = []
    if arrival.cams:
        what = "Your CAM" if len(arrival.cams) == 1 else "Your CAMs"
        notes.append(f"{what}: {listed([name(each, 60) for each in arrival.cams[:_FEW]])}")
    if not arrival.workspace.partners:
        notes.append("This workspace isn't tied to your company yet: ask your partner program to do that")
    return notes


def _lacking(lacks: Sequence[str]) -> list[str]:
    """What doesn't work because Slack didn't grant a scope."""
    if not lacks:
        return []
    what = "Slack didn't grant everything that tierbot asks for. Install it again to allow more. Until then"
    return [f"{what}: {'; '.join(lacks)}"]


def counts_elsewhere(email: str) -> Message:
    """To someone of the program who is linked in a partner's workspace."""
    return plain_reply(
        f"You're linked to {email}, but your role counts only in your program's own workspace.",
        "Ask there. What I show here is for the people of this company.",
    )


def for_the_programs_people() -> Message:
    """To someone in a partner's workspace who asks for what only the program's people can do."""
    return plain_reply("That's for the people of your partner program.", "/tier help shows what you can ask here.")


def colleagues_form() -> dict[str, Any]:
    """A form for the colleagues to invite."""
    element = {"type": "multi_users_select", "action_id": FIELD, "placeholder": blocks.plain("Choose people")}
    hint = "Each gets a message with a button to link themselves. They see nothing until your CAM approves it."
    block = {
        "type": "input",
        "block_id": FIELD,
        "label": blocks.plain("Which colleagues?"),
        "hint": blocks.plain(hint),
        "element": element,
    }
    return {**modal("Invite colleagues", [block]), "callback_id": COLLEAGUES, "submit": blocks.plain("Invite")}


def colleagues_invited(asked: int, new: int) -> Message:
    """How many colleagues get a message."""
    if not new:
        return plain_reply("They were invited before.", "They can type /tier link at any time.")
    again = f" The other {asked - new} were invited before." if asked > new else ""
    return plain_reply(f"{count(new, 'colleague')} will get a message from me.{again}")


def colleague(user_id: str) -> Message:
    """To a colleague whom somebody invited."""
    what = " invites you to tierbot: it says where your company stands in its partner program."
    link = blocks.actions(blocks.button("Link me", f"{FORM}:link", "link", primary=True))
    how = "Your CAM approves it once. Only you see the answers to what you ask."
    line = blocks.line(blocks.user(user_id), blocks.span(what))
    return Message(spoken(f"A colleague{what}", how), [blocks.rich(line), link, blocks.context(how)])


def has_installed(arrived: Arrived, partner: PartnerName | None) -> Message:
    """To the partner's CAM, or whoever invited it: the app is there, and what comes next."""
    said = f"{name(arrived.workspace.name)} has installed tierbot{_for(arrived, partner)}."
    how = _next(arrived)
    return _with_buttons(said, how, partner, invites=not arrived.linked)


def has_linked(arrived: Arrived, first: str, partner: PartnerName | None) -> Message:
    """To the same people: somebody there, the first one, sees figures now."""
    said = f"{name(first, 60)} is the first person linked in {name(arrived.workspace.name)}{_for(arrived, partner)}."
    how = "They can ask about their company from now on. Their colleagues link themselves, and you approve."
    return _with_buttons(said, how, partner, invites=False)


def _for(arrived: Arrived, partner: PartnerName | None) -> str:
    called = partner and partner.name != arrived.workspace.name
    return f" (for {name(partner.name)})" if partner and called else ""


def _next(arrived: Arrived) -> str:
    if arrived.linked:
        return f"{listed([name(each, 60) for each in [*arrived.linked.values()][:_FEW]])} can ask there already."
    if not arrived.workspace.partners:
        return "Next: the operator ties it to a partner (tierbot workspaces tie)."
    return "Next: somebody there types /tier link, and I ask you to approve it. Or make a code for them."


def _with_buttons(said: str, how: str, partner: PartnerName | None, *, invites: bool) -> Message:
    buttons = []
    if invites and partner:
        buttons.append(blocks.button("Make a code", f"{FORM}:{INVITE}", INVITE, primary=True))
    if partner:
        standing = value("tier", "", partner.partner_id)
        buttons.append(blocks.button("Where they stand", f"{ACTION}:tier", standing))
    shown = [blocks.rich(blocks.line(blocks.bold(said), blocks.span(f"\n{how}")))]
    return Message(spoken(said, how), [*shown, *([blocks.actions(*buttons)] if buttons else [])])


def invitation(partner: str, link: str) -> Message:
    """The link with which a partner installs the app in its own workspace, shown once."""
    said = f"With this link, {name(partner)} installs tierbot in its own Slack workspace."
    how = (
        f"Send it to whoever runs Slack there. It works once, within {INVITATION_DAYS} days, and ties that workspace "
        f"to {name(partner)}. I'll tell you when they have installed it."
    )
    preformatted = {"type": "rich_text_preformatted", "elements": [blocks.span(link)]}
    return Message(
        spoken(said, f"{link} .", how),
        [blocks.rich(blocks.line(blocks.bold(said)), preformatted, blocks.line(blocks.span(how)))],
    )
