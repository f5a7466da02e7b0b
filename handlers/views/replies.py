"""What is said when there is no answer: what, why and what next."""

from collections import Counter
from collections.abc import Sequence

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ACTION, FORM, choice, value
from handlers.views.parts.formats import name, quiet
from tiercore.access import PartnerName, SlackUser

MOST_OPTIONS = 1_000
Suggestion = tuple[str, str, str, str | None]  # what the button says, and the question it asks: word, text, partner id


def plain_reply(what: str, why_and_next: str = "", suggestions: Sequence[Suggestion] = ()) -> Message:
    """A short reply, with a button for each suggestion. `what` and the rest may hold names: they are not live."""
    spans = [blocks.bold(name(what, 400))]
    if why_and_next:
        spans.append(blocks.span("\n" + name(why_and_next, 1500)))
    parts = [blocks.rich(blocks.line(*spans))]
    if suggestions:
        parts.append(blocks.actions(*(choice(index, *suggested) for index, suggested in enumerate(suggestions))))
    return Message(quiet(f"{what} {why_and_next}".strip()), parts)


def not_bound(user: SlackUser | None, pending_link_emails: Sequence[str] = ()) -> Message:
    """To someone who is tied to no person: how to get bound, or that it was `pending_link_emails` with an e-mail."""
    what = "I don't know yet who you are."
    if user is None:
        why = "No row of people.csv has that e-mail: import one that has (tierbot import FOLDER), or check it"
        return plain_reply(what, why + ".")
    how = "Ask to be linked, with the button or /tier link: your CAM or an admin decides."
    if pending_link_emails:
        how = f"You asked to be linked as {pending_link_emails[0]}: your CAM or an admin decides, and you are told."
    said = plain_reply(what, f"{how} With a code from them: /tier link CODE.")
    label = "Another e-mail" if pending_link_emails else "Link me"
    link = blocks.actions(blocks.button(label, f"{FORM}:link", "link", primary=not pending_link_emails))
    command = f"tierbot link --team {user.team_id} --user {user.user_id} --email E-MAIL"
    return Message(said.text, [*said.blocks, link, blocks.context([f"Operators can also run: {command}"])])


def which_partner(partners: Sequence[PartnerName], word: str, words: str) -> Message:
    """Several partners and none named: buttons for a few, a list for more."""
    title = "Which partner?"
    repeated = Counter(each.name for each in partners)
    labels = {each: f"{each.name} ({each.partner_id})" if repeated[each.name] > 1 else each.name for each in partners}
    if len(partners) <= 5:
        chosen = (choice(at, labels[each], word, words, each.partner_id) for at, each in enumerate(partners))
        element = blocks.actions(*chosen)
    else:
        options = [(name(labels[each], 75), value(word, words, each.partner_id)) for each in partners[:MOST_OPTIONS]]
        element = blocks.actions(blocks.select("Choose a partner", f"{ACTION}:list", options))
    hint = f"or name one: /{word} {words}".rstrip() + f" {name(partners[0].name, 40)}"
    return Message(title, [blocks.rich(blocks.line(blocks.bold(title), blocks.span(" Choose, " + hint))), element])


def in_plain_text(message: Message) -> str:
    """A reply's sentences and the labels of its buttons, on one line."""
    said = []
    for block in message.blocks:
        for part in block["elements"]:
            said += [each["text"].strip() for each in part.get("elements", ())]
            if part["type"] == "button":
                said.append(part["text"]["text"])
    return " ".join(said)
