"""What a submitted window is answered with (slack#responses): another window in its place, or errors at its fields."""

from collections.abc import Mapping
from typing import Any


def replaced_by(view: dict[str, Any]) -> dict[str, Any]:
    """This window takes the place of the submitted one."""
    return {"response_action": "update", "view": view}


def errors_at(errors: Mapping[str, str]) -> dict[str, Any]:
    """An error at each of these fields."""
    return {"response_action": "errors", "errors": dict(errors)}
