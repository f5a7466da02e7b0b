"""A look at very many partners leaves the event loop to others (architecture#hot-path)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from scheduler.alerts import AlertMonitor
from scheduler.audiences import Audience
from tests.support.watchdog import no_hold
from tiercore.access import Grant, PartnerName, Reach
from tiercore.facts.entries import Role
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Subscription, Topic

MANY, TODAY = 40_000, date(2024, 5, 27)
HELD_SECONDS = 0.15  # four times as many partners as a program has; in one pass they would hold it for 0.3 s
NOON = datetime(2024, 5, 20, 12, tzinfo=UTC)  # the day that is looked at has been moved


class Quiet:
    """Partners, each with a subscriber, about whom there is no news."""

    def __init__(self) -> None:
        self.day, self.seen = TODAY, 0
        self.subscriptions = [_subscription(f"U{number}") for number in range(MANY)]
        partners = tuple(PartnerName(f"P{number}", f"Partner {number}") for number in range(MANY))
        reach = Reach("admin@example.com", "Ada", frozenset({Role.ADMIN}), partners, 1)
        self.audiences = [Audience(each, MANY) for each in reach.grants]

    @property
    def reports(self) -> "Quiet":
        return self

    async def version(self) -> int:
        return 1

    def now(self) -> datetime:
        return NOON

    async def alert_subscribers(self) -> tuple[list[Subscription], int]:
        return self.subscriptions, 1

    async def of(self, *_state: object) -> list[Audience]:
        return self.audiences

    async def possibly_changed(self, _grants: Sequence[Grant], _since: date, _day: date) -> tuple[set[str], int]:
        await asyncio.sleep(0)
        return set(), 1

    async def levels_of(self, grants: Sequence[Grant], _day: date) -> tuple[Mapping[str, object], int]:
        await asyncio.sleep(0)
        return {each.partner.partner_id: {} for each in grants}, 1

    async def see_without_news(self, levels: Mapping[str, object], _day: date, _version: int) -> set[str]:
        self.seen += len(levels)
        return set(levels)

    async def see_again(self, partner_ids: Sequence[str], _day: date, _version: int) -> None:
        self.seen += len(partner_ids)


async def test_a_look_at_forty_thousand_partners_never_holds_the_event_loop():
    quiet = Quiet()

    monitor = AlertMonitor(quiet, quiet, lambda: quiet.day, quiet)
    async with no_hold(HELD_SECONDS):
        await monitor.check()
        assert quiet.seen == MANY
        quiet.day += timedelta(1)
        await monitor.check()
        assert quiet.seen == 2 * MANY, "their days are looked at, and nothing else of them"


def _subscription(user: str) -> Subscription:
    return Subscription(user, "T1", user, Topic.ALERTS, Schedule(0, 540, "UTC"), False, None, user, None)
