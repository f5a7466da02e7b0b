"""What this workspace has against blocks that break no rule: types it does not know yet, files that are not there."""

from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.blockcheck.checks import wrong
from bot.playground.local_slack.state.state import State


def unknown_here(state: State, value: Any, pointer: str) -> Iterator[str]:
    """One sentence for everything of a type that is refused, and for every picture whose file can't be shown."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from unknown_here(state, each, f"{pointer}/{index}")
    elif isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and kind in state.refuses:
            yield wrong(f"unsupported type: {kind}", f"{pointer}/type")
        if value.get("slack_file") is not None and not state.files.shows(value["slack_file"]):
            yield wrong("invalid slack file", f"{pointer}/slack_file")
        for key, each in value.items():
            yield from unknown_here(state, each, f"{pointer}/{key}")
