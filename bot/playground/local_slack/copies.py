"""Copies of JSON values."""

from typing import TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """A copy of a JSON value, sharing no object or array with it. `copy.deepcopy` takes several times as long: it
    remembers what it has seen, in case a value contains itself.
    """
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [copied(each) for each in value]  # type: ignore[return-value]
    return value
