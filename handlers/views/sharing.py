"""Sharing an answer: the windows to choose where and to preview it, and the message that others then see."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import ALERT, value
from handlers.views.parts.formats import count, moment, name, spoken
from handlers.views.parts.surfaces import MAX_BLOCKS_IN_MESSAGE, TABLE, modal
from tiercore.sharing.types import LONGEST_COMMENT

CHOOSING, PREVIEW = "share-choosing", "share-preview"
CHANNEL, PERSON, COMMENT, CONFIRM = "share-channel", "share-person", "share-comment", "share-confirm"
AS_OF = "asof"
TITLE = "Share"
_ADDED = 3  # blocks that the shared message has in addition to the answer's


@dataclass(frozen=True, slots=True)
class Seen:
    """Who will see it, as the preview says it: the place, how many people there are (None for too many to list), how
    many of them can't see the partner otherwise, and whether another organization is there.
    """

    target: str
    people: int | None
    outsiders: int
    is_shared: bool
    is_about: bool = False


def choose_form(question: str) -> dict[str, Any]:
    """The window that asks where to share, and what to say about it."""
    channel = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": blocks.plain("Choose a channel"),
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"]},
    }
    person = {"type": "users_select", "action_id": PERSON, "placeholder": blocks.plain("Choose a person")}
    comment = {"type": "plain_text_input", "action_id": COMMENT, "multiline": True, "max_length": LONGEST_COMMENT}
    fields = [
        _field(CHANNEL, "Channel", channel, "tierbot has to be in it."),
        _field(PERSON, "Or one person", person, "tierbot sends it to them in a direct message."),
        _field(COMMENT, "Comment", comment, "Shown above the answer."),
    ]
    view = modal(TITLE, fields)
    return {**view, "callback_id": CHOOSING, "submit": blocks.plain("Preview"), "private_metadata": question}


def _field(block_id: str, label: str, element: dict[str, Any], hint: str) -> Block:
    texts = {"label": blocks.plain(label), "hint": blocks.plain(hint)}
    return {"type": "input", "block_id": block_id, "optional": True, **texts, "element": element}


def looking() -> dict[str, Any]:
    """The window while it is looked up who will see it, or while it is shared."""
    return modal(TITLE, [blocks.context("⏳ Looking at who is there …")])


def preview(found: list[Block], seen: Seen, partner: str, state: str, *, confirm: bool) -> dict[str, Any]:
    """The window that shows the message and who will see it; with `confirm`, a box to tick before it is shared."""
    lines = [blocks.line(*_who(seen)), *(blocks.line(blocks.span(each)) for each in _warnings(seen, partner))]
    shown: list[Block] = [blocks.rich(*lines)]
    if confirm:
        shown.append(_confirmation(seen, partner))
    shown += [{"type": "divider"}, *found[:90]]
    view = modal(TITLE, shown)
    return {
        **view,
        "callback_id": PREVIEW,
        "submit": blocks.plain("Share"),
        "close": blocks.plain("Cancel"),
        "private_metadata": state,
    }


def _who(seen: Seen) -> list[blocks.Span]:
    if seen.target.startswith(("U", "W")):
        return [blocks.bold("Only "), blocks.user(seen.target), blocks.bold(" will see this, from tierbot.")]
    people = "More than 1,000 people" if seen.people is None else count(seen.people, "person", "people")
    return [blocks.bold(f"{people} in "), blocks.channel(seen.target), blocks.bold(" will see this.")]


def _warnings(seen: Seen, partner: str) -> list[str]:
    """What to know before it is shared."""
    found = ["🔴 People of another organization are in this channel."] if seen.is_shared else []
    if seen.is_about:
        return [*found, f"🟢 This channel gets {partner}'s notifications already."]
    if seen.people is None:
        return [*found, f"⚪ I can't check whether all of them may see {partner}."]
    if seen.outsiders:
        return [*found, f"🔴 {_cant_see(seen)} {partner} otherwise."]
    return [*found, f"🟢 All of them may see {partner}."] if partner else found


def _cant_see(seen: Seen) -> str:
    people = count(seen.outsiders, "person", "people")
    return f"{people} of them can't see" if seen.people and seen.people > 1 else "They can't see"


def _confirmation(seen: Seen, partner: str) -> Block:
    whom = "everybody there" if seen.people is None else "them"
    if seen.outsiders and seen.people and seen.people > 1:
        whom = f"the {seen.outsiders} who can't see it otherwise" if seen.outsiders > 1 else "the one who can't"
    label = blocks.clip(f"Show {partner or 'this'} to {whom}", blocks.BUTTON_LIMIT)
    box = {"type": "checkboxes", "action_id": CONFIRM, "options": [{"text": blocks.plain(label), "value": "yes"}]}
    return {
        "type": "input",
        "block_id": CONFIRM,
        "optional": True,
        "label": blocks.plain("Are you sure?"),
        "element": box,
    }


def shared(message: Message, by: str, sharer: str, comment: str, at: datetime, question: str) -> Message:
    """The message that others see: who shared it and as of when, the comment, and the answer without its controls.

    Its one button asks the same question again, as of the same day, for whoever clicks.
    """
    stamp = f" · as of {moment(at)} · figures don't update"
    head = blocks.line(blocks.span("Shared by "), blocks.user(by), blocks.span(stamp))
    parts = [head]
    if comment:
        parts.append({"type": "rich_text_quote", "elements": [blocks.span(comment)]})
    again = blocks.button(
        "Ask this yourself", f"{AS_OF}:0", question, label="Ask this yourself: only you see the answer"
    )
    body = frozen(message)
    found = body.blocks[: MAX_BLOCKS_IN_MESSAGE - _ADDED]
    said = [f"“{name(comment, LONGEST_COMMENT)}”"] if comment else []
    text = spoken(f"{name(sharer)} shared, as of {moment(at)}:", *said, message.text)
    return Message(text, [blocks.rich(*parts), *found, blocks.actions(again)], body.charts)


def frozen(message: Message) -> Message:
    """The message without anything to click: no controls, no buttons in tables and sections."""
    return replace(message, blocks=[_frozen(each) for each in message.blocks if each["type"] != "actions"])


def _frozen(block: Block) -> Block:
    if block["type"] == TABLE:
        return {**block, "rows": _without_buttons(block["rows"])}
    return {key: held for key, held in block.items() if key not in ("accessory", "block_id")}


def _without_buttons(rows: Sequence[Sequence[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    clicked = {at for row in rows for at, cell in enumerate(row) if cell["type"] == "action_cell"}
    return [[cell for at, cell in enumerate(row) if at not in clicked] for row in rows]


def as_of_value(word: str, text: str, partner_id: str | None, day: date) -> str:
    """The question of a shared message, as of its day, as a button's value; an alert's is the partner's standing."""
    asked = value("tier", "", partner_id) if word == ALERT else value(word, text, partner_id)
    return json.dumps([day.isoformat(), asked], ensure_ascii=False, separators=(",", ":"))


def read_as_of(text: object) -> tuple[date, str] | None:
    """The day and the question in a button's value; None for any other text."""
    try:
        match json.loads(text) if isinstance(text, str) else None:
            case [str(day), str(question)]:
                return date.fromisoformat(day), question
    except (ValueError, RecursionError):
        return None
    return None


def on_its_way(seen: Seen) -> dict[str, Any]:
    """The window once it is shared."""
    where = blocks.user(seen.target) if seen.target.startswith(("U", "W")) else blocks.channel(seen.target)
    return modal(TITLE, [blocks.rich(blocks.line(blocks.bold("Shared with "), where, blocks.bold(".")))])


def not_shared(target: str, reason: str) -> Message:
    """To the sharer: what they shared was not sent after all."""
    where = blocks.user(target) if target.startswith(("U", "W")) else blocks.channel(target)
    line = blocks.line(
        blocks.bold("I didn't share your answer with "), where, blocks.bold("."), blocks.span(f" {reason}")
    )
    return Message(spoken("I didn't share your answer.", name(reason, 500)), [blocks.rich(line)])
