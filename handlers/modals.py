"""The modals that open from Home, and what their submission does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from handlers import proposals
from handlers.commands import cases, notification_settings
from handlers.commands.account import SUBCOMMANDS, invite_partner
from handlers.context import Context
from handlers.errors import EXPECTED, refusal
from handlers.gateway import SlackGateway
from handlers.payload import chosen_value, is_channels_message, selected_users
from handlers.responder import unexpected
from handlers.typed_command import TypedCommand
from handlers.views import arrival as arrival_view
from handlers.views import first_steps as first_steps_view
from handlers.views import modals as view
from handlers.views import proposals as proposals_view
from handlers.views import subscription_form as form_view
from handlers.views.case import ANSWER, CLIENT, SHOW, SHOWN, TEXT, TITLE, looking
from handlers.views.home import INVITE_PARTNER, read_state
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import FLAG
from handlers.views.parts.formats import paragraphs
from handlers.views.parts.responses import errors_at, replaced_by
from handlers.views.parts.surfaces import modal
from tiercore.access import SlackUser, WhichPartner
from tiercore.people.link_codes import is_link_code
from tiercore.questions.client import NoSuchClient

Body = dict[str, Any]
Releases = Sequence[tuple[str, Sequence[str]]]
log = structlog.get_logger()


FORMS = frozenset({"feedback", "link", "invite"})


@dataclass(frozen=True, slots=True)
class ModalSettings:
    """The channel where feedback is posted ("" for none), and the releases with the lines of What's new."""

    feedback_channel: str = ""
    releases: Releases = ()


class Modals:
    """Composes the modals of the Home tab, and handles their submissions."""

    def __init__(self, context: Context, settings: ModalSettings) -> None:
        self._context, self._channel, self._releases = context, settings.feedback_channel, settings.releases
        self._modals: dict[str, Callable[[SlackUser, Body], Awaitable[Body]]] = {
            "feedback": self._feedback,
            "link": self._link,
            "news": self._what_is_new,
            view.ALL_NEWS: self._all_news,
            "contact": self._contact,
            "digest": self._digest,
            first_steps_view.INVITE: self._invite,
            first_steps_view.BRING: _always(first_steps_view.ways_to_bring_data()),
            first_steps_view.COLLEAGUES: _always(arrival_view.colleagues_form()),
            INVITE_PARTNER: self._invite_partner,
            first_steps_view.LINKING: _always(first_steps_view.how_to_connect()),
            FLAG: self._flag,
            ANSWER: self._answer,
            SHOW: self._case,
            proposals_view.DECLINING: self._decline,
        }

    async def open(self, kind: str, viewer: SlackUser, body: Body) -> Body | None:
        """The modal that a button in Home opens; None for an unknown kind."""
        compose = self._modals.get(kind)
        return await compose(viewer, body) if compose else None

    async def _feedback(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.feedback_form()

    async def _link(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.link_form()

    async def _invite(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.invite_form()

    async def _what_is_new(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.news(self._releases)

    async def _all_news(self, _viewer: SlackUser, _body: Body) -> Body:
        return view.all_news(self._releases)

    async def _contact(self, viewer: SlackUser, body: Body) -> Body:
        """The CAM and CC of the partner that Home shows, if the viewer may see it."""
        answers = self._context.answers
        state = read_state((body.get("view") or {}).get("private_metadata"))
        try:
            grant = (await answers.reach(viewer)).grant(state.partner_id)
        except WhichPartner:
            return view.notice("Contact", "Choose a partner in Home first to see its contacts.")
        except EXPECTED as error:
            return view.notice("Contact", refusal(error, TypedCommand("tier"), viewer).text)
        return view.contacts(grant.partner.name, await answers.contacts(grant, viewer.team_id))

    async def _digest(self, viewer: SlackUser, body: Body) -> Body:
        """The viewer's notifications, to be changed; from a message that a channel got, the channel's."""
        try:
            return await notification_settings.notifications_form(
                self._context, viewer, channel=is_channels_message(body)
            )
        except EXPECTED as error:
            return view.notice("Notifications", refusal(error, TypedCommand("digest"), viewer).text)

    async def _flag(self, viewer: SlackUser, body: Body) -> Body:
        return await self._or_refusal(cases.flag_form(self._context, viewer, chosen_value(body)), viewer)

    async def _answer(self, viewer: SlackUser, body: Body) -> Body:
        return await self._or_refusal(cases.answer_form(self._context, viewer, chosen_value(body)), viewer)

    async def _decline(self, viewer: SlackUser, body: Body) -> Body:
        return await self._or_refusal(
            proposals.decline_form(self._context, viewer, str(chosen_value(body))), viewer, "Decline"
        )

    async def _case(self, viewer: SlackUser, body: Body) -> Body:
        async def shown() -> Body:
            return modal("Case", (await cases.show(self._context, viewer, chosen_value(body))).blocks)

        return await self._or_refusal(shown(), viewer)

    async def _or_refusal(self, view_: Awaitable[Body], viewer: SlackUser, title: str = TITLE) -> Body:
        try:
            return await view_
        except EXPECTED as error:
            return view.notice(title, refusal(error, TypedCommand("tier"), viewer).text)

    async def _invite_partner(self, viewer: SlackUser, body: Body) -> Body:
        async def shown() -> Body:
            found = await invite_partner(self._context, viewer, str(chosen_value(body)))
            return modal("Invite", found.blocks)

        return await self._or_refusal(shown(), viewer, "Invite")

    async def submit_colleagues(self, viewer: SlackUser, submitted: Body) -> Body:
        """The response to the submitted colleagues: an error at the field, or how many get a message."""
        chosen = selected_users(submitted, view.FIELD)
        try:
            new = await self._context.services.workspaces.invite_colleagues(viewer, chosen)
        except EXPECTED as error:
            return _field_error(refusal(error, TypedCommand("tier"), viewer).text)
        others = len(set(chosen) - {viewer.user_id})
        return replaced_by(modal("Invite colleagues", arrival_view.colleagues_invited(others, new).blocks))

    async def read_flag(self, viewer: SlackUser, submitted: Body) -> tuple[cases.Read | None, Body]:
        """What the window to flag a figure says, None where it can't be used, and the response to it."""
        try:
            return await cases.read_claim(self._context, viewer, submitted), replaced_by(looking())
        except cases.WrongField as error:
            return None, _field_error(str(error), error.field)
        except NoSuchClient as error:
            return None, _field_error(refusal(error, TypedCommand("clients"), viewer).text, CLIENT)
        except EXPECTED as error:
            return None, _field_error(refusal(error, TypedCommand("tier"), viewer).text, SHOWN)

    async def flag(self, viewer: SlackUser, read: cases.Read) -> Message:
        """What explains the difference, and who answers; a reference to the log where it fails."""
        try:
            return await cases.flag(self._context, viewer, read)
        except EXPECTED as error:
            return refusal(error, TypedCommand("tier"), viewer).message
        except Exception:
            return unexpected("flag").message

    async def submit_answer(self, viewer: SlackUser, submitted: Body) -> Body:
        """The response to a submitted answer: an error at its field, or a modal that confirms it."""
        try:
            reply = await cases.answer(self._context, viewer, submitted)
        except EXPECTED as error:
            return _field_error(refusal(error, TypedCommand("tier"), viewer).text, TEXT)
        return replaced_by(modal("Answer", reply.blocks))

    async def submit_notifications(self, viewer: SlackUser, submitted_view: Body) -> Body:
        """The response to a submitted notifications modal: an error for each wrong field, or the new notifications."""
        try:
            reply = await notification_settings.submit_form(self._context, viewer, form_view.read(submitted_view))
        except EXPECTED as error:
            return _field_error(refusal(error, TypedCommand("digest"), viewer).text, form_view.TOPICS)
        if isinstance(reply, dict):
            return errors_at(reply)
        return replaced_by(modal("Notifications", reply.blocks))

    async def submit(self, kind: str, viewer: SlackUser, text: str) -> Body:
        """The response to a submitted form: an error at its field, or a modal that confirms it."""
        text = paragraphs(text)
        if not text:
            return _field_error("Please write something.")
        if kind == "feedback":
            return replaced_by(await self._submit_feedback(viewer, text))
        if kind == "invite":
            return await self._submit_invitation(viewer, text)
        if "@" not in text and not is_link_code(text):
            return _field_error(
                "That's neither an e-mail nor a code. Type the e-mail your CAM knows, like ana@example.com."
            )
        try:
            reply = await SUBCOMMANDS["link"].handler(self._context, viewer, text)
        except EXPECTED as error:
            return _field_error(refusal(error, TypedCommand("tier"), viewer).text)
        return replaced_by(modal("Link me", reply.blocks))

    async def _submit_invitation(self, viewer: SlackUser, email: str) -> Body:
        try:
            reply = await SUBCOMMANDS["invite"].handler(self._context, viewer, email)
        except EXPECTED as error:
            return _field_error(refusal(error, TypedCommand("tier"), viewer).text)
        return replaced_by(modal("Invite", reply.blocks))

    async def _submit_feedback(self, viewer: SlackUser, text: str) -> Body:
        person = await self._context.services.people.save_feedback(viewer, text)
        if self._channel:
            try:
                where = ""
                if self._context.is_partners:
                    where = await self._context.services.workspaces.name_of(viewer.team_id)
                post = view.feedback_post(text, viewer.user_id, person.email if person else "", where)
                await (await self._operators_gateway()).post(self._channel, post)
            except Exception as error:
                log.warning("feedback_not_posted", error=type(error).__name__, reason=str(error)[:200])
        return view.notice("Thank you", "Thank you. The people who run tierbot will read it.")

    async def _operators_gateway(self) -> SlackGateway:
        """Posts where the operator reads feedback: in the program's own workspace. Raises SlackRefused."""
        if not self._context.is_partners:
            return self._context.gateway
        team_id = await self._context.services.workspaces.programs_team()
        return (await self._context.workspace_of(team_id or "")).gateway


def _always(shown: Body) -> Callable[[SlackUser, Body], Awaitable[Body]]:
    """Composes the same modal for everyone."""

    async def compose(_viewer: SlackUser, _body: Body) -> Body:
        return shown

    return compose


def _field_error(reason: str, field: str = view.FIELD) -> Body:
    return errors_at({field: reason[:150]})
