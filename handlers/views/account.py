"""Replies to changes of an account or a channel, and to requests for one."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message, Span
from handlers.views.parts.choices import choice
from handlers.views.parts.formats import name, spoken
from handlers.views.replies import plain_reply
from tiercore.people.types import CODE_DAYS, ChannelMoved, LinkDecision, LinkRequest
from tiercore.program import Model

DO = "do"
TRY = (("Where do I stand?", "tier"), ("What am I missing?", "gap"), ("What expires soon?", "expiring"))


def change_button(
    label: str,
    action: str,
    value: str,
    *,
    primary: bool = False,
    aloud: str = "",
    confirm: dict[str, Any] | None = None,
) -> dict[str, object]:
    """A button that changes something; the clicker's rights are looked up. `aloud` is for screen readers."""
    return blocks.button(label, f"{DO}:{action}", value, primary=primary, label=aloud, confirm=confirm)


def onboarding(person: str) -> Message:
    """The first message after linking: three things to try."""
    welcome = f"Welcome, {name(person, 60)}. You're linked."
    lines = (
        blocks.line(blocks.code("/tier"), blocks.span(": where you stand, and the next tier's requirements")),
        blocks.line(blocks.code("/gap"), blocks.span(": what you're missing, in points and in money")),
        blocks.line(blocks.code("/expiring"), blocks.span(": what expires soon, client by client, and why")),
    )
    buttons = (choice(at, label, word, "", None) for at, (label, word) in enumerate(TRY))
    return Message(
        spoken(welcome, "Try /tier, /gap and /expiring. Only you see the answers."),
        [
            blocks.rich(blocks.line(blocks.bold(welcome), blocks.span(" Three things to try:")), blocks.bullets(lines)),
            blocks.actions(*buttons),
            blocks.context("Only you see the answers. My Home tab has the whole dashboard. More: /tier help"),
        ],
    )


def how_to_link() -> Message:
    """To someone who didn't give an e-mail, and has none that is visible in Slack."""
    return plain_reply(
        "Which e-mail does your CAM have for you?",
        "Type /tier link YOUR-E-MAIL and your CAM or an admin will approve it. With a code from them: /tier link CODE.",
    )


def linked_already() -> Message:
    return plain_reply("You're already linked.", "/tier unlink removes the link.")


def asked_to_link(email: str) -> Message:
    """The same reply for every e-mail, so that nobody can find out who is in people.csv."""
    what = f"You asked to be linked to {email}."
    return plain_reply(what, "I've passed this to your CAM and the admins. I'll message you when they decide.")


def request(link_request: LinkRequest, slack_email: str | None, where: str = "") -> Message:
    """To the people who may approve it: the request, and whether the e-mail matches their Slack profile's. `where` is
    the name of the user's workspace if it is another one than the reader's, in which a mention says nothing.

    Approving is the green button only where it does. Elsewhere it is the second button, and Slack asks again.
    """
    person = link_request.person
    whom = f"{person.name} <{link_request.email}>" if person else f"{link_request.email} (not in people.csv)"
    user = _who(link_request.user.user_id, where)
    lines = [blocks.line(user, blocks.bold(" asks to be linked to "), blocks.span(name(whom, 150)))]
    lines.append(blocks.line(blocks.span(_evidence(link_request.email, slack_email))))
    label = name(link_request.email, 60)
    matches = slack_email is not None and slack_email.lower() == link_request.email
    approve = change_button(
        "Approve" if matches else "Approve anyway",
        "approve",
        link_request.request_id,
        primary=matches,
        aloud=f"Approve: {label}",
        confirm=None if matches else _are_you_sure(link_request.email, slack_email),
    )
    decline = change_button("Decline", "decline", link_request.request_id, aloud=f"Decline: {label}")
    buttons = (approve, decline) if matches else (decline, approve)
    what_to_do = "Approve or decline." if person else "Decline, or have them added to people.csv."
    return Message(
        spoken(
            f"Someone{_in(where)} asks to be linked to {name(whom, 150)}.",
            _evidence(link_request.email, slack_email),
            what_to_do,
        ),
        [blocks.rich(*lines), blocks.actions(*(buttons if person else (decline,)))],
    )


def _are_you_sure(email: str, slack_email: str | None) -> dict[str, Any]:
    """Asks again before someone is linked to an e-mail that isn't known to be theirs. Names both."""
    theirs = f"Their Slack profile has {name(slack_email, 80)}" if slack_email else "I can't see their profile's e-mail"
    question = f"{theirs}, and they ask for {name(email, 80)}. They will see everything that person may see."
    return blocks.confirmation("Is this the same person?", question, "Yes, link them", "Don't link")


def _evidence(email: str, slack_email: str | None) -> str:
    if slack_email is None:
        return "⚪ I can't see the e-mail in their Slack profile: check with them before you approve."
    if slack_email.lower() == email:
        return "🟢 Matches the e-mail in their Slack profile."
    return f"🔴 Doesn't match the e-mail in their Slack profile: {name(slack_email, 100)}."


def _who(user_id: str, where: str) -> Span:
    """Who it is: a mention, or that it is somebody in another workspace."""
    return blocks.bold(f"Someone{_in(where)}") if where else blocks.user(user_id)


def _in(where: str) -> str:
    return f" in the workspace {name(where, 60)}" if where else ""


def decided(decision: LinkDecision, where: str = "") -> Message:
    """To the person who decided; `where` as for `request`."""
    what = "is now linked to" if decision.approved else "was not linked to"
    user = _who(decision.user.user_id, where)
    whom = f"{decision.name} <{decision.email}>" if decision.name else decision.email
    line = blocks.line(user, blocks.span(f" {what} {name(whom, 150)}. The audit log has a record of it."))
    return Message(
        spoken(f"{'Approved' if decision.approved else 'Declined'}: {name(whom, 150)}."), [blocks.rich(line)]
    )


def declined() -> Message:
    return plain_reply("Your request to be linked was declined.", "Ask your CAM why, or for a code: /tier link CODE.")


def unlinked(email: str) -> Message:
    return plain_reply(f"You're no longer linked to {email}.", "/tier link links you again.")


def code(email: str, link_code: str) -> Message:
    """A one-time code, shown once."""
    return plain_reply(
        f"{link_code} links whoever types it to {email}.",
        f"Give it only to them: they type /tier link {link_code} within {CODE_DAYS} days. It works once.",
    )


def channel_is_about(partner: str | None, *, new: bool = False) -> Message:
    """Which partner a channel is about."""
    if partner is None:
        what = "This channel is no longer about a partner." if new else "This channel isn't about a partner yet."
        return plain_reply(what, "/tier here PARTNER sets one (CAMs, CCs and admins).")
    what = f"This channel is about {partner}{' now' if new else ''}."
    return plain_reply(what, "Questions here are about it unless they name another. Who may see it hasn't changed.")


def confirm_shared(partner: str, partner_id: str) -> Message:
    """Asks whether a channel that another organization is in is to be about a partner."""
    called = name(partner, 100)
    what = f"People of another organization are in this channel. Is it about {called}?"
    after = "Its digests and alerts can then be sent here, where everybody reads them, and I'll say so in the channel."
    button = change_button("Yes, make it so", "confirm_here", partner_id, primary=True, aloud=f"Yes, about {called}")
    asked = [blocks.rich(blocks.line(blocks.bold(what))), blocks.context(after), blocks.actions(button)]
    return Message(spoken(what, after), asked)


def shared_is_about(partner: str, by: str) -> Message:
    """The notice in a channel of two organizations, to both: which partner it is about."""
    about = f"This channel is now about {name(partner, 100)}."
    after = "Its digests and alerts can be sent here. Answers to commands stay visible only to whoever asks."
    line = blocks.line(blocks.bold(about), blocks.span(" Confirmed by "), blocks.user(by), blocks.span("."))
    return Message(spoken(about, after), [blocks.rich(line), blocks.context(after)])


def channel_moved(moved: ChannelMoved, partner: str, *, is_now: bool) -> Message:
    """To those who look after a partner: a channel is now about it, or no longer. Names no other partner."""
    called = name(partner, 100)
    about = f" is now about {called}." if is_now else f" is no longer about {called}."
    first = blocks.line(blocks.channel(moved.channel_id), blocks.span(f"{about} Changed by "), blocks.user(moved.by))
    if is_now:
        next_step = "Its digests and alerts can be set there: /digest here."
        return Message(spoken(f"A channel{about}", next_step), [blocks.rich(first), blocks.context(next_step)])
    lost = f"Digests and alerts there no longer cover {called}."
    ask = blocks.line(blocks.span(f"{lost} If this is a mistake, ask "), blocks.user(moved.by), blocks.span("."))
    return Message(spoken(f"A channel{about}", lost), [blocks.rich(first, ask)])


def preferred(model: Model | None) -> Message:
    """Which dashboard the viewer sees first from now on."""
    which = f"the {'dollar' if model == 'dollars' else model} dashboard" if model else "whichever dashboard decides"
    return plain_reply(f"From now on, you see {which} first.", "This doesn't change any tier.")
