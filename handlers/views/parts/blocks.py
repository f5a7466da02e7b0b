"""Block Kit as plain dicts within Slack's limits (slack#blocks). Names go into plain elements only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.views.parts.chart import Chart

Block = dict[str, Any]
Span = dict[str, Any]

HEADER_LIMIT = 150
BUTTON_LIMIT = 75
OPTION_LIMIT = 100
OPTION_VALUE_LIMIT = 150
MENU_LIMIT = 1_000
CONTEXT_LIMIT = 10
PLAIN_LIMIT = 3000
_BOLD = {"bold": True}
_CODE = {"code": True}
_ITALIC = {"italic": True}
_NEW_LINE: Span = {"type": "text", "text": "\n"}


@dataclass(frozen=True, slots=True)
class Message:
    """Blocks, and the `text` that notifications show and screen readers read.

    `charts` are the charts among the blocks, in order, for surfaces that can't draw them. `window` is the title of the
    modal that shows the message, where the answer knows a better one than its question.
    """

    text: str
    blocks: list[Block]
    charts: tuple[Chart, ...] = ()
    window: str = ""


def clip(text: str, limit: int) -> str:
    """The text, cut to `limit` characters with an ellipsis; "–" for an empty one."""
    if len(text) > limit:
        return text[: limit - 1] + "…"
    return text or "–"


def plain(text: str, limit: int = PLAIN_LIMIT) -> dict[str, Any]:
    """A plain_text object, in which nothing is markup, not even emoji codes."""
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


def user(user_id: str) -> Span:
    """A mention that shows the user's name."""
    return {"type": "user", "user_id": user_id}


def channel(channel_id: str) -> Span:
    """A mention that shows the channel's name."""
    return {"type": "channel", "channel_id": channel_id}


def line(*spans: Span) -> Block:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(spans)}


def text_of(paragraph: Block) -> str:
    """The text of a paragraph without its styles; a mention has none."""
    return "".join(each.get("text", "") for each in paragraph["elements"])


def bullets(lines: Iterable[Block]) -> Block:
    """Paragraphs as a list."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}


def rich(*parts: Block) -> Block:
    """Rich text of paragraphs and lists; consecutive paragraphs become one with line breaks, as in Slack."""
    elements: list[Block] = []
    for part in parts:
        if elements and part["type"] == elements[-1]["type"] == "rich_text_section":
            elements[-1] = line(*elements[-1]["elements"], _NEW_LINE, *part["elements"])
        else:
            elements.append(part)
    return {"type": "rich_text", "elements": elements}


def context(*notes: str) -> Block:
    """Small print, one element per note; notes beyond Slack's ten elements are joined into the last."""
    shown = list(notes[: CONTEXT_LIMIT - 1])
    if rest := notes[CONTEXT_LIMIT - 1 :]:
        shown.append(" · ".join(rest))
    return {"type": "context", "elements": [plain(note) for note in shown]}


def confirmation(title: str, question: str, confirm: str, deny: str) -> dict[str, Any]:
    """What Slack asks before it passes a click on."""
    return {
        "title": plain(title, 100),
        "text": plain(question, 300),
        "confirm": plain(confirm, 30),
        "deny": plain(deny, 30),
    }


def button(
    text: str,
    action_id: str,
    value: str,
    *,
    primary: bool = False,
    label: str = "",
    confirm: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A button; `label` is what a screen reader reads instead of the text, cut to 75 characters. With `confirm`, Slack
    asks first.
    """
    element: dict[str, Any] = {
        "type": "button",
        "text": plain(text, BUTTON_LIMIT),
        "action_id": action_id,
        "value": value,
    }
    if primary:
        element["style"] = "primary"
    if label:
        element["accessibility_label"] = clip(label, BUTTON_LIMIT)
    if confirm:
        element["confirm"] = confirm
    return element


def actions(*elements: dict[str, Any]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def select(
    placeholder: str,
    action_id: str,
    options: Sequence[tuple[str, str]],
    chosen: str | None = None,
    *,
    count: int | None = None,
) -> dict[str, Any]:
    """A menu of (text, value) pairs, in groups where there are more than Slack allows in one.

    `chosen` is the value selected at first, None for the placeholder. A menu has at most MENU_LIMIT options, and its
    placeholder says where that isn't all of them: `count` is how many there are, if the caller has left some out.
    Raises ValueError for a value that Slack wouldn't take.
    """
    choices = [_option(*each) for each in options[:MENU_LIMIT]]
    count = len(options) if count is None else count
    if count > MENU_LIMIT:
        placeholder = f"{placeholder} (the first {MENU_LIMIT:,} of {count:,})"
    element: dict[str, Any] = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(placeholder, 150),
    }
    if initial := next((each for each in choices if each["value"] == chosen), None):
        element["initial_option"] = initial
    if len(choices) <= OPTION_LIMIT:
        return {**element, "options": choices}
    groups = [choices[at : at + OPTION_LIMIT] for at in range(0, len(choices), OPTION_LIMIT)]
    return {**element, "option_groups": [{"label": _range(group), "options": group} for group in groups]}


def option(text: dict[str, Any], value: str) -> dict[str, Any]:
    """A menu's option with a plain text. Raises ValueError for a value that Slack wouldn't take."""
    if len(value) > OPTION_VALUE_LIMIT:
        raise ValueError(f"an option's value has at most {OPTION_VALUE_LIMIT} characters: {value[:40]}…")
    return {"text": text, "value": value}


def _option(text: str, value: str) -> dict[str, Any]:
    return option(plain(text, BUTTON_LIMIT), value)


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A ⋯ menu of (text, value) pairs, at most five."""
    choices = [_option(*each) for each in options]
    return {"type": "overflow", "action_id": action_id, "options": choices}


def text_cell(text: str) -> dict[str, Any]:
    """A cell of text."""
    return {"type": "raw_text", "text": clip(text, PLAIN_LIMIT)}


def number_cell(value: float, text: str) -> dict[str, Any]:
    """A cell that sorts by its number and shows `text`."""
    return {"type": "raw_number", "value": value, "text": text}


def action_cell(element: dict[str, Any]) -> dict[str, Any]:
    """A cell with a button, or with the button's text where Slack can't show it."""
    return {"type": "action_cell", "element": element, "fallback": text_cell(element["text"]["text"])}


def bold_cell(text: str) -> dict[str, Any]:
    """A cell of bold text, for a total."""
    return rich(line(bold(clip(text, PLAIN_LIMIT))))


def table(head: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]], right: Collection[int] = ()) -> Block:
    """A table that is read as it is; the columns `right` are aligned to the right. Slack takes 99 rows and a head."""
    return {
        "type": "table",
        "column_settings": [
            {"align": "right" if at in right else "left", "is_wrapped": True} for at in range(len(head))
        ],
        "rows": [[text_cell(each) for each in head], *(list(row) for row in rows)],
    }


def cell_text(cell: dict[str, Any]) -> str:
    """What a cell of a table says; a button's text for a cell with a button."""
    if cell["type"] == "rich_text":
        return "".join(map(text_of, cell["elements"]))
    return str(cell["fallback"]["text"] if cell["type"] == "action_cell" else cell["text"])


def data_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]], page_size: int) -> Block:
    """A table that the reader can sort and page through, `page_size` rows at a time; Slack takes 200 rows at most."""
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
