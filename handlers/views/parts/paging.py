"""Longer lists a page at a time."""

from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.choices import ACTION, value

Element = dict[str, Any]


def pager(word: str, text: str, partner_id: str, start: int, shown: int, count: int, size: int) -> list[Element]:
    """Buttons to the page before and the page after, as far as there are any.

    `text` is the request without its page; `shown` of `count` are shown, from `start` on, `size` to a page.
    """
    page, found = start // size + 1, []
    if page > 1:
        found.append(
            _button("‹ Previous", word, f"{text} page {page - 1}".strip(), partner_id, f"Previous page: {page - 1}")
        )
    if start + shown < count:
        found.append(_button("Next ›", word, f"{text} page {page + 1}".strip(), partner_id, f"Next page: {page + 1}"))
    return found


def _button(label: str, word: str, text: str, partner_id: str, aloud: str) -> Element:
    return blocks.button(label, f"{ACTION}:{label}", value(word, text, partner_id), label=aloud)


def row(*elements: Element) -> list[Block]:
    """The elements as a row of controls; nothing for none."""
    return [blocks.actions(*elements)] if elements else []
