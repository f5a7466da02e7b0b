"""What a submitted window says: Slack puts the value of each field under its block and its element."""

from collections.abc import Mapping
from typing import Any


def field(view: Mapping[str, Any], block_id: str, action_id: str) -> Mapping[str, Any]:
    """The field as Slack sent it; empty where it is missing or malformed."""
    found: Any = view.get("state")
    for key in ("values", block_id, action_id):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def entered(view: Mapping[str, Any], block_id: str, action_id: str) -> str:
    """What a field has: what was chosen, the day, or what was typed; "" where it is missing or malformed."""
    found = field(view, block_id, action_id)
    option = found.get("selected_option")
    value = option.get("value") if isinstance(option, dict) else found.get("selected_date") or found.get("value")
    return value if isinstance(value, str) else ""


def ticked(view: Mapping[str, Any], block_id: str, action_id: str) -> frozenset[str]:
    """The values of the boxes that are ticked; none where the field is missing or malformed."""
    options = field(view, block_id, action_id).get("selected_options")
    chosen = [each.get("value") for each in options if isinstance(each, dict)] if isinstance(options, list) else []
    return frozenset(each for each in chosen if isinstance(each, str))
