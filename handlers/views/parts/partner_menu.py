"""The choice of a partner: a menu of all where they are few, else a search while one types (slack#menus)."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.choices import ACTION, value
from handlers.views.parts.formats import name
from tiercore.access import PartnerName

Element = dict[str, Any]
FEW = 100  # options in one of Slack's lists, and in the answer to a search
FIND = "find"
_ACTION_ID_LIMIT = 255
_LONGEST_ID = "0" * 40


def partner_menu(
    placeholder: str,
    family: str,
    question: Sequence[str],
    partners: Sequence[PartnerName],
    as_value: Callable[[str], str],
    chosen: PartnerName | None = None,
) -> Element:
    """A menu whose choice is `as_value` of a partner's ID, with the partner that is `chosen` at first.

    Of more than FEW partners it is a search. What it asks about is in its action_id, `family:find:question`, since
    that is all that a search tells of the menu; where the question is too long for that, it is a menu of the first
    partners.
    """
    action_id = f"{family}:{FIND}:{json.dumps(question, ensure_ascii=False, separators=(',', ':'))}"
    fits = len(action_id) <= _ACTION_ID_LIMIT and len(as_value(_LONGEST_ID)) <= blocks.OPTION_VALUE_LIMIT
    if len(partners) <= FEW or not fits:
        options = [(label, as_value(partner_id)) for label, partner_id in labelled(partners[: blocks.MENU_LIMIT])]
        held = as_value(chosen.partner_id) if chosen else None
        return blocks.select(placeholder, f"{family}:list", options, held, count=len(partners))
    element: Element = {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": blocks.plain(f"{placeholder}: type a part of its name", 150),
        "min_query_length": 0,
    }
    return {**element, "initial_option": option(chosen.name, as_value(chosen.partner_id))} if chosen else element


def question_menu(placeholder: str, word: str, words: str, partners: Sequence[PartnerName]) -> Element:
    """The choice of the partner that a question is about."""
    return partner_menu(placeholder, ACTION, (word, words), partners, lambda each: value(word, words, each))


def searched(action_id: str, family: str) -> list[str] | None:
    """The question of the search with this action_id; None for any other menu's."""
    start = f"{family}:{FIND}:"
    try:
        match json.loads(action_id.removeprefix(start)) if action_id.startswith(start) else None:
            case [*parts] if parts and all(isinstance(each, str) for each in parts):
                return parts
    except (ValueError, RecursionError):
        pass
    return None


def options(partners: Sequence[PartnerName], as_value: Callable[[str], str]) -> list[Element]:
    """What a search answers: an option per partner; one whose value doesn't fit is left out."""
    found = [(label, as_value(partner_id)) for label, partner_id in labelled(partners[:FEW])]
    return [option(label, each) for label, each in found if len(each) <= blocks.OPTION_VALUE_LIMIT]


def option(label: str, held: str) -> Element:
    """An option of a search."""
    return {"text": blocks.plain(name(label, blocks.BUTTON_LIMIT), blocks.BUTTON_LIMIT), "value": held}


def labelled(partners: Sequence[PartnerName]) -> list[tuple[str, str]]:
    """Each partner's name and ID; the name with its ID where several have the same."""
    repeated = Counter(each.name for each in partners)
    return [
        (name(f"{each.name} ({each.partner_id})" if repeated[each.name] > 1 else each.name, 75), each.partner_id)
        for each in partners
    ]
