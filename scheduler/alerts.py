"""Check every partner with alert subscribers whenever the data or the day changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import structlog

from scheduler.audiences import audiences_of
from tiercore.notifications.timetable import days_moved

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
        version, day = await self._answers.version(), self._today()
        subscriptions, changes = await self._notifications.alert_subscribers()
        moved = days_moved(day, self._notifications.now())
        subscriptions = [replace(each, created=each.created + moved) for each in subscriptions]
        if (version, day, subscriptions, changes) == self._checked:
            return 0
        queued, failed = 0, False
        for audience in await audiences_of(self._answers, subscriptions):
            try:
                signals = await self._answers.reports.signals(audience.grant, day)
                if signals.version != version:  # someone may have subscribed before what it shows: read both again
                    failed = True
                    break
                queued += await self._notifications.record_signals(signals, audience.subscriptions)
            except Exception as error:
                failed = True
                log.error("alert_check_failed", partner=audience.partner_id, error=type(error).__name__)
        self._checked = None if failed else (version, day, subscriptions, changes)
        if queued:
            log.info("alerts_queued", messages=queued)
        return queued
