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
from tiercore.notifications.timetable import slot_in_week_of
from tiercore.notifications.types import WEEKLY, Subscription


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
            if subscription.topic not in WEEKLY:
                continue
            at = slot_in_week_of(subscription.weekly, day).at
            as_of = at.astimezone(ZoneInfo(core.settings.timezone)).date()
            try:
                reach = await conversation.answers.reach(subscription.reader)
                message = await composer.digest(subscription, reach)
                text, blocks, reader = message.text, message.blocks, reach.email
            except (NoLongerWanted, NotLinked) as error:
                text, blocks, reader = f"not sent: {error}", [], ""
            if only in (None, reader):
                target = subscription.target
                to = target if subscription.is_channel else reader or target
                planned.append(PlannedDigest(subscription, to, at, text, blocks))
    return sorted(planned, key=lambda digest: (digest.at, digest.to))


class _NoGateway:
    """In place of Slack: a dry run sends nothing, so nothing is ever called on it."""
