"""The filters of a search: what each operator asks of a record's property."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.playground.local_hubspot.api.rendering import value_of
from bot.playground.local_hubspot.api.request import Json
from bot.playground.local_hubspot.errors import invalid
from bot.playground.local_hubspot.portal.definitions import Property
from bot.playground.local_hubspot.portal.records import Record

Comparable = Decimal | str
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda value, other: value == other,
    "NEQ": lambda value, other: value != other,
    "GT": lambda value, other: value > other,
    "GTE": lambda value, other: value >= other,
    "LT": lambda value, other: value < other,
    "LTE": lambda value, other: value <= other,
}


def condition(asked: Json, known: Mapping[str, Property]) -> Callable[[Record], bool]:
    """The test that a filter makes. A record without a value passes NOT_HAS_PROPERTY and NOT_IN alone.
    Raises ApiError: 400.
    """
    name, operator = str(asked.get("propertyName", "")), str(asked.get("operator", ""))
    if name not in known:
        raise invalid(f"There is no property {name!r}.", propertyName=[name])
    read = _reader(known[name])
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda record: (read(record) is not None) == (operator == "HAS_PROPERTY")
    if operator in ("IN", "NOT_IN"):
        choices = {_comparable(known[name], str(each)) for each in asked.get("values") or []}
        return lambda record: (read(record) in choices) == (operator == "IN")
    other = _comparable(known[name], str(asked.get("value", "")))
    if operator == "BETWEEN":
        high = _comparable(known[name], str(asked.get("highValue", "")))
        return _holds(read, lambda value: other <= value <= high)  # type: ignore[operator]
    if operator not in _TESTS:
        raise invalid(f"The operator {operator!r} isn't supported.", operator=[operator])
    test = _TESTS[operator]
    return _holds(read, lambda value: test(value, other))


def sort_key(property_: Property) -> Callable[[Record], tuple[bool, Comparable, int]]:
    """What to sort records by: the property, then the id; those without a value come last."""
    read = _reader(property_)
    none: Comparable = "" if property_.type not in ("number", "datetime", "date") else Decimal()

    def key(record: Record) -> tuple[bool, Comparable, int]:
        value = read(record)
        return value is None, none if value is None else value, record.id

    return key


def _holds(read: Callable[[Record], Comparable | None], test: Callable[[Comparable], bool]) -> Callable[[Record], bool]:
    def holds(record: Record) -> bool:
        value = read(record)
        return value is not None and test(value)

    return holds


def _reader(property_: Property) -> Callable[[Record], Comparable | None]:
    """How to read the property for comparisons; the times and ids that HubSpot fills in without a detour over text."""
    match property_.name:
        case "hs_object_id":
            return lambda record: Decimal(record.id)
        case "hs_lastmodifieddate":
            return lambda record: Decimal(record.updated_at)
        case "createdate" | "hs_createdate":
            return lambda record: Decimal(record.created_at)

    def read(record: Record) -> Comparable | None:
        value = value_of(record, property_.name)
        return None if value is None or value == "" else _comparable(property_, value)

    return read


def _comparable(property_: Property, text: str) -> Comparable:
    """A number, or a time in milliseconds, from text; other text as it is, in lower case. Raises ApiError: 400."""
    if property_.type not in ("number", "datetime", "date"):
        return text.casefold()
    try:
        return Decimal(text)
    except InvalidOperation:
        if property_.type == "number":
            raise invalid(f"{text!r} is not a number.", propertyName=[property_.name]) from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{text!r} is not a time.", propertyName=[property_.name]) from None
    return Decimal(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000))
