"""Buttons and menus that ask a question: their value is what the viewer would type, and is parsed like it."""

from functools import cache
from typing import Any

import orjson

from handlers.views.parts import blocks
from handlers.views.parts.formats import name

ACTION = "ask"
QUESTIONS = f"{ACTION}:questions"
FLAG = "flag"
SHARE = "share"
ALERT = "alert"  # in the place of a question's word: the alert of this name
FORM = "form"
OPEN = "open"
WHAT_IF = "whatif"
TRY = "Try a what-if"
WHY_COMBINED = "Why? The credits behind the combined points"
LABELS = {
    "tier": "Standing",
    "gap": "Gap",
    "plan": "Plan",
    "expiring": "Expiring",
    "progress": "Progress",
    "pipeline": "Pipeline",
    "clients": "Clients",
    "changes": "Changes",
    "recalibration": "Recalibration",
}


def title_of(word: str) -> str:
    """The title of a modal with the question's answer."""
    return LABELS.get(word) or {"why": "Why?", WHAT_IF: "What if"}.get(word) or word.capitalize()


def value(word: str, text: str, partner_id: str | None) -> str:
    """A question as a button's value. It grants nothing: what the person who clicks may see is looked up."""
    return orjson.dumps([word, text, partner_id]).decode()


def read_value(text: object) -> tuple[str, str, str | None] | None:
    """The question that a value carries, None for any other text."""
    try:
        match orjson.loads(text) if isinstance(text, str) else None:
            case [str(word), str(words), (str() | None) as partner_id]:
                return word, words, partner_id
    except ValueError:
        return None
    return None


def choice(index: int, label: str, word: str, text: str, partner_id: str | None, *, aloud: str = "") -> dict[str, Any]:
    """A button that asks a question; `index` is unique within its row, `aloud` is for screen readers."""
    question = value(word, text, partner_id)
    return blocks.button(name(label, blocks.BUTTON_LIMIT), f"{ACTION}:{index}", question, label=aloud)


def opener(label: str, word: str, text: str, partner_id: str, index: int = 0, *, aloud: str = "") -> dict[str, Any]:
    """A button whose answer opens in a modal; `index` is unique within its message, `aloud` is for screen readers."""
    question = value(word, text, partner_id)
    return blocks.button(name(label, blocks.BUTTON_LIMIT), f"{OPEN}:{word}:{index}", question, label=aloud)


def flag_button(partner_id: str, client_id: str = "") -> dict[str, Any]:
    """The button that opens the window; what the person who clicks may see is looked up."""
    aloud = "Doesn't match? Flag a figure that differs from the dashboard"
    return blocks.button("Doesn't match?", f"{FORM}:{FLAG}", value(FLAG, client_id, partner_id), label=aloud)


def whatif_button(label: str, words: str, partner_id: str) -> dict[str, Any]:
    """The button that opens the window to try a what-if, with the steps that the words describe filled in."""
    return blocks.button(
        label, f"{FORM}:{WHAT_IF}", value(WHAT_IF, words, partner_id), label=f"{label}: opens a window"
    )


def next_button(word: str, partner_id: str) -> dict[str, Any]:
    """A button that asks another question about the partner."""
    return blocks.button(LABELS[word], f"{ACTION}:{word}", value(word, "", partner_id))


def tabs(current: str, partner_id: str) -> dict[str, Any]:
    """The other questions about a partner, as a menu."""
    menu, labels = _menu_beside(current)
    return {**menu, "options": [blocks.option(label, value(word, "", partner_id)) for word, label in labels]}


@cache
def _menu_beside(current: str) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The menu without its options, and the other questions' words and labels: the same for all partners."""
    options = [(label, word) for word, label in LABELS.items() if word != current]
    menu = blocks.select("More questions", QUESTIONS, options)
    return menu, [(each["value"], each["text"]) for each in menu.pop("options")]
