"""What is said when something was changed, or is asked to be."""

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import choice
from handlers.views.parts.formats import name, spoken
from handlers.views.replies import plain_reply
from tiercore.people.types import CODE_DAYS, LinkDecision, LinkRequest
from tiercore.program import Model

DO = "do"
TRY = (("Where do I stand?", "tier"), ("What am I missing?", "gap"), ("What expires soon?", "expiring"))


def doing(label: str, deed: str, about: str, *, primary: bool = False, aloud: str = "") -> dict[str, object]:
    """A button that does something; whoever clicks is looked up anew. `aloud` is for screen readers."""
    return blocks.button(label, f"{DO}:{deed}", about, primary=primary, label=aloud)


def onboarding(person: str) -> Message:
    """The first message after linking: three things to try."""
    said = f"Welcome, {name(person, 60)}. You're linked."
    lines = (
        blocks.line(blocks.code("/tier"), blocks.span(": where you stand, and the next tier's requirements")),
        blocks.line(blocks.code("/gap"), blocks.span(": what you're missing, in points and in money")),
        blocks.line(blocks.code("/expiring"), blocks.span(": what expires soon, client by client, and why")),
    )
    buttons = (choice(at, label, word, "", None) for at, (label, word) in enumerate(TRY))
    return Message(
        spoken(said, "Try /tier, /gap and /expiring. Only you see the answers."),
        [
            blocks.rich(blocks.line(blocks.bold(said), blocks.span(" Three things to try:")), blocks.bullets(lines)),
            blocks.actions(*buttons),
            blocks.context(["Only you see the answers. My Home tab has the whole dashboard. More: /tier help"]),
        ],
    )


def how_to_link() -> Message:
    """To someone whose e-mail is not known."""
    return plain_reply(
        "Which e-mail does your CAM have for you?",
        "Type /tier link YOUR-E-MAIL and your CAM or an admin will approve it. With a code from them: /tier link CODE.",
    )


def linked_already() -> Message:
    return plain_reply("You're already linked.", "/tier unlink removes the link.")


def asked_to_link(email: str) -> Message:
    """The same for every e-mail, known or not: who asks must not learn who is in people.csv."""
    what = f"You asked to be linked to {email}."
    return plain_reply(what, "I've passed this to your CAM and the admins. I'll message you when they decide.")


def request(asked: LinkRequest, seen: str | None) -> Message:
    """To those who may decide: the request, and whether the e-mail matches."""
    person = asked.person
    whom = f"{person.name} <{asked.email}>" if person else f"{asked.email} (not in people.csv)"
    user = {"type": "user", "user_id": asked.user.user_id}
    lines = [blocks.line(user, blocks.bold(" asks to be linked to "), blocks.span(name(whom, 150)))]
    lines.append(blocks.line(blocks.span(_evidence(asked.email, seen))))
    about = name(asked.email, 60)
    approve = doing("Approve", "approve", asked.request_id, primary=True, aloud=f"Approve: {about}")
    decline = doing("Decline", "decline", asked.request_id, aloud=f"Decline: {about}")
    what_to_do = "Approve or decline." if person else "Decline, or have them added to people.csv."
    return Message(
        spoken(f"Someone asks to be linked to {name(whom, 150)}.", _evidence(asked.email, seen), what_to_do),
        [blocks.rich(*lines), blocks.actions(*([approve] if person else []), decline)],
    )


def _evidence(email: str, seen: str | None) -> str:
    if seen is None:
        return "⚪ I can't see the e-mail in their Slack profile: check with them before you approve."
    if seen.lower() == email:
        return "🟢 Matches the e-mail in their Slack profile."
    return f"🔴 Doesn't match the e-mail in their Slack profile: {name(seen, 100)}."


def decided(done: LinkDecision) -> Message:
    """To the one who decided."""
    what = "is now linked to" if done.approved else "was not linked to"
    user = {"type": "user", "user_id": done.user.user_id}
    whom = f"{done.name} <{done.email}>" if done.name else done.email
    line = blocks.line(user, blocks.span(f" {what} {name(whom, 150)}. The audit log has a record of it."))
    return Message(spoken(f"{'Approved' if done.approved else 'Declined'}: {name(whom, 150)}."), [blocks.rich(line)])


def declined() -> Message:
    return plain_reply("Your request to be linked was declined.", "Ask your CAM why, or for a code: /tier link CODE.")


def unlinked(email: str) -> Message:
    return plain_reply(f"You're no longer linked to {email}.", "/tier link links you again.")


def code(email: str, made: str) -> Message:
    """A one-time code, shown once."""
    return plain_reply(
        f"{made} links whoever types it to {email}.",
        f"Give it only to them: they type /tier link {made} within {CODE_DAYS} days. It works once.",
    )


def channel_is_about(partner: str | None, *, new: bool = False) -> Message:
    """Which partner a channel is about."""
    if partner is None:
        what = "This channel is no longer about a partner." if new else "This channel isn't about a partner yet."
        return plain_reply(what, "/tier here PARTNER sets one (CAMs, CCs and admins).")
    what = f"This channel is about {partner}{' now' if new else ''}."
    return plain_reply(what, "Questions here are about it unless they name another. Who may see it hasn't changed.")


def preferred(model: Model | None) -> Message:
    """Which dashboard comes first; what every mention of it says: the tier is not touched."""
    which = f"the {'dollar' if model == 'dollars' else model} dashboard" if model else "whichever dashboard decides"
    return plain_reply(f"From now on, you see {which} first.", "This doesn't change your tier.")
