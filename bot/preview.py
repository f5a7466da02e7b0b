"""`tierbot digest --dry-run`: the digests of a week, with their readers and times, without sending them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.composing import Composer
from bot.wiring import Core, create_services, open_conversation
from handlers.presenter import Presenter
from scheduler.delivery import NoLongerWanted
from tiercore.access import Mailbox, NotLinked
from tiercore.answers import Answers
from tiercore.notifications.timetable import slots_in_week_of
from tiercore.notifications.types import DIGESTS, Subscription


class PlannedDigest(NamedTuple):
    """A planned digest: its subscription, its target (a channel or an e-mail), its time (UTC), and the message, or why
    there won't be one.
    """

    subscription: Subscription
    to: str
    at: datetime
    text: str
    blocks: Sequence[dict[str, object]]


async def planned_digests(core: Core, day: date, email: str | None) -> list[PlannedDigest]:
    """The digests of the ISO week of `day`, each composed as of its own day from today's data. With `email`, only
    those that this person reads.
    """
    services, planned = create_services(core), list[PlannedDigest]()
    as_of = day
    async with open_conversation(core, lambda: as_of) as (conversation, _):
        presenter = Presenter(_NoGateway())  # type: ignore[arg-type]
        composer = Composer(conversation.answers, services, presenter, lambda: as_of)
        only = (await conversation.answers.reach(Mailbox(email))).email if email else None
        for subscription in await services.notifications.active():
            if subscription.topic not in DIGESTS:
                continue
            for slot in slots_in_week_of(subscription.schedule, day):
                as_of = slot.at.astimezone(ZoneInfo(core.settings.timezone)).date()
                text, blocks, reader = await _composed(composer, conversation.answers, subscription)
                if only in (None, reader):
                    target = subscription.target
                    to = target if subscription.is_channel else reader or target
                    planned.append(PlannedDigest(subscription, to, slot.at, text, blocks))
    return sorted(planned, key=lambda digest: (digest.at, digest.to))


async def _composed(
    composer: Composer, answers: Answers, subscription: Subscription
) -> tuple[str, Sequence[dict[str, object]], str]:
    """The digest's text and blocks, or why there won't be one, and its reader's e-mail, "" for nobody's."""
    reader = ""
    try:
        reach = await answers.reach(subscription.reader)
        reader = reach.email
        message = await composer.digest(subscription, reach)
    except (NoLongerWanted, NotLinked) as error:
        return f"not sent: {error}", [], reader
    return message.text, message.blocks, reader


class _NoGateway:
    """In place of Slack: a dry run sends nothing, so nothing is ever called on it."""
