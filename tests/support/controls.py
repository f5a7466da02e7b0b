"""What can be clicked in a message, a window or the Home tab, and the windows that clicks leave open."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.playground.local_slack.blockcheck import interactive
from bot.playground.local_slack.messages import every_block
from bot.playground.local_slack.screen import Shown
from bot.terminal.elements import options_of
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import wait_until

_WAITING = ("One moment", "Looking at who is there")


class Control(NamedTuple):
    """A button, or an option of a menu by its value."""

    element: dict[str, Any]
    option: str | None

    @property
    def asks(self) -> tuple[str, str]:
        """What it does: the action that the bot gets, and the value."""
        found = self.option or str(self.element.get("value"))
        return str(self.element["action_id"]).partition(":")[0], found


def controls_of(shown: Shown) -> Iterator[Control]:
    """The buttons and the options of menus; a form's fields are none."""
    for block in every_block(shown.blocks):
        if block["type"] == "input":
            continue
        for element, _ in interactive(block):
            if element["type"] == "button":
                yield Control(element, None)
            elif element["type"] in ("static_select", "overflow"):
                yield from (Control(element, each["value"]) for each in options_of(element))


def buttons_of(shown: Shown) -> list[str]:
    """The labels of the message's buttons."""
    return [each.element["text"]["text"] for each in controls_of(shown) if each.element["type"] == "button"]


def menu_of(shown: Shown) -> list[str]:
    """The labels in the message's overflow menu."""
    return [
        each["text"]["text"]
        for control in controls_of(shown)
        if control.element["type"] == "overflow"
        for each in options_of(control.element)
        if each["value"] == control.option
    ]


def forged(shown: Shown, action_id: str, value: str) -> dict[str, Any]:
    """A button of the message, which from now on sends another action and value."""
    button = next(each.element for each in controls_of(shown) if each.element["type"] == "button")
    button.update(action_id=action_id, value=value)
    return button


async def use(tierbot: ServedBot, user: str, shown: Shown, what: Any, choice: Any = None) -> Shown:
    """What a click shows, once it is there: a message, the window on top, or the Home tab."""
    answer = await tierbot.slack.click(user, shown, what, choice)
    assert answer.shown, f"{what} {choice} shows nothing"
    return await window_of(tierbot, user) if answer.shown[-1].where == "modal" else answer.shown[-1]


async def window_of(tierbot: ServedBot, user: str, text: str = "") -> Shown:
    """The window on top once it has its content and shows the text."""

    def there() -> bool:
        found = tierbot.slack.modal(user)
        said = text_of(found) if found else ""
        return bool(found) and text in said and not any(each in said for each in _WAITING)

    await wait_until(there, f"the window says {text!r}")
    found = tierbot.slack.modal(user)
    assert found
    return found


def windows_open(tierbot: ServedBot, user: str) -> int:
    """How many windows are on top of each other."""
    return len(tierbot.slack.state.views.stacks.get(tierbot.slack.directory.person(user).user_id, ()))


async def close_above(tierbot: ServedBot, user: str, below: int) -> None:
    """Close the windows on top until so many are open."""
    while windows_open(tierbot, user) > below:
        top = tierbot.slack.modal(user)
        assert top
        await tierbot.slack.close_view(user, top)
