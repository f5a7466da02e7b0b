"""Open deals: the windows and buttons that say what became of them. PipelineDeals checks whose they are."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from handlers.context import Context
from handlers.errors import EXPECTED, refusal
from handlers.payload import field_of
from handlers.typed_command import TypedCommand
from handlers.views import deals as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.surfaces import modal
from tiercore.access import SlackUser
from tiercore.typed.types import Draft

Body = dict[str, Any]
Form = Callable[[SlackUser, Draft], Awaitable[Body]]


class DealWindows:
    """Composes the windows about open deals; `sale_form` is the window for the sale that a won one becomes."""

    def __init__(self, context: Context, sale_form: Form) -> None:
        self._context, self._deals, self._sale_form = context, context.services.pipeline, sale_form

    async def window(self, what: str, deal_id: str, viewer: SlackUser) -> Body | None:
        """The window that a button asks for, None for a button that no card has. Raises NoSuchDeal."""
        today = self._context.today()
        match what:
            case "show":
                return view.window(await self._deals.find(viewer, deal_id), today)
            case "move":
                return view.move_form(await self._deals.find(viewer, deal_id), today)
            case "won":
                draft = await self._deals.as_sale(viewer, deal_id, secrets.token_hex(5).upper())
                return await self._sale_form(viewer, draft)
        return None

    async def submit(self, viewer: SlackUser, submitted: Body) -> Body:
        """The response to a new day."""
        deal_id = str(submitted.get("private_metadata"))
        to = _day_in(submitted)
        if to is None:
            return errors_at({view.DAY: "Choose a day."})
        try:
            line = await self._deals.move(viewer, deal_id, to)
        except EXPECTED as error:
            return errors_at({view.DAY: refusal(error, TypedCommand("pipeline"), viewer).text[:150]})
        return replaced_by(modal("New day", view.moved(line, to).blocks))


def _day_in(submitted: Body) -> date | None:
    try:
        return date.fromisoformat(field_of(submitted, view.DAY))
    except ValueError:
        return None


async def _lose(context: Context, viewer: SlackUser, deal_id: str) -> Message:
    return view.lost(await context.services.pipeline.lose(viewer, deal_id))


async def _put_off(context: Context, viewer: SlackUser, deal_id: str) -> Message:
    return view.put_off(await context.services.pipeline.put_off(viewer, deal_id))


DEAL_CLICKS = {view.LOST: _lose, view.LATER: _put_off}
