"""Find interactive elements in blocks, and build what Slack reports when they are used."""

import re

from bot.playground.local_slack.blockcheck import interactive
from bot.playground.local_slack.messages import every_block
from bot.terminal.elements import Choice, Json, initial, options_of
from bot.terminal.text import clean

_ROW_POINTER = re.compile(r"/rows/(\d+)/\d+/element")
_PICKERS = {"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time"}
_SINGLE_SELECTS = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
_MULTI_SELECTS = {
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}


def find(blocks: list[Json], target: str | Json, row: str | None = None) -> tuple[Json, Json, str | None]:
    """The block and the element with this action_id or label, or equal to this element; naming a select's option finds
    its element too, and the option is the third value. `row` limits the search to a table's row, or a section, with a
    text that begins like this. Raises LookupError, which lists what is available.
    """
    available = [
        (block, element)
        for block in every_block(blocks)
        for element, pointer in interactive(block)
        if _has_action(element) and (row is None or _begins(row_texts(block, pointer), row))
    ]
    for block, element in available:
        if target == element or target in (element["action_id"], _label(element)):
            return block, element, None
    option = target if isinstance(target, str) else None
    for block, element in available:
        if any(option in (each["value"], each["text"]["text"]) for each in options_of(element)):
            return block, element, option
    if row is not None and not available:
        raise LookupError(f"no row begins with {row!r}; there is: {_rows(blocks) or 'no row with something to click'}")
    where = "here" if row is None else f"in the row {row!r}"
    raise LookupError(f"nothing called {_name(target)!r} {where}; there is: {_listed(available) or 'nothing to click'}")


def _rows(blocks: list[Json]) -> str:
    """The rows that have something to click, by their first text."""
    texts = [
        row_texts(block, pointer)
        for block in every_block(blocks)
        for element, pointer in interactive(block)
        if _has_action(element)
    ]
    return clean(", ".join(dict.fromkeys(found[0] for found in texts if found)))


def _begins(texts: list[str], row: str) -> bool:
    return any(text.lower().startswith(row.lower()) for text in texts)


def _listed(available: list[tuple[Json, Json]]) -> str:
    return clean(", ".join(f"{element['action_id']} ({_label(element)})" for _, element in available))


def _name(target: str | Json) -> object:
    return target if isinstance(target, str) else target.get("action_id")


def _has_action(element: Json) -> bool:
    return "action_id" in element


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", element.get("type")))


def state_of(element: Json, choice: Choice) -> Json:
    """An element's value as Slack reports it. Options are named by value or text, several of them in a list.

    Raises LookupError for an unknown option.
    """
    kind = str(element["type"])
    if kind in ("static_select", "overflow", "radio_buttons", "external_select"):
        return {"type": kind, "selected_option": _option(element, choice)}
    if kind in ("checkboxes", "multi_static_select", "multi_external_select"):
        return {"type": kind, "selected_options": [_option(element, each) for each in choice or ()]}
    if kind in _MULTI_SELECTS:
        return {"type": kind, _MULTI_SELECTS[kind]: list(choice or ())}
    field = _PICKERS.get(kind) or _SINGLE_SELECTS.get(kind) or "value"
    return {"type": kind, field: choice}


def _option(element: Json, choice: Choice) -> Json | None:
    if choice is None or isinstance(choice, dict):
        return choice
    for each in options_of(element):
        if choice in (each["value"], each["text"]["text"]):
            return each
    raise LookupError(f"no option {choice!r} in {element.get('action_id')}")


def action(block: Json, element: Json, choice: Choice, action_ts: str) -> Json:
    """The entry in a payload's `actions` for an element that was used."""
    common: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "action_ts": action_ts}
    if element["type"] in ("button", "icon_button"):
        copied: Json = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return {**common, "type": element["type"], **copied}
    return {**common, **state_of(element, choice)}


def state_values(blocks: list[Json], given: dict[str, Choice] | None = None) -> Json:
    """A payload's `state`: the value of every field. `given` overrides initial values, by action_id or block_id."""
    values: Json = {}
    filled = given or {}
    for block in every_block(blocks):
        for element, _ in interactive(block):
            if not _has_action(element) or element["type"] in ("button", "overflow", "icon_button"):
                continue
            choice = filled.get(element["action_id"], filled.get(block["block_id"], initial(element)))
            values.setdefault(block["block_id"], {})[element["action_id"]] = state_of(element, choice)
    return {"values": values}


def row_texts(block: Json, pointer: str) -> list[str]:
    """The texts next to the element at this pointer within its block: those of its table row, or a section's first
    line; none elsewhere.
    """
    if pointer == "/accessory":
        return [str((block.get("text") or {}).get("text", "")).partition("\n")[0]]
    found = _ROW_POINTER.fullmatch(pointer)
    return [cell_text(cell) for cell in block["rows"][int(found.group(1))]] if found else []


def cell_text(cell: Json) -> str:
    """A table cell's text, or its button's label."""
    if cell.get("type") == "rich_text":
        return " ".join(_rich_text(part) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        return str((cell.get("element") or {}).get("text", {}).get("text", ""))
    return str(cell.get("text", ""))


def _rich_text(part: Json) -> str:
    inner = part.get("elements")
    return "".join(_rich_text(each) for each in inner) if isinstance(inner, list) else str(part.get("text", ""))
