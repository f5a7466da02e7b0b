"""What Block Kit's elements hold: their options, and their value before anyone touches them."""

from typing import Any

Json = dict[str, Any]
Choice = Any


def options_of(element: Json) -> list[Json]:
    """The options of a list, those in groups too."""
    grouped = [each for group in element.get("option_groups", ()) for each in group["options"]]
    return [*element.get("options", ()), *grouped]


def initial(element: Json) -> Choice:
    """What an element holds before anyone touches it."""
    for key in (
        "initial_option",
        "initial_options",
        "initial_value",
        "initial_date",
        "initial_time",
        "initial_date_time",
    ):
        if key in element:
            return element[key]
    return element.get("initial_user") or element.get("initial_channel") or element.get("initial_conversation")
