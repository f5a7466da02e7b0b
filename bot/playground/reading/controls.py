"""Buttons, lists and fields, as a terminal can show them."""

from typing import Any

from rich.text import Text

from bot.playground.elements import initial, options_of
from bot.playground.reading.words import clean, read

Json = dict[str, Any]
MOST_OPTIONS = 10
UNBROKEN_SPACE = "\ue000"  # inside a button; `clean` lets none through, and `render` makes it a space
_BUTTON_STYLES = {"primary": "bold green", "danger": "bold red"}
_BUTTONS = ("button", "workflow_button", "icon_button")


def controls(elements: list[Json]) -> Text:
    """Buttons side by side, then each list with its options below."""
    buttons = [_button(each) for each in elements if each.get("type") in _BUTTONS]
    lines = [Text("  ").join(buttons)] if buttons else []
    lines += [control(each) for each in elements if each.get("type") not in _BUTTONS]
    return Text("\n").join(lines)


def control(element: Json) -> Text:
    """One element by itself."""
    kind = str(element.get("type"))
    if kind in _BUTTONS:
        return _button(element)
    if kind == "image":
        return picture(element)
    if kind == "feedback_buttons":
        return Text("  ").join(_button(element[each]) for each in ("positive_button", "negative_button"))
    if options_of(element):
        return _list(element)
    held = initial(element)
    return Text(f"[ {clean(held) if held else read(element.get('placeholder')).plain or kind.replace('_', ' ')} ]")


def picture(element: Json) -> Text:
    """A picture's description."""
    return Text(f"[image: {clean(element.get('alt_text', ''))}]", style="dim")


def _button(element: Json) -> Text:
    label = read(element.get("text")).plain.replace("\n", " ")
    return Text(
        f"[ {label} ]".replace(" ", UNBROKEN_SPACE), style=_BUTTON_STYLES.get(str(element.get("style")), "bold")
    )


def _list(element: Json) -> Text:
    label = read(element.get("placeholder")).plain
    chosen, options = initial(element), options_of(element)
    several = chosen if isinstance(chosen, list) else [chosen]
    held = {each.get("value") for each in several if isinstance(each, dict)}
    lines = [f"{label} ▾"] if label else []
    lines += [_option(each, each.get("value") in held) for each in options[:MOST_OPTIONS]]
    if len(options) > MOST_OPTIONS:
        lines.append(f"  … and {len(options) - MOST_OPTIONS} more")
    return Text("\n".join(lines))


def _option(option: Json, chosen: bool) -> str:
    text = read(option.get("text")).plain.replace("\n", " ")
    return f"  {'●' if chosen else '○'} {text}"
