"""What is said when something was changed, or is asked to be."""

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import choice
from handlers.views.parts.formats import name, quiet
from handlers.views.replies import plain_reply
from tiercore.people.types import CODE_DAYS, LinkDecision, LinkRequest
from tiercore.program import Model

DO = "do"
TRY = (("Where do I stand?", "tier"), ("What is missing?", "gap"), ("What lapses soon?", "expiring"))


def doing(label: str, deed: str, about: str, *, primary: bool = False) -> dict[str, object]:
    """A button that does something; whoever clicks is looked up anew."""
    return blocks.button(label, f"{DO}:{deed}", about, primary=primary)


def onboarding(person: str) -> Message:
    """First contact: who one is here, and the three things to try."""
    said = f"Welcome, {name(person, 60)}. You are linked now."
    lines = (
        blocks.line(blocks.code("/tier"), blocks.span(" – where you stand, and what the next tier asks for")),
        blocks.line(blocks.code("/gap"), blocks.span(" – what is missing, in points and in money")),
        blocks.line(blocks.code("/expiring"), blocks.span(" – what lapses soon, of which client and why")),
    )
    buttons = (choice(at, label, word, "", None) for at, (label, word) in enumerate(TRY))
    return Message(
        quiet(f"{said} Try /tier, /gap and /expiring."),
        [
            blocks.rich(blocks.line(blocks.bold(said), blocks.span(" Three things to try:")), blocks.bullets(lines)),
            blocks.actions(*buttons),
            blocks.context(["Answers are visible to you alone. My Home tab has the whole dashboard. /tier help"]),
        ],
    )


def how_to_link() -> Message:
    """To someone whose e-mail is not known."""
    return plain_reply(
        "Tell me the e-mail that your CAM knows you by.",
        "Type /tier link YOUR-E-MAIL and your CAM or an admin decides, or /tier link CODE with a code they gave you.",
    )


def linked_already() -> Message:
    return plain_reply("You are linked already.", "/tier unlink undoes it.")


def asked_to_link(email: str) -> Message:
    """The same for every e-mail, known or not: who asks must not learn who is in people.csv."""
    what = f"Your CAM or an admin decides whether you are {email}."
    return plain_reply(what, "They are written to in Slack if they are linked themselves. You hear from me then.")


def request(asked: LinkRequest, seen: str | None) -> Message:
    """To those who may decide: who asks to be whom, and what speaks for it."""
    person = asked.person
    whom = f"{person.name} <{asked.email}>" if person else f"{asked.email}, who is not in people.csv"
    user = {"type": "user", "user_id": asked.user.user_id}
    lines = [blocks.line(user, blocks.bold(" asks to be linked to "), blocks.span(name(whom, 150)))]
    lines.append(blocks.line(blocks.span(_evidence(asked.email, seen))))
    buttons = [doing("Approve", "approve", asked.request_id, primary=True)] if person else []
    return Message(
        quiet(f"Someone asks to be linked to {whom}."),
        [blocks.rich(*lines), blocks.actions(*buttons, doing("Decline", "decline", asked.request_id))],
    )


def _evidence(email: str, seen: str | None) -> str:
    if seen is None:
        return "⚪ The e-mail in their Slack profile is not visible to me: ask them before you approve."
    if seen.lower() == email:
        return "🟢 The e-mail in their Slack profile is the same."
    return f"🔴 The e-mail in their Slack profile is another: {name(seen, 100)}."


def decided(done: LinkDecision) -> Message:
    """To the one who decided."""
    what = "is now" if done.approved else "was not linked to"
    user = {"type": "user", "user_id": done.user.user_id}
    whom = f"{done.name} <{done.email}>" if done.name else done.email
    line = blocks.line(user, blocks.span(f" {what} {name(whom, 150)}. It is in the audit."))
    return Message(quiet(f"Decided: {whom}."), [blocks.rich(line)])


def declined() -> Message:
    return plain_reply("Your request to be linked was declined.", "Ask your CAM why, or try /tier link with a code.")


def unlinked(email: str) -> Message:
    return plain_reply(f"You are no longer linked to {email}.", "/tier link begins anew.")


def code(email: str, made: str) -> Message:
    """A one-time code, shown once."""
    return plain_reply(
        f"{made} links whoever types it to {email}.",
        f"Give it to them alone: they type /tier link {made} within {CODE_DAYS} days. It works once, and is not kept.",
    )


def channel_is_about(partner: str | None, *, new: bool = False) -> Message:
    """Which partner a channel is about."""
    if partner is None:
        what = "This channel is about no partner" + (" any more." if new else ".")
        return plain_reply(what, "/tier here PARTNER makes it about one (CAMs, CCs and admins).")
    what = f"This channel is about {partner}{' now' if new else ''}."
    return plain_reply(what, "Questions asked here that name no partner are about it. Who may see it stays as it was.")


def preferred(model: Model | None) -> Message:
    """Which dashboard comes first; what every mention of it says: the tier is not touched."""
    which = f"the {model} dashboard" if model else "the dashboard that decides on the day"
    return plain_reply(f"You see {which} first from now on.", "Opting in or out doesn't change the tier.")
