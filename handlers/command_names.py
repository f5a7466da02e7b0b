"""Which slash commands a workspace has, and how the others are typed there: `/why sold` or `/tier why sold`."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from handlers.views.parts.blocks import BUTTON_LIMIT, HEADER_LIMIT, PLAIN_LIMIT, clip

Commands = Literal["core", "all"]
CORE = ("tier", "gap", "expiring", "digest")
BEHIND = "tier"
_CELLS = frozenset({"raw_text", "raw_number"})  # of tables: names and figures


class CommandNames:
    """How commands are spelled in messages: with `all`, each by its own name; with `core`, the ones that the workspace
    lacks behind /tier.
    """

    def __init__(self, commands: Commands, words: Iterable[str]) -> None:
        hidden = [word for word in words if word not in CORE] if commands == "core" else []
        self._hidden = re.compile(rf"(?<![\w/])/({'|'.join(hidden)})(?![\w/-])") if hidden else None

    def spelled(self, body: Any) -> Any:
        """What is sent to Slack (or a part of it), with every command that its texts name as it is typed there.

        What is longer for it still fits: a button's or an option's text into 75 characters, a heading into 150.
        """
        return body if self._hidden is None else self._walked(body)

    def text(self, text: str) -> str:
        """A text with every command in it as it is typed there."""
        return text if self._hidden is None else self._hidden.sub(rf"/{BEHIND} \1", text)

    def _walked(self, part: Any, limit: int = PLAIN_LIMIT) -> Any:
        if isinstance(part, list | tuple):
            return [self._walked(each, limit) for each in part]
        if not isinstance(part, dict) or part.get("type") in _CELLS:
            return part
        room = HEADER_LIMIT if part.get("type") == "header" else BUTTON_LIMIT if "value" in part else limit
        return {key: self._entry(key, held, room) for key, held in part.items()}

    def _entry(self, key: str, held: Any, room: int) -> Any:
        if key != "text" or not isinstance(held, str):
            return self._walked(held, room)
        spelled = self.text(held)
        return held if spelled == held else clip(spelled, room)
