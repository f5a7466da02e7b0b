"""Typing entries in Slack, as a person does: the windows one after the other."""

from bot.playground.local_slack.screen import Shown
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import wait_until

VALUES = {
    "partner_id": "PA",
    "client_id": "C1",
    "product_line": "Service Hub",
    "deal_type": "net_new",
    "motion": "sourced",
    "mrr": "1000",
    "currency": "USD",
    "sold_on": "2022-09-01",
}


async def opened(tierbot: ServedBot, user: str, text: str) -> Shown:
    """What a command shows: a message, or a window once it is filled."""
    return await filled(tierbot, user, (await tierbot.slack.command(user, "/tier", text)).shown[-1])


async def clicked(tierbot: ServedBot, user: str, shown: Shown, button: str) -> Shown:
    """The window that a button opens, once it is filled."""
    return await filled(tierbot, user, (await tierbot.slack.click(user, shown, button)).shown[-1])


async def filled(tierbot: ServedBot, user: str, shown: Shown) -> Shown:
    """The window that was opened, once it shows more than that it takes a moment; a message as it is."""
    if shown.where != "modal":
        return shown
    user_id = f"U0{user.upper()}"

    def found() -> Shown | None:
        modal = tierbot.slack.modal(user_id)
        return modal if modal and "One moment" not in text_of(modal) else None

    await wait_until(lambda: found() is not None, "the window is filled")
    modal = found()
    assert modal
    return modal


async def current(tierbot: ServedBot, user: str, text: str) -> Shown:
    """The user's window once it shows the text."""
    user_id = f"U0{user.upper()}"

    def shows() -> bool:
        modal = tierbot.slack.modal(user_id)
        return modal is not None and text in text_of(modal)

    await wait_until(shows, f"the window says {text!r}")
    found = tierbot.slack.modal(user_id)
    assert found
    return found


async def save_sale(tierbot: ServedBot, user: str = "carla", **values: str) -> Shown:
    """Type a sale and save it; the window that confirms it."""
    window = await opened(tierbot, user, "add sale")
    checked = (await tierbot.slack.submit_view(user, window, {**VALUES, **values})).shown[-1]
    assert "It will earn" in text_of(checked), checked.errors
    await tierbot.slack.submit_view(user, checked)
    return await current(tierbot, user, "Saved")
