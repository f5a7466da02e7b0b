"""Block Kit as plain dicts within the platform's limits (slack#blocks). Names go into plain elements only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.views.parts.chart import Chart

Block = dict[str, Any]
Span = dict[str, Any]

HEADER_LIMIT = 150
BUTTON_LIMIT = 75
OPTION_LIMIT = 100
CONTEXT_LIMIT = 10
PLAIN_LIMIT = 3000
_BOLD = {"bold": True}
_CODE = {"code": True}
_ITALIC = {"italic": True}
_NEW_LINE: Span = {"type": "text", "text": "\n"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: blocks, and the `text` that notifications and screen readers give.

    `charts` are those that the blocks draw natively, in order, for where Slack can't.
    """

    text: str
    blocks: list[Block]
    charts: tuple[Chart, ...] = ()


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis, within `limit` characters; never empty."""
    if len(text) > limit:
        return text[: limit - 1] + "…"
    return text or "–"


def plain(text: str, limit: int = PLAIN_LIMIT) -> dict[str, Any]:
    """A plain_text object: nothing in it is live, not even emoji codes."""
    return {"type": "plain_text", "text": clip(text, limit), "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_LIMIT)}


def span(text: str) -> Span:
    return {"type": "text", "text": text}


def bold(text: str) -> Span:
    return {"type": "text", "text": text, "style": _BOLD}


def code(text: str) -> Span:
    return {"type": "text", "text": text, "style": _CODE}


def italic(text: str) -> Span:
    return {"type": "text", "text": text, "style": _ITALIC}


def line(*spans: Span) -> Block:
    """A paragraph of a rich text."""
    return {"type": "rich_text_section", "elements": list(spans)}


def bullets(lines: Iterable[Block]) -> Block:
    """Paragraphs as a list."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}


def rich(*parts: Block) -> Block:
    """A rich text of paragraphs and lists; paragraphs in a row become one with line breaks, as in Slack itself."""
    found: list[Block] = []
    for part in parts:
        if found and part["type"] == found[-1]["type"] == "rich_text_section":
            found[-1] = line(*found[-1]["elements"], _NEW_LINE, *part["elements"])
        else:
            found.append(part)
    return {"type": "rich_text", "elements": found}


def context(notes: Sequence[str]) -> Block:
    """Small print, one element a note; what does not fit is joined to the last."""
    shown = list(notes[: CONTEXT_LIMIT - 1])
    if rest := notes[CONTEXT_LIMIT - 1 :]:
        shown.append(" · ".join(rest))
    return {"type": "context", "elements": [plain(note) for note in shown]}


def button(text: str, action_id: str, value: str, *, primary: bool = False, label: str = "") -> dict[str, Any]:
    """A button; `label` is what a screen reader says of one that reads like others, at most 75 characters of it."""
    found: dict[str, Any] = {
        "type": "button",
        "text": plain(text, BUTTON_LIMIT),
        "action_id": action_id,
        "value": value,
    }
    if primary:
        found["style"] = "primary"
    if label:
        found["accessibility_label"] = clip(label, BUTTON_LIMIT)
    return found


def actions(*elements: dict[str, Any]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def select(
    placeholder: str, action_id: str, options: Sequence[tuple[str, str]], chosen: str | None = None
) -> dict[str, Any]:
    """A list to choose from: (text, value) pairs, in groups where there are more than one list may hold.

    `chosen` is the value that it stands at, None for the placeholder.
    """
    made = [{"text": plain(text, BUTTON_LIMIT), "value": value} for text, value in options]
    found: dict[str, Any] = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(placeholder, 150),
    }
    if initial := next((each for each in made if each["value"] == chosen), None):
        found["initial_option"] = initial
    if len(made) <= OPTION_LIMIT:
        return {**found, "options": made}
    groups = [made[at : at + OPTION_LIMIT] for at in range(0, len(made), OPTION_LIMIT)]
    return {**found, "option_groups": [{"label": _range(group), "options": group} for group in groups]}


def text_cell(text: str) -> dict[str, Any]:
    """A cell of words."""
    return {"type": "raw_text", "text": clip(text, PLAIN_LIMIT)}


def number_cell(value: float, text: str) -> dict[str, Any]:
    """A cell that sorts by its number and shows it as `text`."""
    return {"type": "raw_number", "value": value, "text": text}


def action_cell(element: dict[str, Any]) -> dict[str, Any]:
    """A cell with a button; where Slack can't show one, the button's label."""
    return {"type": "action_cell", "element": element, "fallback": text_cell(element["text"]["text"])}


def data_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]], page_size: int) -> Block:
    """A table that the reader can sort and leaf through; 200 rows and 20,000 characters at most."""
    return {
        "type": "data_table",
        "caption": clip(caption, HEADER_LIMIT),
        "page_size": page_size,
        "row_header_column_index": 0,
        "rows": [[text_cell(each) for each in head], *(list(row) for row in rows)],
    }


def _range(group: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first, last = group[0]["text"]["text"], group[-1]["text"]["text"]
    return plain(f"{clip(first, 30)} – {clip(last, 30)}", BUTTON_LIMIT)
