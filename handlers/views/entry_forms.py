"""The windows in which people type an entry, and what was typed read back."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from handlers.views.entry_fields import FIELDS, PARTNER, TITLES, Field
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import name
from handlers.views.parts.submitted import entered
from handlers.views.parts.surfaces import modal
from tiercore.facts.entries import DealType, Motion, Role
from tiercore.typed.types import Choices, Draft, Kind

FORM, SAVE, WITHDRAW = "entry_form", "entry_save", "entry_withdraw"
REASON = "reason"
SEARCHED = ("client_id", "partner_id", "agreement_id")
LONGEST_STATE = 3_000


def form(draft: Draft, choices: Choices, today: date, names: Mapping[str, str]) -> dict[str, Any]:
    """The window for a draft, filled in with what it has. `names` are those of the IDs in it."""
    shown = [each for each in FIELDS[draft.kind] if not _is_settled(each, draft, choices)]
    fields = [_block(each, draft, choices, today, names) for each in shown]
    title = TITLES[draft.kind].replace("Add a", "Edit the").replace("Edit then ", "Edit the ") if draft.edits else ""
    view = modal(title or TITLES[draft.kind], fields)
    return {
        **view,
        "callback_id": FORM,
        "submit": blocks.plain("Next"),
        "close": blocks.plain("Cancel"),
        "private_metadata": written(Draft(draft.kind, _partner(draft, choices), {}, draft.token, draft.edits)),
    }


def _is_settled(each: Field, draft: Draft, choices: Choices) -> bool:
    """Whether the partner isn't asked for: there is one, or the entry that is corrected has it."""
    if each.column != PARTNER or draft.kind is Kind.PERSON:
        return False
    return bool(draft.edits) or len(choices.partners) == 1


def _partner(draft: Draft, choices: Choices) -> str:
    if draft.partner_id or draft.kind is Kind.PERSON or len(choices.partners) != 1:
        return draft.partner_id
    return choices.partners[0][0]


def read(view: Mapping[str, Any]) -> Draft | None:
    """The draft that a submitted window has; None for a state that can't be read. It proves nothing."""
    begun = read_written(view.get("private_metadata"))
    if begun is None:
        return None
    cells = {each.column: entered(view, each.column, each.column) for each in FIELDS[begun.kind]}
    partner_id = cells.get(PARTNER) or begun.partner_id
    if begun.kind is Kind.PERSON:
        partner_id = ""
    return Draft(begun.kind, partner_id, cells, begun.token, begun.edits)


def written(draft: Draft) -> str:
    """The draft as a window's state."""
    found = [draft.kind.value, draft.partner_id, dict(draft.cells), draft.token, draft.edits]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def read_written(text: object) -> Draft | None:
    """The draft of a window's state, None for any other text."""
    try:
        match json.loads(text) if isinstance(text, str) and len(text) <= LONGEST_STATE else None:
            case [str(kind), str(partner_id), dict(cells), str(token), str(edits)] if kind in set(Kind):
                typed = {str(column): str(cell) for column, cell in cells.items()}
                return Draft(Kind(kind), partner_id, typed, token, edits)
    except (ValueError, RecursionError):
        return None
    return None


def reason_of(view: Mapping[str, Any]) -> str:
    """The reason that a submitted window gives."""
    return entered(view, REASON, REASON)


def _block(each: Field, draft: Draft, choices: Choices, today: date, names: Mapping[str, str]) -> Block:
    now = draft.cells.get(each.column, "")
    if each.column == PARTNER and draft.kind is not Kind.PERSON:
        now = draft.partner_id
    if each.today and not now and not draft.edits:
        now = today.isoformat()
    found: Block = {
        "type": "input",
        "block_id": each.column,
        "label": blocks.plain(each.label),
        "element": _element(each, now, choices, names),
        "optional": each.optional,
    }
    return {**found, "hint": blocks.plain(each.hint)} if each.hint else found


def _element(each: Field, now: str, choices: Choices, names: Mapping[str, str]) -> dict[str, Any]:
    action: dict[str, Any] = {"action_id": each.column}
    match each.kind:
        case "day":
            return {"type": "datepicker", **action, **({"initial_date": now} if now else {})}
        case "number":
            number = {"type": "number_input", "is_decimal_allowed": True, "min_value": "0", **action}
            return {**number, **({"initial_value": now} if now else {})}
        case "search":
            return _search(each, now, choices, names)
        case "list":
            return blocks.select("Choose", each.column, _options(each.column, choices, now), now)
    return {"type": "plain_text_input", "max_length": 200, **action, **({"initial_value": now} if now else {})}


def _search(each: Field, now: str, choices: Choices, names: Mapping[str, str]) -> dict[str, Any]:
    """A list where it is short, else a search in which people type a part of the name."""
    lists = {"client_id": choices.clients, PARTNER: choices.partners, "agreement_id": choices.agreements}
    pairs = lists[each.column]
    if pairs and len(pairs) <= blocks.OPTION_LIMIT:
        return blocks.select("Choose", each.column, [(name(text, 75), id_) for id_, text in pairs], now or None)
    found = {"type": "external_select", "action_id": each.column, "min_query_length": 1}
    chosen = {"initial_option": option(now, names.get(now, now))} if now else {}
    return {**found, "placeholder": blocks.plain("Type a part of the name"), **chosen}


def option(id_: str, text: str) -> dict[str, Any]:
    """An option of a search."""
    return {"text": blocks.plain(name(text, 75), blocks.BUTTON_LIMIT), "value": id_}


def _options(column: str, choices: Choices, now: str) -> Sequence[tuple[str, str]]:
    words = {
        "deal_type": [each.value for each in DealType],
        "motion": [each.value for each in Motion],
        "role": [each.value for each in Role],
        "tier": list(choices.tiers),
        "currency": list(choices.currencies),
        "product_line": list(choices.lines),
    }[column]
    listed = words if not now or now in words else [now, *words]
    return [(label(column, each), each) for each in listed]


def label(column: str, word: str) -> str:
    """A word of a list for people: "Net-new", "CAM"."""
    if column == "role" and word in ("cam", "cc"):
        return word.upper()
    spoken = word.replace("_", "-")
    return spoken.capitalize() if column in ("deal_type", "motion", "role", "tier") else word
