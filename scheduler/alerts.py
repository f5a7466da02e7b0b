"""Check every partner with alert subscribers whenever the data or the day changes."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import structlog

from tiercore.access import Grant, NoSuchPartner, NotLinked
from tiercore.notifications.timetable import days_moved
from tiercore.notifications.types import Subscription

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications


log = structlog.get_logger()


class AlertMonitor:
    """One replica's check; `today` gives the day to check. A crossing that another replica has recorded isn't new.

    TIERBOT_TODAY may have moved the day: who subscribed today then subscribed on that day.
    """

    def __init__(self, answers: "Answers", notifications: "Notifications", today: Callable[[], date]) -> None:
        self._answers, self._notifications, self._today = answers, notifications, today
        self._checked: object = None

    async def check(self) -> int:
        """Compare each subscribed partner's signals with those last recorded, and queue alerts for what changed; how
        many messages were queued. A partner that fails is logged, and checked again the next time.
        """
        subscriptions, changes = await self._notifications.alert_subscribers()
        version, day = await self._answers.version(), self._today()
        moved = days_moved(day, self._notifications.now())
        subscriptions = [replace(each, created=each.created + moved) for each in subscriptions]
        if (version, day, subscriptions, changes) == self._checked:
            return 0
        queued, failed = 0, False
        for grant, subscribers in (await self._by_partner(subscriptions)).values():
            try:
                signals = await self._answers.reports.signals(grant, day)
                queued += await self._notifications.record_signals(signals, subscribers)
            except Exception as error:
                failed = True
                log.error("alert_check_failed", partner=grant.partner.partner_id, error=type(error).__name__)
        self._checked = None if failed else (version, day, subscriptions, changes)
        if queued:
            log.info("alerts_queued", messages=queued)
        return queued

    async def _by_partner(self, subscriptions: list[Subscription]) -> dict[str, tuple[Grant, list[Subscription]]]:
        """The partners that the subscriptions may read, each with a grant and its subscriptions."""
        grants: dict[str, Grant] = {}
        by_partner: defaultdict[str, list[Subscription]] = defaultdict(list)
        for subscription in subscriptions:
            try:
                reach = await self._answers.reach(subscription.reader)
                partners = [partner.partner_id for partner in reach.partners]
                chosen = [reach.here] if subscription.is_channel else partners
                for partner_id in filter(None, chosen):
                    grants.setdefault(partner_id, reach.grant_of(partner_id))
                    by_partner[partner_id].append(subscription)
            except (NotLinked, NoSuchPartner):
                continue
        return {partner_id: (grants[partner_id], by_partner[partner_id]) for partner_id in grants}
