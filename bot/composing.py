"""What a queued of the outbox says when it is sent: made then, from the data and the leave of that moment."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from handlers.commands import digest
from handlers.presenter import Presenter
from handlers.views import alert as alert_view
from handlers.views.alert import Alert
from handlers.views.parts.blocks import Message
from scheduler.delivery import Draft, NoLongerWanted
from scheduler.poster import RetryLater
from tiercore.access import Grant, NoSuchPartner, NotLinked, Reach, SlackUser
from tiercore.answers import Answers
from tiercore.facts.entries import Role
from tiercore.notifications.service import Notifications
from tiercore.notifications.timetable import quiet_until
from tiercore.notifications.types import AlertRef, ClaimedMessage, Subscription, Topic
from tiercore.questions.digest import WEEK
from tiercore.questions.signals import SOON_DAYS, Level

Body = dict[str, Any]
STOP, STOP_HERE = "/digest pause", "/digest pause here"


class Composer:
    """Tells letters of digests and alerts; `today` is the day that they are about."""

    def __init__(
        self, answers: Answers, notifications: Notifications, presenter: Presenter, today: Callable[[], date]
    ) -> None:
        self._answers, self._notifications = answers, notifications
        self._presenter, self._today = presenter, today

    async def compose(self, queued: ClaimedMessage) -> Draft:
        """What the queued says now. Raises Unwanted."""
        if queued.content.get("kind") == "asked":
            return await self._asked(queued)
        subscription, reach = await self._subscribed(str(queued.content.get("subscription")))
        if queued.content.get("kind") == "alert":
            return await self._alert(queued, subscription, reach)
        message = await self.digest(subscription, reach)
        return Draft(_body(message), plain=await self._plain(message))

    async def digest(self, subscription: Subscription, reach: Reach) -> Message:
        """The digest of a subscription for who reads it. Raises Unwanted."""
        topics = await self._topics(subscription)
        if subscription.is_channel:
            grant = _granted(reach, _channels(reach))
            return await self._weekly(grant, subscription.topic, topics, STOP_HERE)
        if not reach.partners:
            raise NoLongerWanted("none of your partners can be shown any more")
        several = len(reach.partners) > 1
        if several and subscription.topic is not topics[0]:
            raise NoLongerWanted("the overview covers all partners")
        if several or subscription.topic is Topic.PORTFOLIO:
            return digest.message(await self._answers.reports.portfolio(reach, self._today()), stop=STOP)
        return await self._weekly(_granted(reach, reach.partners[0].partner_id), subscription.topic, topics, STOP)

    async def _topics(self, one: Subscription) -> list[Topic]:
        """What the same reader is told; the first stands for all weekly digests once they see several partners."""
        held = await self._notifications.of_target(one.team_id, one.target)
        topics = {each.topic for each in held if not each.paused}
        return [each for each in (Topic.PORTFOLIO, Topic.PROGRESS, Topic.EXPIRY, one.topic) if each in topics]

    async def _weekly(self, grant: Grant, topic: Topic, topics: list[Topic], stop: str) -> Message:
        found = await self._answers.reports.digest(grant, topic.value, self._today())
        return digest.message(found, beside=topic is Topic.EXPIRY and Topic.PROGRESS in topics, stop=stop)

    async def _alert(self, queued: ClaimedMessage, subscription: Subscription, reach: Reach) -> Draft:
        """An alert as its colour is now: one that is over before it was told is not told."""
        what = queued.content
        about = AlertRef(subscription.subscription_id, str(what["partner"]), str(what["signal"]), int(what["episode"]))
        if subscription.is_channel and reach.here != about.partner_id:
            raise NoLongerWanted("the channel is about another partner now")
        grant = _granted(reach, about.partner_id)
        today, changes = self._today(), what.get("as") == "change"
        if not changes:
            self._not_in_quiet_hours(subscription)
        seen = await self._answers.reports.signals(grant, today)
        signal = seen.named(about.name)
        if signal is None and changes:
            return Draft(_body(alert_view.closed(grant.partner.name, about, today)), changes=True)
        if signal is None or signal.level is None or (signal.level is Level.GREEN and not changes):
            raise NoLongerWanted("it is over")
        since = min(date.fromordinal(int(what["since"])), today) - timedelta(WEEK)
        told = Alert(
            seen,
            signal,
            about,
            await self._answers.changes(grant, since, today),
            await self._answers.expiring(grant, SOON_DAYS, today),
            await self._notifications.acknowledged_by(about),
            for_partner=Role.PARTNER in reach.roles and not subscription.is_channel,
            in_channel=subscription.is_channel,
        )
        reply = what.get("as") == "reply" and queued.root is not None
        message = alert_view.follow_up(told) if reply else alert_view.message(told)
        again = _body(alert_view.repeated(message))
        return Draft(_body(message), changes=changes, urgent=True, again=again)

    def _not_in_quiet_hours(self, to: Subscription) -> None:
        """Raises RetryLater: a message that was put off for another reason may come to be sent at night."""
        now, (starts, ends) = self._notifications.now(), to.quiet or (None, None)
        seconds = (quiet_until(now, starts, ends, to.weekly.timezone) - now).total_seconds()
        if seconds > 0:
            raise RetryLater("quiet hours", seconds)

    async def _asked(self, queued: ClaimedMessage) -> Draft:
        """That someone asks the reader to look at an alert."""
        try:
            reach = await self._answers.reach(SlackUser(queued.team_id, queued.target))
            grant = reach.grant_of(str(queued.content["partner"]))
        except (NotLinked, NoSuchPartner) as error:
            raise NoLongerWanted("the person asked can no longer see this partner") from error
        seen = await self._answers.reports.signals(grant, self._today())
        signal = seen.named(str(queued.content["signal"]))
        message = alert_view.help_requested(str(queued.content["by"]), seen, signal)
        return Draft(_body(message), urgent=True)

    async def _subscribed(self, subscription_id: str) -> tuple[Subscription, Reach]:
        """The subscription, if it still stands, and the reach of who reads it."""
        held = await self._notifications.find(subscription_id)
        if held is None:
            raise NoLongerWanted("unsubscribed")
        if held.paused:
            raise NoLongerWanted("paused")
        try:
            return held, await self._answers.reach(held.reader)
        except NotLinked as error:
            raise NoLongerWanted("the reader is no longer linked") from error

    async def _plain(self, message: Message) -> Body:
        return {"text": message.text, "blocks": self._presenter.without_native_blocks(message)}


def _granted(reach: Reach, partner_id: str) -> Grant:
    """Leave to read that very partner. Raises Unwanted."""
    try:
        return reach.grant_of(partner_id)
    except NoSuchPartner as error:
        raise NoLongerWanted("the reader can no longer see this partner") from error


def _channels(reach: Reach) -> str:
    if reach.here is None:
        raise NoLongerWanted("the channel is no longer about a partner")
    return reach.here


def _body(message: Message) -> Body:
    return {"text": message.text, "blocks": message.blocks}
