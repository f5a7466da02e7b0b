"""HubSpot's rate limits: a number of calls in ten seconds, five searches a second, and so many a day for the portal.

The first two are kept by pacing; the third is shared with whatever else calls the portal (data#hubspot-limits).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from bot.hubspot.errors import BudgetSpent

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]
_WINDOW_SECONDS = 10.0
_CALLS_IN_WINDOW = 100  # until a header says how many: the limit of a free portal
SEARCHES_A_SECOND = 4  # HubSpot allows five
_LONGEST_NUMBER = 12  # digits of a header
_LEFT_TO_OTHERS = Fraction(1, 10)  # of the calls in ten seconds


@dataclass(slots=True)
class Window:
    """At most so many calls in so many seconds: `wait` before each."""

    calls: int
    seconds: float
    clock: Clock = time.monotonic
    sleep: Sleep = asyncio.sleep
    _made: deque[float] = field(default_factory=deque)

    async def wait(self) -> None:
        """Wait for a free place and take it."""
        while True:
            now = self.clock()
            while self._made and self._made[0] <= now - self.seconds:
                self._made.popleft()
            if len(self._made) < self.calls:
                self._made.append(now)
                return
            await self.sleep(max(self._made[0] + self.seconds - now, 0.001))


@dataclass(slots=True)
class DailyBudget:
    """A `share` of the portal's daily calls for this program; `used` are those it has made today, by other runs too.

    `limit` is the portal's own, None until a header says it. HubSpot's day is taken to be that of UTC.
    """

    share: Fraction
    used: int = 0
    limit: int | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    day: int = 0

    def __post_init__(self) -> None:
        self.day = self.day or self.now().toordinal()

    @property
    def ours(self) -> int | None:
        """How many calls a day are ours; None while the portal's limit is unknown."""
        return None if self.limit is None else int(self.limit * self.share)

    def spend(self) -> None:
        """Count one call. Raises BudgetSpent where it would be more than our share."""
        today = self.now().toordinal()
        if today != self.day:
            self.day, self.used = today, 0
        if self.ours is not None and self.used >= self.ours:
            raise self.spent(is_hubspots=False)
        self.used += 1

    def spent(self, seconds: float = 0, *, is_hubspots: bool = True) -> BudgetSpent:
        """The error to stop with: until tomorrow, or for so many seconds where HubSpot says so and that is later."""
        now = self.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = now + timedelta(seconds=seconds) if seconds else midnight
        return BudgetSpent(self.used, self.ours, until, is_hubspots=is_hubspots)


class Limits:
    """Paces every call, and keeps to our share of the day's."""

    def __init__(
        self,
        budget: DailyBudget,
        searches_a_second: int = SEARCHES_A_SECOND,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.budget, self._sleep, self._clock = budget, sleep, clock
        self._calls = Window(_paced(_CALLS_IN_WINDOW), _WINDOW_SECONDS, clock, sleep)
        self._searches = Window(searches_a_second, 1.0, clock, sleep)
        self._free_at = 0.0

    async def before_call(self, *, search: bool) -> None:
        """Wait until the next call may be made. Raises BudgetSpent."""
        while (left := self._free_at - self._clock()) > 0:
            await self._sleep(left)
        self.budget.spend()
        if search:
            await self._searches.wait()
        await self._calls.wait()

    def pause(self, seconds: float) -> None:
        """Let no call go out before so many seconds have passed, because HubSpot said so."""
        self._free_at = max(self._free_at, self._clock() + seconds)

    def heard(self, headers: Mapping[str, str]) -> None:
        """Learn the portal's limits from an answer's headers."""
        if (most := _number(headers, "X-HubSpot-RateLimit-Max")) is not None:
            self._calls.calls = _paced(most)
        if (interval := _number(headers, "X-HubSpot-RateLimit-Interval-Milliseconds")) is not None:
            self._calls.seconds = interval / 1_000
        if (daily := _number(headers, "X-HubSpot-RateLimit-Daily")) is not None:
            self.budget.limit = daily
        if _number(headers, "X-HubSpot-RateLimit-Remaining") == 0:
            self.pause(self._calls.seconds)


def _paced(most: int) -> int:
    return max(1, int(most * (1 - _LEFT_TO_OTHERS)))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None
