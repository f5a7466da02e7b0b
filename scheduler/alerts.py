"""Looking at every partner that someone is told of, whenever the data or the day changes."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import structlog

from tiercore.access import Grant, NoSuchPartner, NotLinked
from tiercore.notifications.types import Subscription

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications


log = structlog.get_logger()


class AlertMonitor:
    """One replica's look; `today` is the day that it looks at. What another one has seen already is nothing new."""

    def __init__(self, answers: "Answers", notifications: "Notifications", today: Callable[[], date]) -> None:
        self._answers, self._notifications, self._today = answers, notifications, today
        self._looked: object = None

    async def look(self) -> int:
        """Compare every partner that someone is told of with what was told last; how many letters are new."""
        subscribers, changes = await self._notifications.alert_subscribers()
        version, day = await self._answers.version(), self._today()
        if (version, day, subscribers, changes) == self._looked:
            return 0
        new, failed = 0, False
        for grant, interested in (await self._by_partner(subscribers)).values():
            try:
                seen = await self._answers.reports.signals(grant, day)
                new += await self._notifications.record_signals(seen, interested)
            except Exception as error:  # the other partners' alerts come all the same; this one's at a later look
                failed = True
                log.error("not_looked_at", partner=grant.partner.partner_id, error=type(error).__name__)
        self._looked = None if failed else (version, day, subscribers, changes)
        if new:
            log.info("alerted", letters=new)
        return new

    async def _by_partner(self, told: list[Subscription]) -> dict[str, tuple[Grant, list[Subscription]]]:
        """The partners that subscribers may see, each with leave to read it and who is told."""
        grants: dict[str, Grant] = {}
        subscribers: defaultdict[str, list[Subscription]] = defaultdict(list)
        for each in told:
            try:
                reach = await self._answers.reach(each.reader)
                chosen = [reach.here] if each.is_channel else [partner.partner_id for partner in reach.partners]
                for partner_id in (key for key in chosen if key):
                    grants.setdefault(partner_id, reach.grant_of(partner_id))
                    subscribers[partner_id].append(each)
            except (NotLinked, NoSuchPartner):
                continue
        return {partner_id: (grants[partner_id], subscribers[partner_id]) for partner_id in grants}
