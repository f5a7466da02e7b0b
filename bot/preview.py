"""`tierbot digest --dry-run`: what would be sent in a week, to whom and when; nothing is sent."""

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
    """A digest to come: whose, where to (a channel, a person's address), when (UTC), and the message, or why there is
    none.
    """

    subscription: Subscription
    to: str
    at: datetime
    text: str
    blocks: Sequence[dict[str, object]]


async def planned_digests(core: Core, day: date, email: str | None) -> list[PlannedDigest]:
    """The digests of the ISO week of `day`, each as told on its day by the data there is now; of one person only, if
    one is named.
    """
    notifications, found = create_services(core).notifications, []
    told_on = day
    async with open_conversation(core, lambda: told_on) as (conversation, _):
        composer = Composer(conversation.answers, notifications, Presenter(_Nowhere()), lambda: told_on)  # type: ignore[arg-type]
        whose = (await conversation.answers.reach(Mailbox(email))).email if email else None
        for each in await notifications.active():
            if each.topic not in WEEKLY:
                continue
            at = slot_in_week_of(each.weekly, day).at
            told_on = at.astimezone(ZoneInfo(core.settings.timezone)).date()
            try:
                reach = await conversation.answers.reach(each.reader)
                message = await composer.digest(each, reach)
                said, blocks, reader = message.text, message.blocks, reach.email
            except (NoLongerWanted, NotLinked) as error:
                said, blocks, reader = f"not sent: {error}", [], ""
            if whose in (None, reader):
                to = each.target if each.is_channel else reader or each.target
                found.append(PlannedDigest(each, to, at, said, blocks))
    return sorted(found, key=lambda one: (one.at, one.to))


class _Nowhere:
    """A way out that nothing goes: a dry run sends nothing."""
