"""The manifest as YAML, with a comment on the purpose of each scope."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.scopes import SCOPES

_HEAD = """\
# The Slack app. At api.slack.com/apps choose "Create New App", then "From a manifest", and paste this.
# Made by tierbot manifest: --url for your own address, --socket-mode to need none, --oauth for many workspaces,
# --commands core for four commands.
"""
_WIDTH = 120
_BARE = re.compile(r"[A-Za-z/_][\w/.:@-]*(?<!:)", re.ASCII)
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def as_yaml(manifest: Mapping[str, Any]) -> str:
    """The manifest as a YAML document, with a comment on each scope."""
    return _HEAD + "\n".join(_mapping(manifest, 0)) + "\n"


def _mapping(entries: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for key, value in entries.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _mapping(value, depth + 1)
        elif isinstance(value, list):
            yield f"{indent}{key}:"
            yield from _sequence(value, depth + 1)
        elif isinstance(value, str) and len(value) > _WIDTH:
            yield f"{indent}{key}: >-"
            yield from (f"{indent}  {line}" for line in textwrap.wrap(value, _WIDTH - len(indent) - 2))
        else:
            yield f"{indent}{key}: {_scalar(value)}"


def _sequence(entries: list[Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for entry in entries:
        if isinstance(entry, dict):
            first, *rest = _mapping(entry, depth + 1)
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            comment = _PURPOSES.get(entry)
            yield f"{indent}- {_scalar(entry)}" + (f"  # {comment}" if comment else "")


def _scalar(value: object) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)


_PURPOSES = {each.name: each.purpose for each in SCOPES}
