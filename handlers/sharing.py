"""Sharing an answer (slack#share): who asks, who will see it, and the message as it is sent. Each step checks again."""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from handlers.conversation import Conversation
from handlers.gateway import SlackGateway, SlackRefused
from handlers.parsing.words import clean
from handlers.typed_command import QUESTIONS, TypedCommand
from handlers.views import alert as alert_view
from handlers.views import sharing as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import ALERT, read_value
from handlers.views.parts.formats import count, listed, name
from tiercore.access import Grant, SlackUser
from tiercore.notifications.types import AlertRef
from tiercore.people.types import InvalidChange
from tiercore.questions.digest import WEEK
from tiercore.questions.signals import SOON_DAYS
from tiercore.sharing.types import LONGEST_COMMENT, Share, outsiders_token

if TYPE_CHECKING:
    from tiercore.sharing.service import Sharing

MANY = 1_000  # people; in a channel with more of them it isn't checked who may see what
TOO_MANY = "many"
OF_OTHERS = "People of another organization are in that channel, and this isn't about them. Choose another channel."
_SCOPES = {"missing_scope", "no_permission", "access_denied"}
_GONE = "I can't find that channel, or I'm not in it. Type /invite @tierbot there, then share again."


class CannotShare(InvalidChange):
    """It can't be shared there; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes: the people there (None for more than MANY), and whether other organizations are: their `teams`."""

    members: tuple[str, ...] | None
    is_shared: bool
    is_private: bool
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that may be shared: its message, the partners that it is about, who will see it, and `needed`, whose
    confirmation it takes ("" for nobody's).
    """

    message: Message
    partner_ids: frozenset[str]
    partner: str
    seen: view.Seen
    needed: str
    sharer: str


class Sharer:
    """Finds out whether an answer may be shared, at every step anew."""

    def __init__(self, conversation: Conversation, sharing: "Sharing", gateway: SlackGateway, bot_user_id: str) -> None:
        self._conversation, self._sharing, self._gateway = conversation, sharing, gateway
        self._answers, self._bot = conversation.answers, bot_user_id

    async def ready(self, user: SlackUser, share: Share) -> Ready:
        """What would be shared, and who would see it. Raises CannotShare, and whatever a question may raise."""
        message, partner_ids, partner = await self._shown(user, share)
        place = await self._place(user, share.target)
        members = tuple(each for each in place.members or () if each != user.user_id)
        audience = await self._sharing.audience(
            user, partner_ids, share.target, members, shared=place.is_shared, teams=place.teams
        )
        if audience.of_others:
            raise CannotShare(OF_OTHERS)
        needed = ""
        if partner_ids and not audience.is_about:
            outsiders = (TOO_MANY,) if place.members is None else audience.outsiders
            needed = outsiders_token(outsiders, shared=place.is_shared)
        if needed and not audience.may_confirm:
            raise CannotShare(await self._who_could(user, partner_ids, partner, len(audience.outsiders)))
        people = None if place.members is None else len(place.members)
        seen = view.Seen(share.target, people, len(audience.outsiders), place.is_shared, audience.is_about)
        reach = await self._answers.reach(user)
        return Ready(message, partner_ids, partner, seen, needed, reach.name)

    async def send(self, user: SlackUser, share: Share) -> Ready:
        """Share it. Raises CannotShare where it takes a confirmation, or another one than it got."""
        ready = await self.ready(user, share)
        require_confirmed(ready, share)
        seen = ready.seen
        people = "more than 1,000 people" if seen.people is None else count(seen.people, "person", "people")
        seen_by = f"seen by {people}, {seen.outsiders} without access"
        await self._sharing.share(user, share, ready.partner_ids, seen_by)
        return ready

    async def compose(self, user: SlackUser, share: Share) -> Message:
        """The message that others see, from the data and the people there at this moment. Raises as `send`."""
        ready = await self.ready(user, share)
        require_confirmed(ready, share)
        return self.composed(user, share, ready)

    def composed(self, user: SlackUser, share: Share, ready: Ready) -> Message:
        """The message that others see of an answer that may be shared."""
        question = view.as_of_value(share.word, share.text, share.partner_id, share.day)
        now = self._sharing.now()
        return view.shared(ready.message, user.user_id, ready.sharer, share.comment, now, question)

    async def _shown(self, user: SlackUser, share: Share) -> tuple[Message, frozenset[str], str]:
        """The answer to the sharer, the partners that it is about, and what they are called together."""
        reach = await self._answers.reach(user)
        if share.word == ALERT:
            grant = reach.grant_of(share.partner_id or "")
            message = await self._alert(grant, share.text, share.day)
            return message, frozenset({grant.partner.partner_id}), name(grant.partner.name, 60)
        if share.word not in QUESTIONS:
            raise CannotShare("This can't be shared.")
        command = TypedCommand(share.word, share.text, share.partner_id)
        shown = await self._conversation.message(command, user, share.day)
        if shown.partner_id is not None:
            partner = reach.grant_of(shown.partner_id).partner
            return shown.message, frozenset({partner.partner_id}), name(partner.name, 60)
        if QUESTIONS[share.word].by_reach:
            return shown.message, frozenset(each.partner_id for each in reach.partners), "all of these partners"
        return shown.message, frozenset(), ""

    async def _alert(self, grant: Grant, signal_name: str, day: date) -> Message:
        """The alert as it is now. Raises CannotShare where it is over."""
        signals = await self._answers.reports.signals(grant, day)
        signal = signals.named(signal_name)
        if signal is None or signal.level is None:
            raise CannotShare("This alert is over. Ask /tier, and share that.")
        about = AlertRef("", grant.partner.partner_id, signal_name, 0)
        changes = await self._answers.changes(grant, day - timedelta(WEEK), day)
        expiry = await self._answers.expiring(grant, SOON_DAYS, day)
        return alert_view.message(alert_view.Alert(signals, signal, about, changes, expiry))

    async def _place(self, user: SlackUser, target: str) -> Place:
        """The people there. Raises CannotShare where the bot can't post, or the sharer isn't there."""
        if target.startswith(("U", "W")):
            if target == self._bot:
                raise CannotShare("That's me. Choose a channel or another person.")
            profile = await self._gateway.profile(target)
            if profile is not None and profile.is_deactivated:
                raise CannotShare("That account is deactivated. Choose somebody else.")
            return Place((target,), is_shared=False, is_private=True)
        return await self._channel(user, target)

    async def _channel(self, user: SlackUser, target: str) -> Place:
        try:
            info = await self._gateway.channel(target, fresh=True)
            if info is None:
                raise SlackRefused("missing_scope")
            if info.is_archived:
                raise CannotShare("That channel is archived. Choose another one.")
            if not info.is_member:
                raise CannotShare(_GONE)
            members = await self._gateway.members(target, MANY)
        except SlackRefused as error:
            raise CannotShare(_refused(error)) from error
        if members is None:
            if info.is_private:
                raise CannotShare(
                    "More than 1,000 people are in that private channel, too many to check. Choose another."
                )
            return Place(None, info.is_shared, info.is_private, info.teams)
        people = tuple(each for each in members if each != self._bot)
        if user.user_id not in people:
            raise CannotShare(_GONE)
        return Place(people, info.is_shared, info.is_private, info.teams)

    async def _who_could(self, user: SlackUser, partner_ids: frozenset[str], partner: str, outsiders: int) -> str:
        """Why the sharer may not, and who could."""
        whom = f"{outsiders} of the people there can't" if outsiders > 1 else "Not everybody there may"
        why = f"{whom} see {partner}, so only its CAM, its CC or an admin can share it there."
        if len(partner_ids) != 1:
            return why
        grant = (await self._answers.reach(user)).grant_of(next(iter(partner_ids)))
        contacts = await self._answers.contacts(grant, user.team_id)
        names = listed([name(each.name, 40) for each in contacts[:3]], "or")
        return f"{why} Ask {names}." if names else why


def require_confirmed(ready: Ready, share: Share) -> None:
    """Raises CannotShare unless the sharer has agreed to exactly the people who can't see it otherwise."""
    if ready.needed and ready.needed != share.confirmed:
        raise CannotShare("Somebody else is there now who can't see it otherwise. Share it again to see who.")


def _refused(error: SlackRefused) -> str:
    if error.word in _SCOPES:
        return (
            "I can't see who is in that channel, so I don't share there. Ask your admin to give tierbot the scopes "
            "channels:read and groups:read."
        )
    if error.word in ("channel_not_found", "not_in_channel"):
        return _GONE
    return f"Slack didn't say who is in that channel ({error.word}). Try again in a minute."


def read_share(question: object, target: str, comment: str, day: date) -> Share | None:
    """The share that a window asks for; None where its question is no question."""
    found = read_value(question)
    if found is None:
        return None
    return Share(*found, day, target, clean(comment)[:LONGEST_COMMENT], token=secrets.token_urlsafe(9))


def as_state(share: Share) -> str:
    """The share as the preview window keeps it. It grants nothing: everything in it is checked again."""
    parts = [share.word, share.text, share.partner_id, share.day.isoformat(), share.target, share.comment]
    return json.dumps([*parts, share.confirmed, share.token], ensure_ascii=False, separators=(",", ":"))


def read_state(text: object, today: date) -> Share | None:
    """The share that a preview window kept; None for any other text, or another day than today or yesterday."""
    try:
        match json.loads(text) if isinstance(text, str) else None:
            case [str(word), str(words), (str() | None) as partner_id, str(day), *rest] if _are_texts(rest):
                share = Share(word, words, partner_id, date.fromisoformat(day), *rest)
                is_recent = timedelta(0) <= today - share.day <= timedelta(1)
                return replace(share, comment=clean(share.comment)[:LONGEST_COMMENT]) if is_recent else None
    except (ValueError, RecursionError):
        return None
    return None


def _are_texts(rest: list[Any]) -> bool:
    return len(rest) == 4 and all(isinstance(each, str) and len(each) <= LONGEST_COMMENT for each in rest)
