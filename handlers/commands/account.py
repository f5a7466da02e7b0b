"""`/tier link`, `unlink`, `invite`, `here`, `prefer`: what people change by a command or a click."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

import structlog

from handlers.background import BackgroundTasks
from handlers.gateway import SlackGateway
from handlers.parsing.words import joined, words_of
from handlers.question import InvalidInput
from handlers.views import account as view
from handlers.views.parts.blocks import Message
from tiercore.access import NotLinked, Reach, SlackUser, plain
from tiercore.people.link_codes import is_link_code
from tiercore.program import Model

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications
    from tiercore.people.service import People

Handler = Callable[["Context", SlackUser, str], Awaitable[Message]]
log = structlog.get_logger()
_NOWHERE = frozenset({"none", "nobody", "nothing", "off", "clear"})


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Something that a command does besides answering: its word, usage, what it is for, and how.

    `do` gives the reply; it raises InvalidChange, NotAllowed, InvalidInput and what asking a question may raise.
    """

    word: str
    usage: str
    summary: str
    do: Handler


class Context:
    """Does what people ask for; whoever asks is looked up anew, whatever a button claims."""

    def __init__(
        self,
        people: "People",
        notifications: "Notifications",
        answers: "Answers",
        gateway: SlackGateway,
        background: BackgroundTasks,
        today: Callable[[], date],
    ) -> None:
        self.people, self.notifications, self.answers = people, notifications, answers
        self.gateway, self._background, self.today = gateway, background, today

    async def reach(self, viewer: SlackUser) -> Reach | None:
        """Who the viewer is, None for a stranger."""
        try:
            return await self.answers.reach(viewer)
        except NotLinked:
            return None

    def tell(self, users: Sequence[str], message: Message) -> None:
        """Write to each of the users, without waiting for it."""
        self._background.start(self._tell(users, message))

    async def _tell(self, users: Sequence[str], message: Message) -> None:
        for user_id in users:
            try:
                await self.gateway.post(user_id, {"text": message.text, "blocks": message.blocks})
            except Exception as error:
                log.warning("not_told", user=user_id, error=type(error).__name__, reason=str(error)[:200])


def as_subcommand(text: str) -> tuple[str, str] | None:
    """The deed that the words after `/tier` begin with, and the words after it; None for a question."""
    words = words_of(text)
    if not words or words[0].quoted or plain(words[0].text) not in SUBCOMMANDS:
        return None
    return plain(words[0].text), joined(words[1:]) or ""


async def _link(context: Context, viewer: SlackUser, text: str) -> Message:
    """`link`, `link EMAIL` or `link CODE`."""
    if await context.reach(viewer):
        return view.linked_already()
    if is_link_code(text):
        person = await context.people.use_code(viewer, text)
        return view.onboarding(person.name)
    seen = await context.gateway.email_of(viewer.user_id)
    email = text.strip().lower() or (seen or "").lower()
    if "@" not in email:
        return view.how_to_link()
    asked = await context.people.request_link(viewer, email)
    context.tell(asked.approvers, view.request(asked, seen))
    log.info("link_asked", team=viewer.team_id, user=viewer.user_id, told=len(asked.approvers))
    return view.asked_to_link(email)


async def _decide(context: Context, viewer: SlackUser, request_id: str, *, approve: bool) -> Message:
    decided = await context.people.decide_link(viewer, request_id, approve=approve)
    said = view.onboarding(decided.name) if approve else view.declined()
    context.tell([decided.user.user_id], said)
    return view.decided(decided)


async def approve(context: Context, viewer: SlackUser, request_id: str) -> Message:
    """The button under a request."""
    return await _decide(context, viewer, request_id, approve=True)


async def decline(context: Context, viewer: SlackUser, request_id: str) -> Message:
    """The other button under a request."""
    return await _decide(context, viewer, request_id, approve=False)


async def _unlink(context: Context, viewer: SlackUser, _text: str) -> Message:
    """`unlink`: oneself."""
    email = await context.people.unlink(viewer)
    return view.unlinked(email)


async def _invite(context: Context, viewer: SlackUser, text: str) -> Message:
    """`invite EMAIL`: a one-time code for someone."""
    if "@" not in text:
        raise InvalidInput("Who is it for? Type their e-mail from people.csv, like /tier invite ana@example.com.")
    code = await context.people.create_code(viewer, text)
    return view.code(text.strip().lower(), code)


async def _here(context: Context, viewer: SlackUser, text: str) -> Message:
    """`here PARTNER`, `here none`, or `here` alone to be told."""
    reach = await context.answers.reach(viewer)
    if not text:
        names = {partner.partner_id: partner.name for partner in reach.partners}
        return view.channel_is_about(names.get(reach.here or ""))
    grant = None if plain(text) in _NOWHERE else reach.grant(text)
    await context.people.set_channel_partner(viewer, grant)
    return view.channel_is_about(grant.partner.name if grant else None, new=True)


async def _prefer(context: Context, viewer: SlackUser, text: str) -> Message:
    """`prefer points`, `prefer dollars`, or `prefer default` to go by the day's rules."""
    wanted = plain(text)
    model: Model | None = next((each for each in get_args(Model) if each == wanted), None)
    if model is None and wanted not in (*_NOWHERE, "default"):
        raise InvalidInput("Which dashboard should come first? Type /tier prefer points, dollars or default.")
    if not await context.people.prefer(viewer, model):
        raise NotLinked
    return view.preferred(model)


SUBCOMMANDS: dict[str, Subcommand] = {
    each.word: each
    for each in (
        Subcommand("link", "link [e-mail or code]", "ask to be linked, or use a code", _link),
        Subcommand("unlink", "unlink", "remove your own link", _unlink),
        Subcommand("invite", "invite e-mail", "make a one-time code that links someone (CAMs, CCs, admins)", _invite),
        Subcommand("here", "here [partner or none]", "set this channel's partner (CAMs, CCs, admins)", _here),
        Subcommand("prefer", "prefer points, dollars or default", "choose the dashboard you see first", _prefer),
    )
}
DECISIONS: dict[str, Handler] = {"approve": approve, "decline": decline}
CLICKS: dict[str, Handler] = {**DECISIONS, "prefer": _prefer}
