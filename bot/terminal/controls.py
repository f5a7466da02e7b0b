"""Buttons, selects and fields as text."""

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bot.terminal.elements import Json, initial, options_of
from bot.terminal.text import UNBROKEN_SPACE, clean, read

MAX_OPTIONS = 10
_BUTTON_STYLES = {"primary": "bold green", "danger": "bold red"}
_BUTTONS = ("button", "workflow_button", "icon_button")


@dataclass(frozen=True, slots=True)
class Unbroken:
    """A text in which no line breaks within a button, unless the button is wider than the terminal."""

    text: Text

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text.copy()
        text.plain = "".join(_breakable_if_wide(word, options.max_width) for word in re.split(r"(\s+)", text.plain))
        yield text


def _breakable_if_wide(word: str, width: int) -> str:
    return word.replace(UNBROKEN_SPACE, " ") if cell_len(word) > width else word


def controls(elements: list[Json]) -> Unbroken:
    """Buttons in one line, then each select with its options below."""
    buttons = [button(each) for each in elements if each.get("type") in _BUTTONS]
    lines = [Text("  ").join(buttons)] if buttons else []
    lines += [_control(each) for each in elements if each.get("type") not in _BUTTONS]
    return Unbroken(Text("\n").join(lines))


def control(element: Json) -> Unbroken:
    """A single element."""
    return Unbroken(_control(element))


def _control(element: Json) -> Text:
    kind = str(element.get("type"))
    if kind in _BUTTONS:
        return button(element)
    if kind == "image":
        return image(element)
    if kind == "feedback_buttons":
        return Text("  ").join(button(element[each]) for each in ("positive_button", "negative_button"))
    if kind == "overflow" or (kind == "static_select" and is_menu(element)):
        return _menu(element)
    if options_of(element):
        return _list(element)
    value = initial(element)
    return Text(f"[ {clean(value) if value else read(element.get('placeholder')).plain or kind.replace('_', ' ')} ]")


def image(element: Json) -> Text:
    """An image's description."""
    return Text(f"[image: {clean(element.get('alt_text', ''))}]", style="dim")


def button(element: Json) -> Text:
    """A button, with spaces that don't break."""
    label = read(element.get("text")).plain.replace("\n", " ")
    return Text(
        f"[ {label} ]".replace(" ", UNBROKEN_SPACE), style=_BUTTON_STYLES.get(str(element.get("style")), "bold")
    )


def is_menu(element: Json) -> bool:
    """Whether a select is one of actions, with nothing chosen: it is shown in a line."""
    return initial(element) is None and 0 < len(options_of(element)) <= MAX_OPTIONS


def _menu(element: Json) -> Text:
    """A menu's label, ⋯ where it has none, and what can be chosen."""
    label = read(element.get("placeholder")).plain
    options = (read(each.get("text")).plain.replace("\n", " ") for each in options_of(element))
    return Text(f"{f'{label} ▾' if label else '⋯'} {' · '.join(each.replace(' ', UNBROKEN_SPACE) for each in options)}")


def _list(element: Json) -> Text:
    label = read(element.get("placeholder")).plain
    chosen, options = initial(element), options_of(element)
    several = chosen if isinstance(chosen, list) else [chosen]
    selected = {each.get("value") for each in several if isinstance(each, dict)}
    lines = [f"{label} ▾"] if label else []
    lines += [_option(each, each.get("value") in selected) for each in options[:MAX_OPTIONS]]
    if len(options) > MAX_OPTIONS:
        lines.append(f"  … and {len(options) - MAX_OPTIONS} more")
    return Text("\n".join(lines))


def _option(option: Json, chosen: bool) -> str:
    text = read(option.get("text")).plain.replace("\n", " ")
    return f"  {'●' if chosen else '○'} {text}"
