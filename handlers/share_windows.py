"""The windows in which an answer is shared: where to, a preview that says who will see it, and the outcome."""

from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from typing import Any

from handlers.context import Context
from handlers.errors import EXPECTED, refusal
from handlers.payload import chosen_value, field_of
from handlers.presenter import Presenter, failures_logged
from handlers.responder import unexpected
from handlers.sharing import Sharer, as_state, read_share, read_state
from handlers.typed_command import TypedCommand
from handlers.views import modals
from handlers.views import sharing as view
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.submitted import field, ticked
from tiercore.access import SlackUser
from tiercore.sharing.types import Share

Body = dict[str, Any]
Response = tuple[Body, Coroutine[Any, Any, None] | None]


class ShareWindows:
    """Opens them and answers their submissions."""

    def __init__(self, context: Context, presenter: Presenter, sharer: Sharer) -> None:
        self._context, self._presenter, self._sharer = context, presenter, sharer

    def form(self, body: Body) -> Body:
        """The window that asks where to share what the button is about."""
        return view.choose_form(str(chosen_value(body)))

    def choose(self, viewer: SlackUser, submitted: Body) -> Response:
        """Where it is to be shared: an error at its field, or a window that becomes the preview."""
        channel = str(field(submitted, view.CHANNEL, view.CHANNEL).get("selected_conversation") or "")
        person = str(field(submitted, view.PERSON, view.PERSON).get("selected_user") or "")
        if not (channel or person):
            return errors_at({view.CHANNEL: "Choose a channel or a person."}), None
        comment = field_of(submitted, view.COMMENT)
        share = read_share(submitted.get("private_metadata"), person or channel, comment, self._context.today())
        if share is None:
            return replaced_by(modals.notice(view.TITLE, "This can't be shared any more. Ask again.")), None
        return replaced_by(view.looking()), self._fill(self._preview(viewer, share), viewer, submitted)

    def confirm(self, viewer: SlackUser, submitted: Body) -> Response:
        """The preview was submitted: an error where a box has to be ticked, or a window that says what became of it."""
        share = read_state(submitted.get("private_metadata"), self._context.today())
        if share is None:
            return replaced_by(modals.notice(view.TITLE, "This can't be shared any more. Ask again.")), None
        if share.confirmed and not ticked(submitted, view.CONFIRM, view.CONFIRM):
            return errors_at({view.CONFIRM: "Tick the box to show it to them, or cancel."}), None
        return replaced_by(view.looking()), self._fill(self._send(viewer, share), viewer, submitted)

    async def _preview(self, viewer: SlackUser, share: Share) -> Body:
        ready = await self._sharer.ready(viewer, share)
        share = replace(share, confirmed=ready.needed)
        message = self._sharer.composed(viewer, share, ready)
        found = self._presenter.without_native_blocks(view.frozen(message))
        return view.preview(found, ready.seen, ready.partner, as_state(share), confirm=bool(ready.needed))

    async def _send(self, viewer: SlackUser, share: Share) -> Body:
        ready = await self._sharer.send(viewer, share)
        return view.on_its_way(ready.seen)

    async def _fill(self, work: Awaitable[Body], viewer: SlackUser, submitted: Body) -> None:
        """Show in the open window what the work gives, or why it can't be shared."""
        try:
            shown = await work
        except EXPECTED as error:
            shown = modals.notice(view.TITLE, refusal(error, TypedCommand("tier"), viewer).text)
        except Exception:
            shown = modals.notice(view.TITLE, unexpected("share").text)
        with failures_logged():
            await self._presenter.gateway.update_view(str(submitted.get("id")), shown)
