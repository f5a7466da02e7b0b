"""The limits of the API: calls in ten seconds, searches in a second, calls a day."""

import math
from collections import deque
from dataclasses import dataclass, field

from bot.playground.local_hubspot.errors import rate_limited

WINDOW_SECONDS = 10.0
DAY_SECONDS = 86_400


@dataclass(slots=True)
class Limits:
    """What the portal allows; None allows any number. `used_by_others` are calls of other integrations today, which
    count toward the day's limit.
    """

    in_ten_seconds: int | None = 190
    searches_in_a_second: int | None = 5
    in_a_day: int | None = 625_000
    used_by_others: int = 0
    calls_today: int = 0
    _day: int = -1
    _calls: deque[float] = field(default_factory=deque)
    _searches: deque[float] = field(default_factory=deque)

    def admit(self, now: float, *, is_search: bool) -> None:
        """Count a call at a time in seconds. Searches don't count toward the ten seconds. Raises ApiError: 429."""
        self._new_day(now)
        if self.in_a_day is not None and self.used_today >= self.in_a_day:
            raise rate_limited("DAILY", DAY_SECONDS - int(now) % DAY_SECONDS)
        if is_search:
            _admit(self._searches, now, 1.0, self.searches_in_a_second, "SECONDLY")
        else:
            _admit(self._calls, now, WINDOW_SECONDS, self.in_ten_seconds, "TEN_SECONDLY_ROLLING")
        self.calls_today += 1

    @property
    def used_today(self) -> int:
        """The calls of this day, those of others included."""
        return self.calls_today + self.used_by_others

    def headers(self, now: float, *, is_search: bool) -> dict[str, str]:
        """The headers that say what is left. The answer to a search says nothing about the ten seconds."""
        headers: dict[str, str] = {}
        if self.in_a_day is not None:
            left = max(self.in_a_day - self.used_today, 0)
            headers |= {
                "X-HubSpot-RateLimit-Daily": str(self.in_a_day),
                "X-HubSpot-RateLimit-Daily-Remaining": str(left),
            }
        if self.in_ten_seconds is not None and not is_search:
            _drop_old(self._calls, now, WINDOW_SECONDS)
            headers |= {
                "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(WINDOW_SECONDS * 1000)),
                "X-HubSpot-RateLimit-Max": str(self.in_ten_seconds),
                "X-HubSpot-RateLimit-Remaining": str(max(self.in_ten_seconds - len(self._calls), 0)),
            }
        return headers

    def _new_day(self, now: float) -> None:
        if (day := int(now) // DAY_SECONDS) != self._day:
            self._day, self.calls_today = day, 0


def _admit(calls: deque[float], now: float, seconds: float, most: int | None, policy: str) -> None:
    _drop_old(calls, now, seconds)
    if most is not None and len(calls) >= most:
        raise rate_limited(policy, max(1, math.ceil(calls[0] + seconds - now)))
    calls.append(now)


def _drop_old(calls: deque[float], now: float, seconds: float) -> None:
    while calls and calls[0] <= now - seconds:
        calls.popleft()
