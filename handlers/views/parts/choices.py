"""Buttons and lists that ask a question: their value is what the person would type, and is checked as if typed."""

import json
from functools import lru_cache
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.formats import name

ACTION = "ask"
FORM = "form"
OPEN = "open"
WHY_COMBINED = "Why? The credits behind the combined points"
LABELS = {
    "tier": "Standing",
    "gap": "Gap",
    "expiring": "Expiring",
    "progress": "Progress",
    "clients": "Clients",
    "changes": "Changes",
    "recalibration": "Recalibration",
}


def title_of(word: str) -> str:
    """What a window with the question's answer is called."""
    return LABELS.get(word) or ("Why?" if word == "why" else word.capitalize())


def value(word: str, text: str, partner_id: str | None) -> str:
    """A question as a button's value. It carries no authority: whoever clicks is asked who they are."""
    return json.dumps([word, text, partner_id], ensure_ascii=False, separators=(",", ":"))


def read_value(text: object) -> tuple[str, str, str | None] | None:
    """The question that a value carries, None for anything that is not one of ours."""
    try:
        match json.loads(text) if isinstance(text, str) else None:
            case [str(word), str(words), (str() | None) as partner_id]:
                return word, words, partner_id
    except (ValueError, RecursionError):
        return None
    return None


def choice(index: int, label: str, word: str, text: str, partner_id: str | None, *, aloud: str = "") -> dict[str, Any]:
    """A button that asks a question; `index` tells the buttons of one row apart, `aloud` is for screen readers."""
    carried = value(word, text, partner_id)
    return blocks.button(name(label, blocks.BUTTON_LIMIT), f"{ACTION}:{index}", carried, label=aloud)


def opener(label: str, word: str, text: str, partner_id: str, index: int = 0, *, aloud: str = "") -> dict[str, Any]:
    """A button whose answer opens in a window of its own; `index` tells the buttons of one message apart, `aloud` is
    for screen readers.
    """
    carried = value(word, text, partner_id)
    return blocks.button(name(label, blocks.BUTTON_LIMIT), f"{OPEN}:{word}:{index}", carried, label=aloud)


@lru_cache(maxsize=4_096)
def tabs(current: str, partner_id: str) -> dict[str, Any]:
    """The questions about one partner as a row of buttons, the one shown standing out.

    The same row is given again for the same partner: it is not to be changed.
    """
    row = blocks.actions(
        *(
            blocks.button(label, f"{ACTION}:{word}", value(word, "", partner_id), primary=word == current)
            for word, label in LABELS.items()
        )
    )
    return {**row, "block_id": "tabs"}
