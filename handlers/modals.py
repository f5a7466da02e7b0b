"""Windows that open from Home, and what happens when they are filled in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from handlers.commands import subscriptions
from handlers.commands.account import SUBCOMMANDS, Context
from handlers.conversation import TypedCommand
from handlers.errors import EXPECTED, refusal
from handlers.views import modals as view
from handlers.views import subscriptions as subscribing_view
from handlers.views.home import read_state
from handlers.views.parts.surfaces import modal
from tiercore.access import SlackUser, WhichPartner
from tiercore.people.link_codes import is_link_code

Body = dict[str, Any]
News = Sequence[tuple[str, Sequence[str]]]
log = structlog.get_logger()


FORMS = frozenset({"feedback", "link"})


@dataclass(frozen=True, slots=True)
class ModalSettings:
    """The channel where feedback is posted, empty for nowhere, and the releases with their lines."""

    feedback_channel: str = ""
    news: News = ()


class Modals:
    """The windows of the Home tab."""

    def __init__(self, context: Context, settings: ModalSettings) -> None:
        self._context, self._channel, self._news = context, settings.feedback_channel, settings.news
        self._windows: dict[str, Callable[[SlackUser, Body], Awaitable[Body]]] = {
            "feedback": self._feedback,
            "link": self._link,
            "news": self._what_is_new,
            "contact": self._contact,
            "digest": self._digest,
        }

    async def window(self, kind: str, viewer: SlackUser, body: Body) -> Body | None:
        """The window that a button of Home opens, None for one that is not ours."""
        make = self._windows.get(kind)
        return await make(viewer, body) if make else None

    async def _feedback(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.feedback_form()

    async def _link(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.link_form()

    async def _what_is_new(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.news(self._news)

    async def _contact(self, viewer: SlackUser, body: Body) -> Body:
        """Who looks after the partner that Home shows, as far as the viewer may see it."""
        answers = self._context.answers
        state = read_state((body.get("view") or {}).get("private_metadata"))
        try:
            grant = (await answers.reach(viewer)).grant(state.partner_id)
        except WhichPartner:
            return view.said("Contact", "Choose a partner in Home first to see its contacts.")
        except EXPECTED as error:
            return view.said("Contact", refusal(error, TypedCommand("tier"), viewer, frozenset()).said)
        return view.contacts(grant.partner.name, await answers.contacts(grant, viewer.team_id))

    async def _digest(self, viewer: SlackUser, _body: Body) -> Body:
        """What one is told by itself, to be changed."""
        try:
            return await subscriptions.window(self._context, viewer)
        except EXPECTED as error:
            return view.said("Notifications", refusal(error, TypedCommand("digest"), viewer, frozenset()).said)

    async def subscribed(self, viewer: SlackUser, sent: Body) -> Body:
        """What Slack is answered when that window is sent: what is wrong with which field, or the new state."""
        try:
            reply = await subscriptions.submitted(self._context, viewer, subscribing_view.read(sent))
        except EXPECTED as error:
            return _wrong(refusal(error, TypedCommand("digest"), viewer, frozenset()).said, subscribing_view.TOPICS)
        if isinstance(reply, dict):
            return {"response_action": "errors", "errors": reply}
        return _shown(modal("Notifications", reply.blocks))

    async def submitted(self, kind: str, viewer: SlackUser, text: str) -> Body:
        """What Slack is answered when a form is sent: an error beside the field, or what came of it."""
        if not text.strip():
            return _wrong("Please write something.")
        if kind == "feedback":
            return _shown(await self._sent(viewer, text))
        if "@" not in text and not is_link_code(text):
            return _wrong("That's neither an e-mail nor a code. Type the e-mail your CAM knows, like ana@example.com.")
        try:
            reply = await SUBCOMMANDS["link"].do(self._context, viewer, text)
        except EXPECTED as error:
            return _wrong(refusal(error, TypedCommand("tier"), viewer, frozenset()).said)
        return _shown(modal("Link me", reply.blocks))

    async def _sent(self, viewer: SlackUser, text: str) -> Body:
        person = await self._context.people.save_feedback(viewer, text)
        if self._channel:
            try:
                post = view.feedback_post(text, viewer.user_id, person.email if person else "")
                await self._context.gateway.post(self._channel, post)
            except Exception as error:
                log.warning("feedback_not_posted", error=type(error).__name__, reason=str(error)[:200])
        return view.said("Thank you", "Thank you. The people who run tierbot will read it.")


def _wrong(why: str, field: str = view.FIELD) -> Body:
    return {"response_action": "errors", "errors": {field: why[:150]}}


def _shown(window: Body) -> Body:
    return {"response_action": "update", "view": window}
