"""Check the partners with alert subscribers whose data, day or rules have changed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog

from scheduler.audiences import Audience, Audiences
from tiercore.notifications.timetable import days_moved
from tiercore.notifications.types import Subscription
from tiercore.questions.signals import Signals

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications

log = structlog.get_logger()
_AT_A_TIME = 500  # partners whose signals are read together and recorded in one transaction
_MANY_AT_A_TIME = 2_500  # partners whose levels alone are


class _Look(NamedTuple):
    """What the partner's signals depend on: its own version, which the rules count in, too, and the day."""

    version: int
    day: date


class AlertMonitor:
    """One replica's check; `today` gives the day to check. A crossing that another replica has recorded isn't new.

    TIERBOT_TODAY may have moved the day: who subscribed today then subscribed on that day.
    """

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
        self._looked: dict[str, _Look] = {}  # how each partner was recorded last

    async def check(self) -> int:
        """Compare the signals of each subscribed partner that has changed with those last recorded, and queue alerts
        for what changed; how many messages were queued. A partner that fails is logged, and checked again the next
        time.

        The version of the data is read first, then who has subscribed, then the signals: they count only if they are of
        that version, so that a crossing is recorded only with those who had subscribed before it could be read.
        """
        version, day = await self._answers.version(), self._today()
        subscriptions, changes = await self._notifications.alert_subscribers()
        moved = days_moved(day, self._notifications.now())
        if moved:
            subscriptions = await asyncio.to_thread(_moved_by, moved, subscriptions)
        state = (version, day, subscriptions, changes)
        if state == self._checked:
            return 0
        audiences = await self._audiences.of(version, subscriptions, changes)
        due = await asyncio.to_thread(self._due, audiences, day)
        due, is_done = await self._without_eventless(due, day, version)
        left, is_read = await self._without_unchanged(due, day, version)
        is_done, queued = is_done and is_read, 0
        for at in range(0, len(left), _AT_A_TIME):
            some = left[at : at + _AT_A_TIME]
            signals = await self._signals(some, day)
            if any(each.version != version for each, _ in signals):
                is_done = False
                break
            recorded, messages = await self._record(signals, day)
            is_done, queued = is_done and recorded == len(some), queued + messages
        self._checked = state if is_done else None
        self._forget_all_but(audiences)
        if queued:
            log.info("alerts_queued", messages=queued)
        return queued

    def _due(self, audiences: Sequence[Audience], day: date) -> list[Audience]:
        """Those that weren't recorded as they are; next to each other where the same reader sees them."""
        due = [each for each in audiences if self._looked.get(each.partner_id) != _look_at(each, day)]
        return sorted(due, key=lambda each: -each.sees)

    async def _without_eventless(self, due: list[Audience], day: date, version: int) -> tuple[list[Audience], bool]:
        """Those whose signals may be at another level than at the look before, and whether the data is still of the
        version. Of the others, on whom only the day has moved, it is recorded that they were seen.
        """
        since, left = await asyncio.to_thread(self._same_since, due, day)
        for before, same in since.items():
            for at in range(0, len(same), _MANY_AT_A_TIME):
                some = same[at : at + _MANY_AT_A_TIME]
                grants = [each.grant for each in some]
                changed, read_at = await self._answers.reports.possibly_changed(grants, before, day)
                if read_at != version:
                    return [], False
                quiet = [each for each in some if each.partner_id not in changed]
                await self._notifications.see_again([each.partner_id for each in quiet], day, version)
                self._looked.update({each.partner_id: _look_at(each, day) for each in quiet})
                left += [each for each in some if each.partner_id in changed]
        return left, True

    def _same_since(
        self, due: Sequence[Audience], day: date
    ) -> tuple[Mapping[date, Sequence[Audience]], list[Audience]]:
        """Those whose data is the same as at an earlier day's look, by that day; and the others."""
        same, others = defaultdict[date, list[Audience]](list), list[Audience]()
        for each in due:
            last = self._looked.get(each.partner_id)
            if last and last.version == each.grant.version and last.day < day:
                same[last.day].append(each)
            else:
                others.append(each)
        return same, others

    async def _without_unchanged(self, due: list[Audience], day: date, version: int) -> tuple[list[Audience], bool]:
        """Those of whose signals not all are as they were recorded, and whether the data is still of the version."""
        left = list[Audience]()
        for at in range(0, len(due), _MANY_AT_A_TIME):
            some = due[at : at + _MANY_AT_A_TIME]
            try:
                levels, read_at = await self._answers.reports.levels_of([each.grant for each in some], day)
                if read_at != version:
                    return [], False
                unchanged = await self._notifications.see_without_news(levels, day, version)
            except Exception as error:  # whoever fails is found out one by one
                log.warning("alert_levels_failed", error=type(error).__name__)
                unchanged = set()
            for each in some:
                if each.partner_id in unchanged:
                    self._looked[each.partner_id] = _look_at(each, day)
                else:
                    left.append(each)
        return left, True

    async def _signals(self, of: Sequence[Audience], day: date) -> list[tuple[Signals, Audience]]:
        """The partners' signals, each from one state of the data; without those of partners that fail."""
        try:
            found = await self._answers.reports.signals_of([each.grant for each in of], day)
        except Exception as error:
            if len(of) == 1:
                _log_failure(of[0], error)
                return []
            return [pair for each in of for pair in await self._signals([each], day)]
        by_partner = {each.partner.partner_id: each for each in found}
        return [(by_partner[each.partner_id], each) for each in of if each.partner_id in by_partner]

    async def _record(self, found: Sequence[tuple[Signals, Audience]], day: date) -> tuple[int, int]:
        """Record the signals in one transaction, or, if that fails, partner by partner; how many partners were
        recorded, and how many messages were queued.
        """
        try:
            queued = await self._notifications.record_signals_of_many([(each, to.subscriptions) for each, to in found])
        except Exception as error:
            if len(found) == 1:
                _log_failure(found[0][1], error)
                return 0, 0
            each_alone = [await self._record([one], day) for one in found]
            return sum(recorded for recorded, _ in each_alone), sum(queued for _, queued in each_alone)
        self._looked.update({to.partner_id: _look_at(to, day) for _, to in found})
        return len(found), queued

    def _forget_all_but(self, audiences: Sequence[Audience]) -> None:
        """Whoever subscribes to a partner that nobody was subscribed to is shown it as it is then."""
        watched = {each.partner_id for each in audiences}
        self._looked = {partner_id: state for partner_id, state in self._looked.items() if partner_id in watched}


def _moved_by(moved: timedelta, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """The subscriptions as if they had been made so much later."""
    return [replace(each, created=each.created + moved) for each in subscriptions]


def _look_at(audience: Audience, day: date) -> _Look:
    return _Look(audience.grant.version, day)


def _log_failure(audience: Audience, error: Exception) -> None:
    log.error("alert_check_failed", partner=audience.partner_id, error=type(error).__name__)
