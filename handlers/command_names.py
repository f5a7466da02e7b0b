"""Which slash commands a workspace has, and how the others are typed: `/why sold` or `/tier why sold`."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from handlers.views.parts.blocks import BUTTON_LIMIT, HEADER_LIMIT, PLAIN_LIMIT, clip

Commands = Literal["core", "all"]
CORE = ("tier", "gap", "expiring", "digest")
BEHIND = "tier"
_CELLS = frozenset({"raw_text", "raw_number"})  # table cells hold names and figures, never commands


class CommandNames:
    """How messages name commands: with `all`, each by its own name; with `core`, those that the workspace lacks as a
    word after /tier.
    """

    def __init__(self, commands: Commands, words: Iterable[str]) -> None:
        hidden = [word for word in words if word not in CORE] if commands == "core" else []
        self._hidden = re.compile(rf"(?<![\w/])/({'|'.join(hidden)})(?![\w/-])") if hidden else None

    def spelled(self, body: Any) -> Any:
        """A payload for Slack, or a part of one, with the commands in its texts as this workspace types them.

        Texts that grow are clipped to Slack's limits: 75 characters for a button or an option, 150 for a heading.
        """
        return body if self._hidden is None else self._spelled_part(body)

    def text(self, text: str) -> str:
        """The text with its commands as this workspace types them."""
        return text if self._hidden is None else self._hidden.sub(rf"/{BEHIND} \1", text)

    def _spelled_part(self, part: Any, limit: int = PLAIN_LIMIT) -> Any:
        if isinstance(part, list | tuple):
            return [self._spelled_part(item, limit) for item in part]
        if not isinstance(part, dict) or part.get("type") in _CELLS:
            return part
        inner = HEADER_LIMIT if part.get("type") == "header" else BUTTON_LIMIT if "value" in part else limit
        return {key: self._spelled_value(key, value, inner) for key, value in part.items()}

    def _spelled_value(self, key: str, value: Any, limit: int) -> Any:
        if key != "text" or not isinstance(value, str):
            return self._spelled_part(value, limit)
        spelled = self.text(value)
        return value if spelled == value else clip(spelled, limit)
