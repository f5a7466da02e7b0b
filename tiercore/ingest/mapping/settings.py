"""What a mapping asks for on the command line: [settings], given by --set NAME=VALUE."""

from collections.abc import Mapping
from typing import Any

from tiercore.ingest.mapping.mistakes import Mistakes


def settings_of(content: Mapping[str, Any], given: Mapping[str, str], mistakes: Mistakes) -> dict[str, str]:
    """The value of each setting that a mapping declares: the one given, or else its default.

    What is given but not declared is added to the mistakes; what is missing is empty.
    """
    declared = mistakes.table(("settings",), content.get("settings", {}))
    for name in given.keys() - declared.keys():
        mistakes.one_of((), name, tuple(declared) or ("no --set: this mapping has no [settings]",))
    return {name: _value(name, asked, given, mistakes) for name, asked in declared.items()}


def _value(name: str, asked: Any, given: Mapping[str, str], mistakes: Mistakes) -> str:
    path = ("settings", name)
    table = asked if isinstance(asked, dict) else {"says": asked}
    mistakes.unknown_keys(path, table, ("says", "default"))
    mistakes.text(path, table.get("says", ""))
    if name in given:
        return given[name]
    if "default" in table:
        return mistakes.text((*path, "default"), table["default"])
    return ""
