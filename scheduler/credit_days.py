"""Tell people what a credit day or a recalibration did to a tier, and before one that the tier is in danger
(digests-and-alerts#credit-days).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import structlog

from scheduler.audiences import Audience, audiences_of
from tiercore.access import Grant
from tiercore.notifications.credit_news import CreditDayMessage, CreditNews, Reminder
from tiercore.questions.credit_day import Outcome, credit_days_told, reminder_due

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications

log = structlog.get_logger()


class CreditDayMonitor:
    """One replica's check; `today` gives the day. What another replica has queued isn't queued again."""

    def __init__(self, answers: "Answers", notifications: "Notifications", today: Callable[[], date]) -> None:
        self._answers, self._notifications, self._today = answers, notifications, today
        self._checked: object = None

    async def check(self) -> int:
        """Queue what is due about each subscribed partner, whenever the data, the day or the subscriptions have
        changed; how many messages were queued. A partner that fails is logged, and checked again the next time.
        """
        subscriptions, changes = await self._notifications.alert_subscribers()
        version, day = await self._answers.version(), self._today()
        unconfirmed = await self._notifications.unconfirmed_credit_days()
        state = (version, day, subscriptions, changes, unconfirmed)
        if state == self._checked:
            return 0
        waiting = defaultdict[str, list[CreditDayMessage]](list)
        for each in unconfirmed:
            waiting[each.partner_id].append(each)
        queued, failed = 0, False
        for audience in await audiences_of(self._answers, subscriptions):
            await asyncio.sleep(0)  # a read of SQLite lets nothing else in
            try:
                queued += await self._tell(audience, day)
                queued += await self._confirm(audience.grant, waiting[audience.partner_id])
            except Exception as error:
                failed = True
                log.error("credit_day_check_failed", partner=audience.partner_id, error=type(error).__name__)
        self._checked = None if failed else state
        if queued:
            log.info("credit_days_queued", messages=queued)
        return queued

    async def _tell(self, audience: Audience, today: date) -> int:
        news = await self._news(audience.grant, today)
        if not (news.told or news.not_judged or news.reminder):
            return 0
        return await self._notifications.queue_credit_news(news, audience.subscriptions, audience.staff, today)

    async def _news(self, grant: Grant, today: date) -> CreditNews:
        program, reports = self._answers.program, self._answers.reports
        days = [await reports.credit_day(grant, day) for day in credit_days_told(today, program)]
        told = tuple(each.day for each in days if each.is_told)
        not_judged = tuple(each.day for each in days if each.outcome is Outcome.UNKNOWN)
        return CreditNews(grant.partner.partner_id, told, not_judged, await self._reminder(grant, today))

    async def _reminder(self, grant: Grant, today: date) -> Reminder | None:
        """The reminder that is due, None where none is or the tier isn't in danger."""
        days = reminder_due(today, self._answers.program)
        if days is None:
            return None
        ahead = await self._answers.recalibration(grant, today)
        return Reminder(ahead.day, days) if ahead.is_in_danger else None

    async def _confirm(self, grant: Grant, waiting: list[CreditDayMessage]) -> int:
        """Have the partner's messages say what the program credited, once that is on file."""
        queued = 0
        for day in sorted({each.day for each in waiting}):
            found = await self._answers.reports.credit_day(grant, day)
            if found.on_file:
                queued += await self._notifications.confirm_credit_day(
                    [each for each in waiting if each.day == day], found
                )
        return queued
