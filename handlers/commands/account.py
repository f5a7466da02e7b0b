"""`/tier link`, `unlink`, `invite`, `here`, `prefer`: what people change by a command or a click."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import structlog

from handlers.background import BackgroundTasks
from handlers.gateway import SlackGateway
from handlers.parsing.words import joined, words_of
from handlers.question import BadWords
from handlers.views import account as view
from handlers.views.parts.blocks import Message
from tiercore.access import NotBound, Reach, SlackUser, plain
from tiercore.answers import Answers
from tiercore.people import linking, preferences
from tiercore.program import Model
from tiercore.storage.transactions import Transactions

Doing = Callable[["Deeds", SlackUser, str], Awaitable[Message]]
log = structlog.get_logger()
_NOWHERE = frozenset({"none", "nobody", "nothing", "off", "clear"})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a command does besides answering: its word, usage, what it is for, and how.

    `do` gives the reply; it raises BadChange, NotAllowed, BadWords and what asking a question may raise.
    """

    word: str
    usage: str
    summary: str
    do: Doing


class Deeds:
    """Does what people ask for; whoever asks is looked up anew, whatever a button claims."""

    def __init__(
        self,
        writer: Transactions,
        answers: Answers,
        outside: SlackGateway,
        later: BackgroundTasks,
        today: Callable[[], date],
    ) -> None:
        self.writer, self.answers, self.outside, self._later, self.today = writer, answers, outside, later, today

    async def reach(self, viewer: SlackUser) -> Reach | None:
        """Who the viewer is, None for a stranger."""
        try:
            return await self.answers.reach(viewer)
        except NotBound:
            return None

    def tell(self, users: Sequence[str], message: Message) -> None:
        """Write to each of the users, without waiting for it."""
        self._later.start(self._tell(users, message))

    async def _tell(self, users: Sequence[str], message: Message) -> None:
        for user_id in users:
            try:
                await self.outside.post(user_id, {"text": message.text, "blocks": message.blocks})
            except Exception as error:
                log.warning("not_told", user=user_id, error=type(error).__name__, reason=str(error)[:200])


def as_deed(text: str) -> tuple[str, str] | None:
    """The deed that the words after `/tier` begin with, and the words after it; None for a question."""
    words = words_of(text)
    if not words or words[0].quoted or plain(words[0].text) not in DEEDS:
        return None
    return plain(words[0].text), joined(words[1:]) or ""


async def _link(deeds: Deeds, viewer: SlackUser, text: str) -> Message:
    """`link`, `link EMAIL` or `link CODE`."""
    if await deeds.reach(viewer):
        return view.linked_already()
    if linking.looks_like_a_code(text):
        person = await deeds.writer.do(lambda connection, now: linking.use_code(connection, viewer, text, now))
        return view.onboarding(person.name)
    seen = await deeds.outside.email_of(viewer.user_id)
    email = text.strip().lower() or (seen or "").lower()
    if "@" not in email:
        return view.how_to_link()
    asked = await deeds.writer.do(lambda connection, now: linking.ask_to_link(connection, viewer, email, now))
    deeds.tell(asked.approvers, view.request(asked, seen))
    log.info("link_asked", team=viewer.team_id, user=viewer.user_id, told=len(asked.approvers))
    return view.asked_to_link(email)


async def _decide(deeds: Deeds, viewer: SlackUser, request_id: str, *, approve: bool) -> Message:
    decided = await deeds.writer.do(
        lambda connection, now: linking.decide(connection, viewer, request_id, approve=approve, now=now)
    )
    said = view.onboarding(decided.name) if approve else view.declined()
    deeds.tell([decided.user.user_id], said)
    return view.decided(decided)


async def approve(deeds: Deeds, viewer: SlackUser, request_id: str) -> Message:
    """The button under a request."""
    return await _decide(deeds, viewer, request_id, approve=True)


async def decline(deeds: Deeds, viewer: SlackUser, request_id: str) -> Message:
    """The other button under a request."""
    return await _decide(deeds, viewer, request_id, approve=False)


async def _unlink(deeds: Deeds, viewer: SlackUser, _text: str) -> Message:
    """`unlink`: oneself."""
    email = await deeds.writer.do(lambda connection, now: linking.unlink(connection, viewer, now))
    return view.unlinked(email)


async def _invite(deeds: Deeds, viewer: SlackUser, text: str) -> Message:
    """`invite EMAIL`: a one-time code for someone."""
    if "@" not in text:
        raise BadWords("Name the e-mail of a person in people.csv, like /tier invite ana@example.com.")
    code = await deeds.writer.do(lambda connection, now: linking.make_code(connection, viewer, text, now))
    return view.code(text.strip().lower(), code)


async def _here(deeds: Deeds, viewer: SlackUser, text: str) -> Message:
    """`here PARTNER`, `here none`, or `here` alone to be told."""
    reach = await deeds.answers.reach(viewer)
    if not text:
        names = {partner.partner_id: partner.name for partner in reach.partners}
        return view.channel_is_about(names.get(reach.here or ""))
    grant = None if plain(text) in _NOWHERE else reach.grant(text)
    await deeds.writer.do(lambda connection, now: preferences.settle_channel(connection, viewer, grant, now))
    return view.channel_is_about(grant.partner.name if grant else None, new=True)


async def _prefer(deeds: Deeds, viewer: SlackUser, text: str) -> Message:
    """`prefer points`, `prefer dollars`, or `prefer default` to go by the day's rules."""
    wanted = plain(text)
    model: Model | None = next((each for each in get_args(Model) if each == wanted), None)
    if model is None and wanted not in (*_NOWHERE, "default"):
        raise BadWords("Say which dashboard you want to see first: /tier prefer points, dollars or default.")
    if not await deeds.writer.do(lambda connection, _: preferences.prefer(connection, viewer, model)):
        raise NotBound
    return view.preferred(model)


DEEDS: dict[str, Deed] = {
    each.word: each
    for each in (
        Deed("link", "link [e-mail or code]", "ask to be linked to your person in people.csv", _link),
        Deed("unlink", "unlink", "undo your own link", _unlink),
        Deed("invite", "invite e-mail", "make a one-time code for someone (CAMs, CCs, admins)", _invite),
        Deed("here", "here [partner or none]", "which partner this channel is about (CAMs, CCs, admins)", _here),
        Deed("prefer", "prefer points, dollars or default", "which dashboard you see first", _prefer),
    )
}
DECISIONS: dict[str, Doing] = {"approve": approve, "decline": decline}
CLICKS: dict[str, Doing] = {**DECISIONS, "prefer": _prefer}
