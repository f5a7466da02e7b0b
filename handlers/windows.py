"""Windows by what opens them and by what submits them: a new one is added to these two tables."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from handlers import tier_setup
from handlers.context import Context
from handlers.entry_windows import SUBMITTED, EntryWindows
from handlers.home import Home
from handlers.modals import FORMS, Modals, ModalSettings
from handlers.partner_search import partner_options
from handlers.payload import Body, field_of, view_of, viewer_of
from handlers.presenter import Presenter, failures_logged
from handlers.proposals import decline_because
from handlers.responder import Responder
from handlers.share_windows import ShareWindows
from handlers.sharing import Sharer
from handlers.views.case import ANSWER, TITLE
from handlers.views.deals import MOVE_FORM
from handlers.views.first_steps import COLLEAGUES
from handlers.views.modals import FIELD
from handlers.views.parts.choices import FLAG, SHARE, WHAT_IF
from handlers.views.proposals import DECLINING, declining
from handlers.views.sharing import CHOOSING, PREVIEW
from handlers.whatif_window import OPENED, WhatIfWindow
from tiercore.access import SlackUser
from tiercore.typed.types import Kind


@dataclass(frozen=True, slots=True)
class Submitted:
    """The response to a submitted window, and what goes on after it."""

    response: Body | None = None
    after: Coroutine[Any, Any, None] | None = None


Submission = Callable[[SlackUser, Body], Awaitable[Submitted]]


class Windows:
    """Opens the windows that buttons and subcommands ask for, and answers their submissions."""

    def __init__(
        self,
        context: Context,
        presenter: Presenter,
        home: Home,
        responder: Responder,
        settings: ModalSettings,
        sharer: Sharer,
    ) -> None:
        self._context, self._presenter, self._home = context, presenter, home
        self._modals, self._entries = Modals(context, settings), EntryWindows(context, presenter)
        self._sharing = ShareWindows(context, presenter, sharer)
        self._what_if = WhatIfWindow(context, presenter, responder)
        self._submissions: dict[str, Submission] = {
            "digest": _responding(self._modals.submit_notifications),
            ANSWER: _responding(self._modals.submit_answer),
            FLAG: self._flag,
            WHAT_IF: self._ask_what_if,
            MOVE_FORM: _responding(self._entries.deals.submit),
            DECLINING: self._decline,
            COLLEAGUES: self._invite_colleagues,
            CHOOSING: self._share_where,
            PREVIEW: self._share,
            **dict.fromkeys(SUBMITTED, _responding(self._entries.submit)),
            **dict.fromkeys(tier_setup.KINDS, _responding(partial(tier_setup.submit, context))),
            **dict.fromkeys(FORMS, self._form),
        }

    async def open(self, kind: str, body: Body) -> None:
        """Open the window that a button or /tier setup asks for."""
        with failures_logged():
            is_in_modal = (view_of(body) or {}).get("type") == "modal"
            if kind in tier_setup.WINDOWS:
                title, compose = tier_setup.WINDOWS[kind]
                await self._presenter.open_form(compose(self._context, viewer_of(body)), title, body, push=is_in_modal)
            elif kind == SHARE:
                await self._presenter.open_view(self._sharing.form(body), body, push=is_in_modal)
            elif kind in OPENED:
                await self._what_if.open(kind, body)
            elif view := await self._modals.open(kind, viewer_of(body), body):
                await self._presenter.open_view(view, body, push=is_in_modal)

    async def open_entry(self, kind: Kind, body: Body) -> None:
        """Open the window to type an entry in."""
        with failures_logged():
            await self._entries.open(kind, body)

    async def act_on_entry(self, body: Body) -> None:
        """Do what a button about an entry asks for."""
        with failures_logged():
            await self._entries.on_action(body)

    async def options(self, body: Body) -> list[Body]:
        """The options of a search."""
        partners = await partner_options(self._context.answers, body)
        return await self._entries.options(body) if partners is None else partners

    async def submit(self, body: Body) -> Submitted:
        """What a submitted window is answered with: nothing where no window of the bot's has this callback id."""
        view = view_of(body) or {}
        submission = self._submissions.get(str(view.get("callback_id")))
        return await submission(viewer_of(body), view) if submission else Submitted()

    async def _flag(self, viewer: SlackUser, submitted: Body) -> Submitted:
        """Someone flagged a figure: the window says so immediately, and shows what was found when it is."""
        read, response = await self._modals.read_flag(viewer, submitted)
        if read is None:
            return Submitted(response)
        found = self._modals.flag(viewer, read)
        return Submitted(response, self._presenter.fill_modal(found, TITLE, str(submitted.get("id"))))

    async def _ask_what_if(self, viewer: SlackUser, submitted: Body) -> Submitted:
        """Someone asked what would be: the window shows the answer when it is there."""
        response, command = await self._what_if.submit(submitted)
        if command is None:
            return Submitted(response)
        return Submitted(response, self._what_if.show(command, viewer, str(submitted.get("id"))))

    async def _decline(self, viewer: SlackUser, submitted: Body) -> Submitted:
        """Someone declined a proposal: the window shows it when it is done, which an import may delay."""
        done = decline_because(self._context, viewer, submitted)
        response = {"response_action": "update", "view": declining()}
        return Submitted(response, self._presenter.fill_modal(done, "Decline", str(submitted.get("id"))))

    async def _invite_colleagues(self, viewer: SlackUser, submitted: Body) -> Submitted:
        """Someone chose colleagues: they are invited, and Home shows that step as done."""
        response = await self._modals.submit_colleagues(viewer, submitted)
        return Submitted(response, self._home.refresh_for(viewer))

    async def _share_where(self, viewer: SlackUser, submitted: Body) -> Submitted:
        return Submitted(*self._sharing.choose(viewer, submitted))

    async def _share(self, viewer: SlackUser, submitted: Body) -> Submitted:
        return Submitted(*self._sharing.confirm(viewer, submitted))

    async def _form(self, viewer: SlackUser, submitted: Body) -> Submitted:
        kind = str(submitted.get("callback_id"))
        response = await self._modals.submit(kind, viewer, field_of(submitted, FIELD))
        return Submitted(response, self._home.refresh_for(viewer) if kind == "link" else None)


def _responding(answer: Callable[[SlackUser, Body], Awaitable[Body]]) -> Submission:
    """A submission that ends with its response."""

    async def submission(viewer: SlackUser, submitted: Body) -> Submitted:
        return Submitted(await answer(viewer, submitted))

    return submission
