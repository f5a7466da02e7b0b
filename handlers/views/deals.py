"""An open deal: its card with what one can say of it, and the window for a new day (pipeline#past-its-day)."""

from datetime import date
from typing import Any

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.formats import day, money, name, spoken
from handlers.views.parts.surfaces import modal
from handlers.views.parts.typed import ENTRY
from handlers.views.replies import plain_reply
from tiercore.pipeline.types import DealLine

DEAL = f"{ENTRY}:deal"
SHOW, WON, MOVE = (f"{DEAL}:{each}" for each in ("show", "won", "move"))
LOST, LATER = "deal_lost", "deal_later"
MOVE_FORM = "deal_day"
DAY = "expected_on"


def open_button(deal_id: str, client: str) -> dict[str, Any]:
    """The button of a row that opens the deal."""
    return blocks.button("Open", f"{SHOW}:{deal_id}", deal_id, label=f"Open the deal with {name(client, 40)}")


def card(line: DealLine, today: date) -> Message:
    """The deal, and what became of it: asked in a direct message once its day is over, and in a window."""
    said = asked(line, today)
    lines = [blocks.line(blocks.bold(said)), blocks.line(blocks.span(described(line)))]
    buttons = blocks.actions(*_buttons(line, today))
    return Message(
        spoken(said, f"{described(line)}."), [blocks.rich(*lines), buttons, blocks.context(_note(line, today))]
    )


def asked(line: DealLine, today: date) -> str:
    """What the card asks or says first."""
    when = f"on {day(line.expected_on)}"
    if line.expected_on < today:
        return f"Was the deal with {name(line.client)} closed? It was expected {when}."
    return f"The deal with {name(line.client)} is expected {when}."


def described(line: DealLine) -> str:
    """The deal in a few words."""
    deal = line.deal
    probability = "probability unknown" if deal.probability is None else f"{deal.probability}%"
    what = f"{name(deal.product_line)}, {deal.motion}, {money(deal.mrr)} a month, {probability}"
    return f"{name(line.partner)}: {what}"


def _buttons(line: DealLine, today: date) -> list[dict[str, Any]]:
    deal_id, aloud = line.deal.deal_id, name(line.client, 40)
    sure = blocks.confirmation("Lost?", "It is removed from your pipeline.", "Lost", "Cancel")
    found = [
        blocks.button("Won", WON, deal_id, primary=True, label=f"Won: {aloud}"),
        change_button("Lost", LOST, deal_id, aloud=f"Lost: {aloud}", confirm=sure),
        blocks.button("New day", MOVE, deal_id, label=f"New day: {aloud}"),
    ]
    if line.expected_on < today:
        found.append(change_button("Later", LATER, deal_id, aloud=f"Later: ask no more about this day, {aloud}"))
    return found


def _note(line: DealLine, today: date) -> str:
    if line.expected_on < today:
        return "It counts in no projection until you say. I ask once for each expected day."
    return "Won opens the window to add the sale. The deal never counts as points itself."


def window(line: DealLine, today: date) -> dict[str, Any]:
    """The card as a window."""
    return modal(name(line.client, 24), card(line, today).blocks)


def move_form(line: DealLine, today: date) -> dict[str, Any]:
    """The window for another expected day."""
    first = max(line.expected_on, today).isoformat()
    what = blocks.rich(blocks.line(blocks.bold(name(line.client)), blocks.span(f": {described(line)}")))
    field: Block = {
        "type": "input",
        "block_id": DAY,
        "label": blocks.plain("Expected day"),
        "element": {"type": "datepicker", "action_id": DAY, "initial_date": first},
    }
    return {
        **modal("New day", [what, field]),
        "callback_id": MOVE_FORM,
        "submit": blocks.plain("Save"),
        "close": blocks.plain("Cancel"),
        "private_metadata": line.deal.deal_id,
    }


def lost(line: DealLine) -> Message:
    """The deal is lost."""
    return plain_reply(f"Lost: the deal with {name(line.client)}.", "It is no longer in your pipeline.")


def put_off(line: DealLine) -> Message:
    """Nothing is known yet."""
    said = "It stays in /pipeline, in no projection, until you say more. I won't ask again about this day."
    return plain_reply(f"Later: the deal with {name(line.client)}.", said)


def moved(line: DealLine, to: date) -> Message:
    """The deal is expected on another day."""
    return plain_reply(
        f"The deal with {name(line.client)} is now expected on {day(to)}.", "Projections count it again."
    )
