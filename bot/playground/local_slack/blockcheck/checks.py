"""The checks that Block Kit's rules are built from.

A check takes a value and its JSON pointer, and yields one sentence per problem, worded like Slack's own
`response_metadata.messages`. Checks never raise, whatever the value is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Check = Callable[[Any, str], Iterator[str]]


def wrong(what: str, pointer: str) -> str:
    """A problem with its JSON pointer: "must be more than 0 characters [json-pointer:/blocks/0/text/text]"."""
    return f"{what} [json-pointer:{pointer}]"


def anything(_value: Any, _pointer: str) -> Iterator[str]:
    """Any value."""
    return iter(())


def boolean(value: Any, pointer: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield wrong("must be a boolean", pointer)


def number(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        yield wrong("must be a number", pointer)


def string(maximum: int | None = None, minimum: int = 1) -> Check:
    """A string of `minimum` to `maximum` characters."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must be a string", pointer)
        elif len(value) < minimum:
            yield wrong(f"must be more than {minimum - 1} characters", pointer)
        elif maximum is not None and len(value) > maximum:
            yield wrong(f"must be less than {maximum + 1} characters", pointer)

    return check


def integer(low: int, high: int | None = None) -> Check:
    """An integer from `low` to `high`, both included."""

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


def pattern(matches: Callable[[str], object], form: str) -> Check:
    """A string that `matches` accepts; `form` describes it, such as "YYYY-MM-DD"."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str) or not matches(value):
            yield wrong(f"must have the form {form}", pointer)

    return check


def items(check_item: Check, *, minimum: int = 0, maximum: int | None = None) -> Check:
    """A list of `minimum` to `maximum` items, each checked."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield wrong("must be an array", pointer)
            return
        if len(value) < minimum:
            yield wrong(f"no less than {minimum} items allowed", pointer)
        if maximum is not None and len(value) > maximum:
            yield wrong(f"no more than {maximum} items allowed", pointer)
        for index, item in enumerate(value):
            yield from check_item(item, f"{pointer}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others, except `type`, which `typed` checks."""
    known = {"type": anything, **(optional or {}), **required}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", pointer)
            return
        for key in required:
            if value.get(key) is None:
                yield wrong(f"missing required field: {key}", pointer)
        for key, field in value.items():
            if key not in known:
                yield wrong(f"invalid additional property: {key}", pointer)
            elif field is not None:
                yield from known[key](field, f"{pointer}/{key}")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object that is checked according to its `type`."""

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
    """All of these checks."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, pointer)

    return check


def rule(holds: Callable[[Json], object], sentence: str) -> Check:
    """A rule between the fields of an object, in which a None counts as missing. Values of unexpected types pass: other
    checks report those.
    """

    def check(value: Any, pointer: str) -> Iterator[str]:
        try:
            passed = not isinstance(value, dict) or bool(holds({k: v for k, v in value.items() if v is not None}))
        except (TypeError, AttributeError, KeyError, IndexError):
            passed = True
        if not passed:
            yield wrong(sentence, pointer)

    return check
