"""The options and initial values of Block Kit's elements."""

from typing import Any

Json = dict[str, Any]
Choice = Any


def options_of(element: Json) -> list[Json]:
    """A select's options, including those in groups."""
    grouped = [each for group in element.get("option_groups", ()) for each in group["options"]]
    return [*element.get("options", ()), *grouped]


def initial(element: Json) -> Choice:
    """An element's initial value: an option, options, a text or an id; None without one."""
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
