"""The first steps, of a new installation or of a partner's workspace: each with its state, and a button."""

from collections.abc import Sequence
from typing import Any

from handlers.views.entries import NEW
from handlers.views.entry_fields import TITLES
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import spoken
from handlers.views.parts.surfaces import modal
from tiercore.access import SlackUser
from tiercore.first_steps import Step, Task
from tiercore.typed.types import Kind

BRING, INVITE, LINKING, TABLE, COLLEAGUES = "bring", "invite", "people", "setup", "colleagues"
_BUTTONS = {
    Task.CONNECT: ("Connect people", LINKING),
    Task.DATA: ("Bring data", BRING),
    Task.TABLE: ("Set the table", TABLE),
    Task.INVITE: ("Invite someone", INVITE),
    Task.LINK: ("Link me", "link"),
    Task.COLLEAGUES: ("Invite colleagues", COLLEAGUES),
    Task.NOTIFICATIONS: ("Notifications", "digest"),
}
_WAYS = (
    ("A file", "drop a CSV or Excel file in the messages with me: yours or an export, I show what I make of it first"),
    ("HubSpot", "tierbot sync hubspot on the server reads partner clients, deals and line items"),
    ("Typing", "a partner, a client, a sale, an agreement; the window says what it will earn before you save"),
)


def checklist(steps: Sequence[Step], title: str = "Set up tierbot.", notes: Sequence[str] = ()) -> Message:
    """The steps with their states, and what else there is to know; the next one has the green button."""
    following = next((each for each in steps if each.is_next), None)
    said = f"{title} Next: {following.title[:1].lower()}{following.title[1:]}." if following else title
    lines = [
        blocks.line(blocks.span(f"{_mark(each)} {at} "), blocks.bold(each.title), blocks.span(f": {each.state}"))
        for at, each in enumerate(steps, 1)
    ]
    buttons = [
        blocks.button(_BUTTONS[each.task][0], f"{FORM}:{_BUTTONS[each.task][1]}", each.task.value, primary=each.is_next)
        for each in steps
        if not each.is_done
    ]
    spoken_steps = (f"{at} {each.title}: {each.state}." for at, each in enumerate(steps, 1))
    shown = [blocks.rich(blocks.line(blocks.bold(said)), *lines)]
    if buttons:
        shown.append({**blocks.actions(*buttons), "block_id": "first_steps"})
    if notes:
        shown.append(blocks.context(*notes))
    return Message(spoken(said, *spoken_steps, *notes), shown)


def _mark(step: Step) -> str:
    return "✅" if step.is_done else "➡️" if step.is_next else "▫️"


def nobody_linked(user: SlackUser) -> Message:
    """To whoever asks first, when nobody is linked: the one command that makes them an admin."""
    said = "Nobody is linked to tierbot yet. If you run it, make yourself its admin:"
    command = f"tierbot link --team {user.team_id} --user {user.user_id} --email YOUR-E-MAIL --admin"
    return Message(
        spoken(said, f"On the server: {command}."),
        [
            blocks.rich(
                blocks.line(blocks.bold(said)),
                {"type": "rich_text_preformatted", "elements": [blocks.span(command)]},
            ),
            blocks.context("Type it on the server where tierbot runs. Then type /tier here again."),
        ],
    )


def ways_to_bring_data() -> dict[str, Any]:
    """A modal with the three ways in."""
    lines = [blocks.line(blocks.bold(way), blocks.span(f": {how}")) for way, how in _WAYS]
    return modal(
        "Bring your data",
        [
            blocks.rich(blocks.line(blocks.bold("Three ways, and they can be mixed:")), blocks.bullets(lines)),
            blocks.actions(
                *(
                    blocks.button(TITLES[kind], f"{NEW}:{kind.value}", kind.value)
                    for kind in (Kind.PARTNER, Kind.CLIENT, Kind.SALE, Kind.AGREEMENT)
                )
            ),
            blocks.context("docs/getting-your-data.md has sample rows and every command, in order."),
        ],
    )


def how_to_connect() -> dict[str, Any]:
    """A modal on how people are linked."""
    lines = (
        "Type them one by one, or drop a people.csv in the messages with me: email, name, role, partner_id.",
        "Each person types /tier link, and you approve. Or give them a code: /tier invite E-MAIL.",
    )
    return modal(
        "Connect people",
        [
            blocks.rich(blocks.bullets(blocks.line(blocks.span(each)) for each in lines)),
            blocks.actions(blocks.button(TITLES[Kind.PERSON], f"{NEW}:{Kind.PERSON.value}", Kind.PERSON.value)),
        ],
    )
