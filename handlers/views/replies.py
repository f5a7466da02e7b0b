"""Replies where there is no answer: what happened, why, and what to do next."""

from collections.abc import Sequence

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import FORM, choice, value
from handlers.views.parts.formats import listed, name, spoken
from handlers.views.parts.partner_menu import FEW, labelled, question_menu
from tiercore.access import PartnerName, SlackUser

_FEW = 5  # partners that have a button each
Suggestion = tuple[str, str, str, str | None]  # a button's label, and its question: word, text, partner id


def plain_reply(what: str, why_and_next: str = "", suggestions: Sequence[Suggestion] = ()) -> Message:
    """A short reply with a button per suggestion. The texts may contain names: nothing in them is markup."""
    spans = [blocks.bold(name(what, 400))]
    if why_and_next:
        spans.append(blocks.span("\n" + name(why_and_next, 1500)))
    parts = [blocks.rich(blocks.line(*spans))]
    if suggestions:
        parts.append(blocks.actions(*(choice(index, *suggested) for index, suggested in enumerate(suggestions))))
    offered = f"You can choose: {listed([name(each[0]) for each in suggestions], 'or')}." if suggestions else ""
    return Message(spoken(name(what, 400), name(why_and_next, 1500), offered), parts)


def not_linked(user: SlackUser | None, pending_link_emails: Sequence[str] = ()) -> Message:
    """To someone who isn't linked: how to link, or that their request for `pending_link_emails` is undecided."""
    if user is None:
        why = "Check the address, or add a row with it and import the folder again (tierbot import FOLDER)."
        return plain_reply("people.csv has no one with that e-mail.", why)
    what = "I don't know who you are yet."
    how = "Press Link me or type /tier link, and your CAM or an admin will approve it."
    if pending_link_emails:
        what = f"You asked to be linked to {pending_link_emails[0]}."
        how = "Your CAM or an admin still has to approve it. I'll message you when they decide."
    reply = plain_reply(what, f"{how} If they gave you a code: /tier link CODE.")
    label = "Use another e-mail" if pending_link_emails else "Link me"
    link = blocks.actions(blocks.button(label, f"{FORM}:link", "link", primary=not pending_link_emails))
    ids = f"Your Slack IDs, if an admin asks for them: team {user.team_id}, user {user.user_id}"
    return Message(reply.text, [*reply.blocks, link, blocks.context(ids)])


def which_partner(partners: Sequence[PartnerName], word: str, words: str) -> Message:
    """Asks which of several partners is meant: buttons for up to five, a menu for more. A question that is too long for
    a menu has to name its partner.
    """
    title = "Which partner?"
    if len(partners) <= _FEW:
        few = labelled(partners)
        element = blocks.actions(*(choice(at, label, word, words, id_) for at, (label, id_) in enumerate(few)))
        which = listed([label for label, _ in few], "or")
    else:
        if any(len(value(word, words, each.partner_id)) > blocks.OPTION_VALUE_LIMIT for each in partners[:FEW]):
            return plain_reply(title, f"Type its name after the question, like /{word} … for {partners[0].name}.")
        element = blocks.actions(question_menu("Choose a partner", word, words, partners))
        which = f"{len(partners):,} of them"
    hint = f"or name it: /{word} {words}".rstrip() + f" {name(partners[0].name, 40)}"
    text = spoken(title, f"Choose one ({which}), {hint}.")
    return Message(text, [blocks.rich(blocks.line(blocks.bold(title), blocks.span(" Choose one, " + hint))), element])


def in_plain_text(message: Message) -> str:
    """The reply's sentences and its buttons' labels, on one line."""
    texts = []
    for block in message.blocks:
        for part in block["elements"]:
            texts += [each["text"].strip() for each in part.get("elements", ())]
            if part["type"] == "button":
                texts.append(part["text"]["text"])
    return " ".join(texts)
