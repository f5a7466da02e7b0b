"""The vocabulary that Block Kit's rules are written in.

A check takes a value and its JSON pointer and gives one sentence for each thing that is wrong with it, worded as in
Slack's own `response_metadata.messages`. Nothing here raises, whatever the value is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Check = Callable[[Any, str], Iterator[str]]


def wrong(what: str, pointer: str) -> str:
    """A sentence with its place: "must be more than 0 characters [json-pointer:/blocks/0/text/text]"."""
    return f"{what} [json-pointer:{pointer}]"


def anything(_value: Any, _pointer: str) -> Iterator[str]:
    """No rule."""
    return iter(())


def boolean(value: Any, pointer: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield wrong("must be a boolean", pointer)


def number(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        yield wrong("must be a number", pointer)


def string(most: int | None = None, least: int = 1) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must be a string", pointer)
        elif len(value) < least:
            yield wrong(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield wrong(f"must be less than {most + 1} characters", pointer)

    return check


def integer(low: int, high: int | None = None) -> Check:
    """A whole number from `low` to `high`, both allowed."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield wrong("must be an integer", pointer)
        elif value < low:
            yield wrong(f"must be at least {low}", pointer)
        elif high is not None and value > high:
            yield wrong(f"must be at most {high}", pointer)

    return check


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if value not in words:
            yield wrong(f"must be one of: {', '.join(words)}", pointer)

    return check


def pattern(matches: Callable[[str], object], called: str) -> Check:
    """A string that `matches` says yes to; `called` names the form, such as "YYYY-MM-DD"."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str) or not matches(value):
            yield wrong(f"must have the form {called}", pointer)

    return check


def items(check_each: Check, *, least: int = 0, most: int | None = None) -> Check:
    """A list of `least` to `most` items, each checked."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield wrong("must be an array", pointer)
            return
        if len(value) < least:
            yield wrong(f"no less than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            yield wrong(f"no more than {most} items allowed", pointer)
        for index, each in enumerate(value):
            yield from check_each(each, f"{pointer}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others (`type` aside, which is read by `typed`)."""
    known = {"type": anything, **(optional or {}), **required}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", pointer)
            return
        for key in required:
            if value.get(key) is None:
                yield wrong(f"missing required field: {key}", pointer)
        for key, held in value.items():
            if key not in known:
                yield wrong(f"invalid additional property: {key}", pointer)
            elif held is not None:
                yield from known[key](held, f"{pointer}/{key}")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses its check."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield wrong("must be an object", pointer)
        elif kind is None:
            yield wrong("missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in kinds:
            yield wrong(f"unsupported type: {_named(kind)}", f"{pointer}/type")
        else:
            yield from kinds[kind](value, pointer)

    return check


def _named(kind: Any) -> str:
    return kind[:40] if isinstance(kind, str) else type(kind).__name__


def every(*checks: Check) -> Check:
    """All of these checks, one after the other."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, pointer)

    return check


def rule(holds: Callable[[Json], object], sentence: str) -> Check:
    """A rule between the fields of an object, None being none; it is silent about anything of strange types."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        try:
            kept = not isinstance(value, dict) or bool(holds({k: v for k, v in value.items() if v is not None}))
        except (TypeError, AttributeError, KeyError, IndexError):
            kept = True
        if not kept:
            yield wrong(sentence, pointer)

    return check
