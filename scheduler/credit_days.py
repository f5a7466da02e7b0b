"""Tell people what a credit day or a recalibration did to a tier, and before one that the tier is in danger
(digests-and-alerts#credit-days).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import structlog

from scheduler.audiences import Audience, Audiences
from tiercore.access import Grant
from tiercore.notifications.credit_news import CreditDayMessage, CreditNews, Reminder
from tiercore.questions.credit_day import Outcome, credit_days_told, reminder_due

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications

log = structlog.get_logger()


class CreditDayMonitor:
    """One replica's check; `today` gives the day. What another replica has queued isn't queued again."""

    def __init__(
        self,
        answers: "Answers",
        notifications: "Notifications",
        today: Callable[[], date],
        audiences: Audiences | None = None,
    ) -> None:
        self._answers, self._notifications, self._today = answers, notifications, today
        self._audiences = audiences or Audiences(answers, notifications)
        self._checked: object = None
        self._confirmed: object = None
        self._told: dict[str, object] = {}  # what each partner's news were told from last

    async def check(self) -> int:
        """Queue what is due about the subscribed partners that have changed, on a changed day, or whose subscriptions
        have; and have what was sent confirmed. How many messages were queued. A partner that fails is logged, and
        checked again the next time.
        """
        subscriptions, changes = await self._notifications.alert_subscribers()
        version, day = await self._answers.version(), self._today()
        state = (version, day, subscriptions, changes)
        queued = 0
        if state != self._checked:
            audiences = await self._audiences.of(version, subscriptions, changes)
            told, is_done = await self._tell_all(audiences, day)
            queued, self._checked = queued + told, state if is_done else None
        if state != self._confirmed:
            confirmed, is_done = await self._confirm_all(await self._audiences.of(version, subscriptions, changes))
            queued, self._confirmed = queued + confirmed, state if is_done else None
        if queued:
            log.info("credit_days_queued", messages=queued)
        return queued

    async def _tell_all(self, audiences: Sequence[Audience], day: date) -> tuple[int, bool]:
        """Queue the news of partners that have changed; how many messages, and whether no partner failed."""
        queued, is_done, told = 0, True, dict[str, object]()
        program = self._answers.program
        if not credit_days_told(day, program) and reminder_due(day, program) is None:
            return 0, True
        for audience in audiences:
            state = (audience.grant.version, day, list(audience.subscriptions))
            if self._told.get(audience.partner_id) != state:
                try:
                    queued += await self._tell(audience, day)
                except Exception as error:
                    is_done = False
                    _log_failure(audience, error)
                    continue
            told[audience.partner_id] = state
        self._told = told
        return queued, is_done

    async def _confirm_all(self, audiences: Sequence[Audience]) -> tuple[int, bool]:
        """Have the messages that were sent by the numbers alone say what is on file by now; how many updates, and
        whether there is nothing to confirm until something changes: no message is about to be sent, and none failed.
        """
        unconfirmed, awaited = await self._notifications.unconfirmed_credit_days()
        waiting = defaultdict[str, list[CreditDayMessage]](list)
        for each in unconfirmed:
            waiting[each.partner_id].append(each)
        queued, is_done = 0, not awaited
        for audience in audiences:
            if audience.partner_id in waiting:
                try:
                    queued += await self._confirm(audience.grant, waiting[audience.partner_id])
                except Exception as error:
                    is_done = False
                    _log_failure(audience, error)
        return queued, is_done

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


def _log_failure(audience: Audience, error: Exception) -> None:
    log.error("credit_day_check_failed", partner=audience.partner_id, error=type(error).__name__)
