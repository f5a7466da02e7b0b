"""What a letter of the outbox says when it is sent: made then, from the data and the leave of that moment."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from handlers import digest
from handlers.showing import Showing
from handlers.views import alert as alert_view
from handlers.views.alert import Alert
from handlers.views.blocks import Message
from scheduler.delivery import Telling, Unwanted
from tiercore.access import NoSuchPartner, NotBound, Reach, SlackUser, WhichPartner
from tiercore.answers import Answers
from tiercore.deeds import alerts, subscriptions
from tiercore.deeds.alerts import About
from tiercore.deeds.outbox import Claimed
from tiercore.deeds.subscriptions import Subscription, Topic
from tiercore.deeds.writer import Writer
from tiercore.digest import WEEK
from tiercore.entries import Role
from tiercore.signals import SOON_DAYS, Level

Body = dict[str, Any]


class Teller:
    """Tells letters of digests and alerts; `today` is the day that they are about."""

    def __init__(self, answers: Answers, writer: Writer, showing: Showing, today: Callable[[], date]) -> None:
        self._answers, self._writer, self._showing, self._today = answers, writer, showing, today

    async def tell(self, letter: Claimed) -> Telling:
        """What the letter says now. Raises Unwanted."""
        if letter.what.get("kind") == "asked":
            return await self._asked(letter)
        subscription, reach = await self._subscribed(str(letter.what.get("subscription")))
        if letter.what.get("kind") == "alert":
            return await self._alert(letter.what, subscription, reach)
        message = await self.digest(subscription, reach)
        return Telling(_body(message), plain=await self._plain(message))

    async def digest(self, subscription: Subscription, reach: Reach) -> Message:
        """The digest of a subscription for who reads it. Raises Unwanted."""
        try:
            grant = None if subscription.topic is Topic.PORTFOLIO else reach.grant(_partner(subscription, reach))
        except WhichPartner:
            grant = None
        except (NoSuchPartner, NotBound) as error:
            raise Unwanted("there is no partner any more that may be shown") from error
        if grant is None:
            return digest.message(await self._answers.portfolio(reach, self._today()))
        return digest.message(await self._answers.digest(grant, subscription.topic.value, self._today()))

    async def _alert(self, what: Body, subscription: Subscription, reach: Reach) -> Telling:
        """An alert as its colour is now: one that is over before it was told is not told."""
        about = About(subscription.subscription_id, str(what["partner"]), str(what["signal"]), int(what["episode"]))
        if subscription.is_a_channels and reach.here != about.partner_id:
            raise Unwanted("the channel is about another partner now")
        try:
            grant = reach.grant(about.partner_id)
        except NoSuchPartner as error:
            raise Unwanted("who reads it may not see the partner any more") from error
        today, changes = self._today(), what.get("as") == "change"
        seen = await self._answers.signals(grant, today)
        signal = seen.named(about.name)
        if signal is None or signal.level is None or (signal.level is Level.GREEN and not changes):
            raise Unwanted("it is over")
        since = min(date.fromordinal(int(what["since"])), today) - timedelta(WEEK)
        marks = await self._writer.do(lambda connection, _: alerts.marks_of(connection, about))
        done = marks.get(alerts.ACKNOWLEDGED)
        told = Alert(
            seen,
            signal,
            about,
            await self._answers.changes(grant, since, today),
            await self._answers.expiring(grant, SOON_DAYS, today),
            done.user_id if done else None,
            for_partner=Role.PARTNER in reach.roles and not subscription.is_a_channels,
        )
        message = alert_view.message(told)
        again = {**_body(message), "text": f"(may be repeated) {message.text}"}
        return Telling(_body(message), changes=changes, urgent=True, again=again)

    async def _asked(self, letter: Claimed) -> Telling:
        """That someone asks the reader to look at an alert."""
        try:
            reach = await self._answers.reach(SlackUser(letter.team_id, letter.place))
            grant = reach.grant(str(letter.what["partner"]))
        except (NotBound, NoSuchPartner) as error:
            raise Unwanted("who is asked to look may not see the partner any more") from error
        seen = await self._answers.signals(grant, self._today())
        signal = seen.named(str(letter.what["signal"]))
        message = alert_view.asked_to_look(str(letter.what["by"]), seen, signal)
        return Telling(_body(message), urgent=True)

    async def _subscribed(self, subscription_id: str) -> tuple[Subscription, Reach]:
        """The subscription, if it still stands, and the reach of who reads it."""
        held = await self._writer.do(lambda connection, _: subscriptions.by_id(connection, subscription_id))
        if held is None:
            raise Unwanted("unsubscribed")
        if held.paused:
            raise Unwanted("paused")
        try:
            return held, await self._answers.reach(held.reader)
        except NotBound as error:
            raise Unwanted("who reads it is linked to nobody any more") from error

    async def _plain(self, message: Message) -> Body:
        return {"text": message.text, "blocks": self._showing.without_natives(message)}


def _partner(subscription: Subscription, reach: Reach) -> str | None:
    """The partner that the channel is about; a person's is the only one."""
    if not subscription.is_a_channels:
        return None
    if reach.here is None:
        raise Unwanted("the channel is about no partner any more")
    return reach.here


def _body(message: Message) -> Body:
    return {"text": message.text, "blocks": message.blocks}
