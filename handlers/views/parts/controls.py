"""The controls under a message: one row of at most five, and a menu for the rest (slack#controls).

A message states its controls in order of importance. What a menu holds is the button itself: its action and its value,
which are read again when it is chosen, and grant as little as the button did.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM, QUESTIONS, SHARE, read_value, tabs, title_of

Element = dict[str, Any]
ROW = 5
OVERFLOW_LIMIT = 5
MORE = "more"
_SHARE_ACTION = f"{FORM}:{SHARE}"
_NO_TEXT = '"",'  # in a question's value, between its word and its partner
_BETWEEN = "|"  # no action_id has it


def answer_row(word: str, partner_id: str, *controls: Element) -> Block:
    """The row under an answer about a partner: its own controls, Share, and a menu of the other questions."""
    return control_row(*controls, share(), tabs=tabs(word, partner_id))


def control_row(*controls: Element, tabs: Element | None = None) -> Block:
    """The controls in one row, in order of importance; the last ones are in a menu where there are more than five.

    Menus, Share, buttons that ask again, and those whose value doesn't fit into a menu stay in the row.
    """
    shown, folded = list(controls), list[Element]()
    room = ROW - (tabs is not None)
    while len(shown) + bool(folded) > room and (last := next(filter(_is_foldable, reversed(shown)), None)):
        shown.remove(last)
        folded.insert(0, last)
    return blocks.actions(*shown, *([_left(tabs, shown)] if tabs else []), *([_menu(folded)] if folded else []))


def share() -> Element:
    """The Share button of an answer, whose question `addressed` fills in."""
    return blocks.button("Share", _SHARE_ACTION, SHARE, label="Share this answer, as it is now")


def share_of(question: str) -> Element:
    """The Share button of a message that isn't the answer to a command."""
    return {**share(), "value": question}


def addressed(message: Message, question: str) -> Message:
    """The message with the question that its Share button is about, as a button's value."""
    return replace(message, blocks=[_addressed(block, question) for block in message.blocks])


def _addressed(block: Block, question: str) -> Block:
    if block["type"] != "actions" or not any(_is_unaddressed(each) for each in block["elements"]):
        return block
    word = read_value(question)
    label = {"accessibility_label": f"Share: {title_of(word[0])}"} if word else {}
    found = [{**each, "value": question, **label} if _is_unaddressed(each) else each for each in block["elements"]]
    return {**block, "elements": found}


def _is_unaddressed(element: Element) -> bool:
    return bool(element.get("action_id") == _SHARE_ACTION and element.get("value") == SHARE)


def unfolded(value: object) -> tuple[str, str] | None:
    """The action and the value of the button behind a menu's option; None for any other text."""
    action_id, found, held = value.partition(_BETWEEN) if isinstance(value, str) else ("", "", "")
    return (action_id, held) if found else None


def without_tabs(found: Sequence[Block]) -> Iterator[Block]:
    """The blocks without the menus of other questions, for a page that has tabs of its own."""
    for block in found:
        if block["type"] != "actions":
            yield block
        elif left := [each for each in block["elements"] if each.get("action_id") != QUESTIONS]:
            yield {**block, "elements": left}


def _left(tabs: Element, shown: Sequence[Element]) -> Element:
    """The menu of questions without those that have a button in the row, whatever the button says beside the word.

    Values are compared as they are written (`choices.value`): no need to read a dozen for each answer.
    """
    _, _, partner = tabs["options"][0]["value"].partition(_NO_TEXT)
    values = [each["value"] for each in shown if each["type"] == "button"]
    asked = {_word(each) for each in values if each.endswith(f",{partner}")}
    return {**tabs, "options": [each for each in tabs["options"] if _word(each["value"]) not in asked]}


def _word(value: str) -> str:
    """The word of a question's value, as it is written there."""
    return value.partition(",")[0]


def _is_foldable(element: Element) -> bool:
    is_plain = element["type"] == "button" and "confirm" not in element and element["action_id"] != _SHARE_ACTION
    return is_plain and len(_held(element)) <= blocks.OPTION_VALUE_LIMIT


def _held(element: Element) -> str:
    return f"{element['action_id']}{_BETWEEN}{element['value']}"


def _menu(folded: Sequence[Element]) -> Element:
    options = [(each["text"]["text"], _held(each)) for each in folded]
    action_id = f"{MORE}:{folded[0]['action_id']}"
    if len(options) > OVERFLOW_LIMIT:
        return blocks.select("More", action_id, options)
    return blocks.overflow(action_id, options)
