"""Windows to type an entry in: opened by /tier add and by buttons, checked, shown with what it earns, then saved."""

import asyncio
import secrets
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import structlog

from handlers.context import Context
from handlers.deal_windows import DealWindows
from handlers.errors import EXPECTED, refusal
from handlers.payload import action_id_of, chosen_value, view_of, viewer_of
from handlers.presenter import Presenter, failures_logged
from handlers.typed_command import TypedCommand
from handlers.views import entries as view
from handlers.views import entry_forms as forms
from handlers.views.modals import notice
from handlers.views.parts.blocks import Message
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.surfaces import modal
from handlers.views.parts.typed import ENTRY
from tiercore.access import SlackUser
from tiercore.approvals.types import NewProposal, Part, Shown
from tiercore.typed.proposed import PROPOSAL, to_store, to_withdraw
from tiercore.typed.types import Draft, Kind, Rejected

Body = dict[str, Any]
SUBMITTED = frozenset({forms.FORM, forms.SAVE, forms.WITHDRAW})
PATIENCE_SECONDS = 1.0
_ERROR_LIMIT = 150
_OUT_OF_DATE = "This window is out of date. Open it again."
log = structlog.get_logger()


class EntryWindows:
    """Opens the windows, and answers what is typed and clicked in them. It grants nothing: TypedEntries checks all."""

    def __init__(self, context: Context, presenter: Presenter) -> None:
        self._context, self._presenter, self._entries = context, presenter, context.services.typed
        self.deals = DealWindows(context, self._form)

    async def open(self, kind: Kind, body: Body) -> None:
        """Open the window for a new entry; what goes wrong is said where it was asked for."""
        await self._show(self._new(kind, viewer_of(body)), body)

    async def on_action(self, body: Body) -> None:
        """A button: add something, edit or withdraw an entry, change what is about to be saved."""
        action, _, value = action_id_of(body).removeprefix(f"{ENTRY}:").partition(":")
        viewer, id_ = viewer_of(body), str(chosen_value(body) or value)
        match action:
            case "new" if id_ in set(Kind):
                await self._show(self._new(Kind(id_), viewer), body)
            case "keep" if (draft := forms.read_written(id_)) and draft.kind is Kind.DEAL:
                await self._show(self._form(viewer, replace(draft, token=_token(), edits="")), body)
            case "edit":
                await self._show(self._edit(id_, viewer), body)
            case "withdraw":
                await self._show(self._withdraw_form(id_, viewer), body)
            case "client":
                await self._show(self._of_client(id_, viewer), body)
            case "change":
                await self._show(self._change(viewer, body), body)
            case "deal":
                await self._show(self._of_deal(value.partition(":")[0], id_, viewer), body)

    async def options(self, body: Body) -> list[Body]:
        """The options of a search, within the viewer's reach."""
        column = str(body.get("action_id") or action_id_of(body))
        if column not in forms.SEARCHED:
            return []
        try:
            text, today = str(body.get("value") or ""), self._context.today()
            found = await self._entries.search(viewer_of(body), column, text, today)
        except EXPECTED:
            return []
        return [forms.option(id_, name) for id_, name in found]

    async def submit(self, viewer: SlackUser, submitted: Body) -> Body:
        """The response to a submitted window; saving goes on after it."""
        view_id, work = str(submitted.get("id")), None
        match submitted.get("callback_id"):
            case forms.FORM:
                return await self._checked(viewer, submitted)
            case forms.SAVE:
                draft = forms.read_written(submitted.get("private_metadata"))
                work = self._save(viewer, draft) if draft else None
            case forms.WITHDRAW:
                entry_id, why = str(submitted.get("private_metadata")), forms.reason_of(submitted)
                work = self._withdraw(viewer, entry_id, why)
        if work is None:
            return replaced_by(notice("Out of date", _OUT_OF_DATE))
        self._context.start(self._finish(work, viewer, view_id))
        return replaced_by(view.saving())

    async def _checked(self, viewer: SlackUser, submitted: Body) -> Body:
        draft = forms.read(submitted)
        if draft is None:
            return replaced_by(notice("Out of date", _OUT_OF_DATE))
        try:
            preview = await self._entries.preview(viewer, draft, self._context.today())
        except Rejected as error:
            return _errors(error.errors, submitted)
        except EXPECTED as error:
            return _errors({"": _text(error, viewer)}, submitted)
        return replaced_by(view.confirmation(preview))

    async def _save(self, viewer: SlackUser, draft: Draft) -> Message:
        today = self._context.today()
        preview = await self._entries.preview(viewer, draft, today)
        if not preview.direct:
            new = NewProposal(PROPOSAL, to_store(preview), preview.draft.partner_id)
            return view.proposed(preview, await self._proposed(new, viewer))
        found = await self._entries.save(viewer, draft, today)
        return view.saved(found.preview, found.entry_id, is_new=found.is_new)

    async def _withdraw(self, viewer: SlackUser, entry_id: str, reason: str) -> Message:
        line = await self._entries.line_of(viewer, entry_id)
        if not line.direct:
            new = NewProposal(PROPOSAL, to_withdraw(line, reason), line.partner_id)
            return view.proposed_withdrawal(line, await self._proposed(new, viewer))
        return view.withdrawn(await self._entries.withdraw(viewer, entry_id, reason, self._context.today()))

    async def _proposed(self, new: NewProposal, viewer: SlackUser) -> Shown:
        proposal = await self._context.services.approvals.propose(new, viewer)
        shown = await self._context.services.approvals.shown_to(viewer, proposal.proposal_id)
        return shown or Shown(proposal, Part.PROPOSER)

    async def _finish(self, work: Awaitable[Message], viewer: SlackUser, view_id: str) -> None:
        """Show in the window what came of it. Where an import keeps it waiting, say so, and send a message later; where
        the bot stops before, say that it wasn't saved.
        """
        task = asyncio.ensure_future(_in_words(work, viewer))
        try:
            in_time, _ = await asyncio.wait((task,), timeout=PATIENCE_SECONDS)
            if not in_time:
                await self._update(view_id, view.waiting())
            message = await task
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.gather(
                self._update(view_id, modal("Entries", view.interrupted().blocks)),
                self._context.send([viewer], view.interrupted()),
            )
            raise
        await self._update(view_id, modal("Entries", message.blocks))
        if not in_time:
            self._context.notify([viewer], message)

    async def _update(self, view_id: str, shown: Body) -> None:
        with failures_logged():  # it may have been closed by now
            await self._presenter.gateway.update_view(view_id, shown)

    async def _new(self, kind: Kind, viewer: SlackUser) -> Body:
        return await self._form(viewer, Draft(kind, "", {}, _token()))

    async def _edit(self, entry_id: str, viewer: SlackUser) -> Body:
        return await self._form(viewer, await self._entries.draft_of(viewer, entry_id, _token()))

    async def _withdraw_form(self, entry_id: str, viewer: SlackUser) -> Body:
        return view.withdraw_form(await self._entries.line_of(viewer, entry_id))

    async def _of_client(self, client_id: str, viewer: SlackUser) -> Body:
        found = await self._entries.of_client(viewer, client_id)
        return modal("Typed entries", view.entries_of_client(found).blocks)

    async def _of_deal(self, what: str, deal_id: str, viewer: SlackUser) -> Body:
        found = await self.deals.window(what, deal_id, viewer)
        return found or notice("Out of date", _OUT_OF_DATE)

    async def _change(self, viewer: SlackUser, body: Body) -> Body:
        draft = forms.read_written((view_of(body) or {}).get("private_metadata"))
        return await self._form(viewer, draft) if draft else notice("Out of date", _OUT_OF_DATE)

    async def _form(self, viewer: SlackUser, draft: Draft) -> Body:
        """The window for the draft. Raises NotAllowed where the viewer may not type such an entry."""
        today = self._context.today()
        choices, names = await self._entries.form(viewer, draft, today)
        return forms.form(draft, choices, today, names)

    async def _show(self, work: Awaitable[Body], body: Body) -> None:
        """Open a window at once and then show this in it, or put it in place of the one that was clicked in."""
        shown, clicked = _or_notice(work, viewer_of(body)), view_of(body)
        if clicked is not None and clicked.get("type") == "modal":
            await self._update(str(clicked.get("id")), await shown)
        else:
            await self._presenter.open_form(shown, "Entries", body)


async def _or_notice(work: Awaitable[Body], viewer: SlackUser) -> Body:
    try:
        return await work
    except EXPECTED as error:
        return notice("Entries", _text(error, viewer))


async def _in_words(work: Awaitable[Message], viewer: SlackUser) -> Message:
    try:
        return await work
    except EXPECTED as error:
        return refusal(error, TypedCommand("tier", "add"), viewer).message


def _text(error: Exception, viewer: SlackUser) -> str:
    return refusal(error, TypedCommand("tier", "add"), viewer).text


def _token() -> str:
    return secrets.token_hex(5).upper()


def _errors(errors: dict[str, str], submitted: Body) -> Body:
    """An error at each field; what is about none that is shown, at the first one."""
    fields = [str(each.get("block_id")) for each in submitted.get("blocks", ()) if each.get("type") == "input"]
    first = fields[0] if fields else ""
    found: dict[str, str] = {}
    for column, text in errors.items():
        field = column if column in fields else first
        found[field] = f"{found.get(field, '')} {text}".strip()[:_ERROR_LIMIT]
    return errors_at(found)
