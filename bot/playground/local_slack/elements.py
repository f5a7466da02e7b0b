"""What a person can touch: finding it in blocks, and what Slack reports when it is used."""

import re

from bot.playground.local_slack.blockcheck import interactive
from bot.playground.local_slack.messages import every_block
from bot.terminal.elements import Choice, Json, initial, options_of
from bot.terminal.text import clean

_IN_ROW = re.compile(r"/rows/(\d+)/\d+/element")
_DATES = {"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time"}
_ONE = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
_MANY = {
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}


def find(blocks: list[Json], wanted: str | Json, row: str | None = None) -> tuple[Json, Json, str | None]:
    """The block and element with this action_id or label, or this very element, as it was shown; a list's option may
    be named too and is then given back. `row` names a table's row, or a section, by how any text of it begins. Raises
    LookupError that tells what there is to choose from.
    """
    offered = [
        (block, element)
        for block in every_block(blocks)
        for element, pointer in interactive(block)
        if _acts(element) and (row is None or _begins(beside(block, pointer), row))
    ]
    for block, element in offered:
        if wanted == element or wanted in (element["action_id"], _label(element)):
            return block, element, None
    option = wanted if isinstance(wanted, str) else None
    for block, element in offered:
        if any(option in (each["value"], each["text"]["text"]) for each in options_of(element)):
            return block, element, option
    where = "here" if row is None else f"in a row {row!r}"
    raise LookupError(f"nothing called {_name(wanted)!r} {where}; there is: {_names(offered) or 'nothing to click'}")


def _begins(texts: list[str], row: str) -> bool:
    return any(text.lower().startswith(row.lower()) for text in texts)


def _names(offered: list[tuple[Json, Json]]) -> str:
    return clean(", ".join(f"{element['action_id']} ({_label(element)})" for _, element in offered))


def _name(wanted: str | Json) -> object:
    return wanted if isinstance(wanted, str) else wanted.get("action_id")


def _acts(element: Json) -> bool:
    return "action_id" in element


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", element.get("type")))


def state_of(element: Json, choice: Choice) -> Json:
    """How Slack reports an element's value. Options are named by value or text; several as a list.

    Raises LookupError for an option that isn't there.
    """
    kind = str(element["type"])
    if kind in ("static_select", "overflow", "radio_buttons", "external_select"):
        return {"type": kind, "selected_option": _option(element, choice)}
    if kind in ("checkboxes", "multi_static_select", "multi_external_select"):
        return {"type": kind, "selected_options": [_option(element, each) for each in choice or ()]}
    if kind in _MANY:
        return {"type": kind, _MANY[kind]: list(choice or ())}
    field = _DATES.get(kind) or _ONE.get(kind) or "value"
    return {"type": kind, field: choice}


def _option(element: Json, choice: Choice) -> Json | None:
    if choice is None or isinstance(choice, dict):
        return choice
    for each in options_of(element):
        if choice in (each["value"], each["text"]["text"]):
            return each
    raise LookupError(f"no option {choice!r} in {element.get('action_id')}")


def action(block: Json, element: Json, choice: Choice, action_ts: str) -> Json:
    """The entry of `actions` for an element that was used."""
    common: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "action_ts": action_ts}
    if element["type"] in ("button", "icon_button"):
        carried: Json = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return {**common, "type": element["type"], **carried}
    return {**common, **state_of(element, choice)}


def state_values(blocks: list[Json], given: dict[str, Choice] | None = None) -> Json:
    """`state.values`: what every field holds; `given` names them by action_id or block_id."""
    values: Json = {}
    filled = given or {}
    for block in every_block(blocks):
        for element, _ in interactive(block):
            if not _acts(element) or element["type"] in ("button", "overflow", "icon_button"):
                continue
            choice = filled.get(element["action_id"], filled.get(block["block_id"], initial(element)))
            values.setdefault(block["block_id"], {})[element["action_id"]] = state_of(element, choice)
    return {"values": values}


def beside(block: Json, pointer: str) -> list[str]:
    """What the element at this pointer (within its block) stands beside: its table row's texts, or a section's first
    line; none elsewhere.
    """
    if pointer == "/accessory":
        return [str((block.get("text") or {}).get("text", "")).partition("\n")[0]]
    found = _IN_ROW.fullmatch(pointer)
    return [said(cell) for cell in block["rows"][int(found.group(1))]] if found else []


def said(cell: Json) -> str:
    """A cell's text; a button's label."""
    if cell.get("type") == "rich_text":
        return " ".join(_said(part) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        return str((cell.get("element") or {}).get("text", {}).get("text", ""))
    return str(cell.get("text", ""))


def _said(part: Json) -> str:
    inner = part.get("elements")
    return "".join(_said(each) for each in inner) if isinstance(inner, list) else str(part.get("text", ""))
