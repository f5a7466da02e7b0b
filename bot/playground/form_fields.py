"""What is typed at the demo's terminal for a window's fields."""

from collections.abc import Iterator
from typing import Any

from bot.playground.local_slack.errors import ApiError
from bot.playground.local_slack.state.workspace import Directory

Json = dict[str, Any]
ALONE = "field"
_BETWEEN, _SEVERAL = " | ", ("checkboxes", "multi_static_select")


def typed_values(text: str, blocks: list[Json], directory: Directory) -> dict[str, Any]:
    """The values of a window's fields, by action_id: "MRR=9,000 | Day=2022-09-20", or words for its only field.

    A field is named by its label, action_id or block_id, a person by name or e-mail, a channel by name. Raises
    LookupError, which lists the window's fields, the people or the channels.
    """
    inputs = [each for each in blocks if each.get("type") == "input"]
    known = {name: each["element"] for each in inputs for name in _names(each)}
    named = [(name.strip().lower(), value.strip()) for name, _, value in map(_parted, text.split(_BETWEEN))]
    if all(name in known for name, _ in named):
        return {known[name]["action_id"]: _value(known[name], value, directory) for name, value in named}
    if ALONE in known or not text:
        return {ALONE: text} if text else {}
    if len(inputs) == 1 and "=" not in text:
        [element] = [each["element"] for each in inputs]
        return {element["action_id"]: _value(element, text, directory)}
    wrong = next(name for name, _ in named if name not in known)
    labels = ", ".join(each["label"]["text"] for each in inputs)
    raise LookupError(f"no field called {wrong!r}; there is: {labels or 'no field'}. Type, say: fill in Comment=Look")


def _parted(part: str) -> tuple[str, str, str]:
    return part.partition("=")


def _names(block: Json) -> Iterator[str]:
    for name in (block["label"]["text"], block["element"]["action_id"], block.get("block_id", "")):
        yield str(name).lower()


def _value(element: Json, value: str, directory: Directory) -> Any:
    if element["type"] in _SEVERAL:
        return [each.strip() for each in value.split(",") if each.strip()]
    if element["type"] == "users_select":
        return _person(value, directory)
    if element["type"] == "conversations_select":
        return _channel(value, directory)
    return value


def _person(value: str, directory: Directory) -> str:
    wanted = value.removeprefix("@").lower()
    for each in directory.people.values():
        if any(text.lower().startswith(wanted) for text in (each.user_id, each.name, each.real_name, each.email)):
            return each.user_id
    raise LookupError(f"nobody called {value!r}; type who to list everyone")


def _channel(value: str, directory: Directory) -> str:
    try:
        return directory.channel(value).channel_id
    except ApiError:
        names = ", ".join(f"#{each.name}" for each in directory.channels.values() if not each.dm_with)
        raise LookupError(f"no channel called {value!r}; there is: {names}") from None
