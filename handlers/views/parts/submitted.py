"""What a submitted window says: Slack puts the value of each field under its block and its element."""

from collections.abc import Mapping
from typing import Any


def entered(view: Mapping[str, Any], block_id: str, action_id: str) -> str:
    """What a field has: what was chosen, the day, or what was typed; "" where it is missing or malformed."""
    found: Any = view.get("state")
    for key in ("values", block_id, action_id):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return ""
    option = found.get("selected_option")
    value = option.get("value") if isinstance(option, dict) else found.get("selected_date") or found.get("value")
    return value if isinstance(value, str) else ""
