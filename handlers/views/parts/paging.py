"""Long lists, a page at a time."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.choices import ACTION, value

Element = dict[str, Any]


def pager(word: str, text: str, partner_id: str, start: int, shown: int, count: int, size: int) -> list[Element]:
    """Buttons for the previous and the next page, where there are such pages.

    `text` is the request without its page. Shown are `shown` of `count` items from index `start`, `size` to a page.
    """
    page, found = start // size + 1, list[tuple[str, int]]()
    if 0 < start < count:
        found.append(("‹ Previous", page - 1))
    if start + shown < count:
        found.append(("Next ›", page + 1))
    return [_button(label, word, f"{text} page {to}".strip(), partner_id, f"{label}: page {to}") for label, to in found]


def _button(label: str, word: str, text: str, partner_id: str, aloud: str) -> Element:
    return blocks.button(label, f"{ACTION}:{label}", value(word, text, partner_id), label=aloud)


def row(*elements: Element) -> list[Block]:
    """The elements as a row of controls; no block where there are none."""
    return [blocks.actions(*elements)] if elements else []
