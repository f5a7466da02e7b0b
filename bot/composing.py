"""Compose outbox messages as they are sent, from the data and permissions at that moment."""

from collections.abc import Callable
from datetime import date, timedelta

from bot.credit_days import KINDS, CreditDays
from bot.notices import Notices, body_of, plain_body
from bot.recipients import Recipients, require_its_time
from handlers.arrivals import Arrivals
from handlers.commands import digest
from handlers.presenter import Presenter
from handlers.services import Services
from handlers.sharing import Sharer
from handlers.views import alert as alert_view
from handlers.views import case as case_view
from handlers.views import closed_alert
from handlers.views.alert import Alert
from handlers.views.answers import portfolio as portfolio_view
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import value
from handlers.views.parts.controls import addressed
from scheduler.delivery import Draft, NoLongerWanted
from scheduler.poster import RetryLater
from tiercore.access import Grant, NoSuchPartner, NotLinked, Reach
from tiercore.answers import Answers
from tiercore.cases.types import CasesOpen
from tiercore.facts.entries import Role
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.notifications.timetable import days_moved, quiet_until
from tiercore.notifications.told import Told
from tiercore.notifications.types import AlertRef, Snooze, Subscription, Topic
from tiercore.program import Entered
from tiercore.questions.credit_day import Outcome, last_uptier_day
from tiercore.questions.digest import WEEK
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.signals import RECALIBRATION, SOON_DAYS, Level

_NONE_WAIT = CasesOpen(0, None)
STOP, STOP_HERE = "/digest pause", "/digest pause here"


class Composer:
    """Composes digests, alerts and requests for help; `today` gives the day that they are about."""

    def __init__(
        self,
        answers: Answers,
        services: Services,
        presenter: Presenter,
        today: Callable[[], date],
        recipients: Recipients | None = None,
        sharer: Sharer | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        self._answers, self._services = answers, services
        self._presenter, self._today, self._recipients = presenter, today, recipients
        self._notices = Notices(answers, services, today, sharer, arrivals)
        self._credit_days = CreditDays(answers, services, presenter)

    async def compose(self, queued: ClaimedMessage) -> Draft:
        """The message as of now. Raises NoLongerWanted, RetryLater in quiet hours and at night, and as Recipients."""
        if (notice := self._notices.about(queued)) is not None:
            return await notice
        told = await self._subscribed(str(queued.content.get("subscription")))
        subscription, reach = told.subscription, await self._reach_of(told.subscription)
        if self._recipients is not None:
            await self._recipients.require(subscription, reach.here)
        if queued.content.get("kind") == "alert":
            return await self._alert(queued, subscription, reach)
        if queued.content.get("kind") in KINDS:
            self._require_no_quiet_hours(subscription)
            return await self._credit_days.draft(queued, subscription, reach, self._today())
        require_its_time(queued, subscription, self._services.notifications.now())
        message, known = await self._digest_as_seen(told, reach)
        repeat = alert_view.repeated(message)
        return Draft(body_of(message), plain=plain_body(message), again=body_of(repeat), known=known)

    async def digest(self, subscription: Subscription, reach: Reach) -> Message:
        """The digest of a subscription, within its reader's reach. Raises NoLongerWanted."""
        return (await self._digest(await self._subscribed(subscription.subscription_id), reach))[0]

    async def _digest_as_seen(self, told: Told, reach: Reach) -> tuple[Message, KnownAt]:
        """The digest; made again where the reader sees other partners by the time that it is made."""
        try:
            return await self._digest(told, reach)
        except (LookupError, ValueError):  # what the reach has isn't shown any more
            now = await self._reach_of(told.subscription)
            if now.partners == reach.partners:
                raise
            return await self._digest(told, now)

    async def _digest(self, told: Told, reach: Reach) -> tuple[Message, KnownAt]:
        """The digest, which goes on from what the one before told, and the state of the data that it tells."""
        subscription, topics, before = told
        if subscription.is_channel:
            of_channel = _granted(reach, _channel_partner(reach))
            return await self._of_partner(of_channel, subscription, topics, STOP_HERE, before)
        if not reach.partners:
            raise NoLongerWanted("none of your partners can be shown any more")
        several = len(reach.partners) > 1
        if several and subscription.topic is not topics[0]:
            raise NoLongerWanted("the overview covers all partners")
        if several or subscription.topic is Topic.PORTFOLIO:
            portfolio = await self._answers.reports.portfolio(reach, self._today(), before, portfolio_view.shown)
            known = KnownAt(portfolio.as_of, portfolio.version)
            waiting = await self._waiting(subscription, reach)
            _require_news(subscription, has_news=portfolio.has_news or waiting.count > 0)
            message = addressed(digest.message(portfolio, stop=STOP), value("digest", digest.PORTFOLIO, ""))
            return case_view.with_reminder(message, waiting, self._services.cases.now()), known
        grant = _granted(reach, reach.partners[0].partner_id)
        waiting = await self._waiting(subscription, reach) if subscription.topic is topics[0] else _NONE_WAIT
        message, known = await self._of_partner(grant, subscription, topics, STOP, before, is_needed=waiting.count > 0)
        return case_view.with_reminder(message, waiting, self._services.cases.now()), known

    async def _waiting(self, subscription: Subscription, reach: Reach) -> CasesOpen:
        """The cases of their partners that wait for the people who answer them; none for anybody else."""
        if reach.roles <= {Role.PARTNER}:
            return _NONE_WAIT
        return await self._services.cases.waiting(subscription.team_id, reach.limited_to)

    async def _of_partner(
        self,
        grant: Grant,
        subscription: Subscription,
        topics: list[Topic],
        stop: str,
        told: KnownAt | None,
        *,
        is_needed: bool = False,
    ) -> tuple[Message, KnownAt]:
        """The digest of one partner, which `is_needed` where something waits to be said with it."""
        topic = subscription.topic
        found = await self._answers.reports.digest(grant, topic.value, self._today(), told)
        _require_news(subscription, has_news=found.has_news or is_needed)
        beside = topic is Topic.EXPIRY and Topic.PROGRESS in topics
        words = "" if topic is Topic.DIGEST else topic.value
        question = value("digest", words, grant.partner.partner_id)
        return addressed(digest.message(found, beside=beside, stop=stop), question), KnownAt(found.as_of, found.version)

    async def _alert(self, queued: ClaimedMessage, subscription: Subscription, reach: Reach) -> Draft:
        """An alert in its current colour. Raises NoLongerWanted where it is over before anyone has seen it."""
        content = queued.content
        alert = AlertRef(
            subscription.subscription_id, str(content["partner"]), str(content["signal"]), int(content["episode"])
        )
        if subscription.is_channel and reach.here != alert.partner_id:
            raise NoLongerWanted("the channel is about another partner now")
        grant = _granted(reach, alert.partner_id)
        today, is_update = self._today(), content.get("as") == "change"
        if not is_update:
            self._require_no_quiet_hours(subscription)
        signals = await self._answers.reports.signals(grant, today)
        signal = signals.named(alert.name)
        if signal is None and is_update:
            return await self._closed(grant, alert, today)
        if signal is None or signal.level is None or (signal.level is Level.GREEN and not is_update):
            raise NoLongerWanted("it is over")
        if signal.is_good_news and not is_update and await self._is_credited_today(grant, today):
            raise NoLongerWanted("the message about the credit day says so")
        since = min(date.fromordinal(int(content["since"])), today) - timedelta(WEEK)
        details = Alert(
            signals,
            signal,
            alert,
            await self._answers.changes(grant, since, today, KnownAt(since, content.get("after_version"))),
            await self._answers.expiring(grant, SOON_DAYS, today),
            await self._services.notifications.acknowledged_by(alert),
            await self._snoozed(alert, today),
            for_partner=Role.PARTNER in reach.roles and not subscription.is_channel,
            in_channel=subscription.is_channel,
            entered=self._entered_since(date.fromordinal(int(content["since"])) - timedelta(1)),
        )
        is_reply = content.get("as") == "reply" and queued.root is not None
        message = alert_view.follow_up(details) if is_reply else alert_view.message(details)
        repeat = body_of(alert_view.repeated(message))
        return Draft(body_of(message), changes=is_update, urgent=True, again=repeat)

    async def _snoozed(self, alert: AlertRef, today: date) -> Snooze | None:
        """Who has snoozed the alert, and through which day of the bot's."""
        found = await self._services.notifications.snoozed(alert)
        if found is None or found.until is None:
            return found
        return found._replace(until=found.until + days_moved(today, self._services.notifications.now()))

    async def _is_credited_today(self, grant: Grant, today: date) -> bool:
        """Whether a tier is gained today: its own message tells that it is reached, too."""
        if last_uptier_day(today, self._answers.program.on(today)) != today:
            return False
        return (await self._answers.reports.credit_day(grant, today)).outcome is Outcome.GAINED

    async def _closed(self, grant: Grant, alert: AlertRef, today: date) -> Draft:
        """What replaces an alert that is no longer watched: how it ended."""
        standing, result = await self._answers.standing(grant, today), None
        kind, _, day = alert.name.partition(".")
        if kind == RECALIBRATION and (on := date.fromisoformat(day)) <= today:
            result = await self._answers.reports.credit_day(grant, on)
        return Draft(body_of(closed_alert.closed(grant.partner.name, alert, standing, result)), changes=True)

    def _entered_since(self, day: date) -> list[Entered]:
        """The thresholds that were approved on the day or since, and hold: an alert may be due to them."""
        entered = self._answers.program.entered
        return [each for each in entered if each.entry.approved_at.date() >= day and not each.is_replaced]

    def _require_no_quiet_hours(self, subscription: Subscription) -> None:
        """Raises RetryLater in the subscription's quiet hours, which a message that was retried may have run into."""
        now, (starts, ends) = self._services.notifications.now(), subscription.quiet or (None, None)
        seconds = (quiet_until(now, starts, ends, subscription.schedule.timezone) - now).total_seconds()
        if seconds > 0:
            raise RetryLater("quiet hours", seconds)

    async def _subscribed(self, subscription_id: str) -> Told:
        """An active subscription and what it was told. Raises NoLongerWanted."""
        found = await self._services.notifications.find(subscription_id)
        if found is None:
            raise NoLongerWanted("unsubscribed")
        if found.subscription.paused:
            raise NoLongerWanted("paused")
        return found

    async def _reach_of(self, subscription: Subscription) -> Reach:
        """What the subscription's reader may see. Raises NoLongerWanted."""
        try:
            return await self._answers.reach(subscription.reader)
        except NotLinked as error:
            raise NoLongerWanted("the reader is no longer linked") from error


def _require_news(subscription: Subscription, *, has_news: bool) -> None:
    """Raises NoLongerWanted for a digest without news, where silence was chosen (digests-and-alerts#quiet-weeks)."""
    if subscription.only_news and not has_news:
        raise NoLongerWanted("skipped: nothing moved and nothing to do")


def _granted(reach: Reach, partner_id: str) -> Grant:
    """The grant to read this partner. Raises NoLongerWanted where the reach doesn't include it."""
    try:
        return reach.grant_of(partner_id)
    except NoSuchPartner as error:
        raise NoLongerWanted("the reader can no longer see this partner") from error


def _channel_partner(reach: Reach) -> str:
    """The partner that the channel is about. Raises NoLongerWanted where there is none."""
    if reach.here is None:
        raise NoLongerWanted("the channel is no longer about a partner")
    return reach.here
