"""No call goes out before HubSpot allows it, and no more of them than our share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hubspot.client import checked_url
from bot.hubspot.errors import BudgetSpent, HubSpotError
from bot.hubspot.limits import DailyBudget, Limits

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@dataclass
class Time:
    """A clock that only sleeping moves on."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def limits(time: Time, share: Fraction = Fraction(1), now: Callable[[], datetime] = lambda: NOON) -> Limits:
    return Limits(DailyBudget(share, now=now), clock=time, sleep=time.sleep)


@given(st.integers(2, 200), st.lists(st.booleans(), min_size=1, max_size=400))
async def test_no_window_of_ten_seconds_has_more_calls_than_the_portal_allows(most: int, calls: list[bool]):
    time = Time()
    paced, made = limits(time), list[float]()
    paced.heard({"X-HubSpot-RateLimit-Max": str(most), "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"})
    for is_search in calls:
        await paced.before_call(search=is_search)
        made.append(time.now)
    assert all(sum(at <= other < at + 10 for other in made) <= most for at in made)


@given(st.floats(0, 100), st.floats(0, 100))
async def test_no_call_is_made_before_the_latest_time_that_hubspot_named(first: float, second: float):
    time = Time()
    paced = limits(time)
    paced.pause(first)
    paced.pause(second)
    await paced.before_call(search=False)
    assert time.now >= max(first, second)


async def test_an_answer_that_says_nothing_is_left_pauses_the_next_call():
    time = Time()
    paced = limits(time)
    paced.heard({"X-HubSpot-RateLimit-Remaining": "0"})
    await paced.before_call(search=False)
    assert time.now == 10


@given(st.integers(1, 60), st.integers(1, 100))
async def test_our_share_of_the_days_calls_is_never_exceeded(daily: int, percent: int):
    paced = limits(Time(), Fraction(percent, 100))
    paced.heard({"X-HubSpot-RateLimit-Daily": str(daily)})
    made = 0
    while made <= daily and paced.budget.used < (paced.budget.ours or 0):
        await paced.before_call(search=False)
        made += 1
    with pytest.raises(BudgetSpent):
        await paced.before_call(search=False)
    assert made == daily * percent // 100


async def test_a_new_day_has_new_calls():
    now = [NOON]
    paced = limits(Time(), now=lambda: now[0])
    paced.heard({"X-HubSpot-RateLimit-Daily": "1"})
    await paced.before_call(search=False)
    with pytest.raises(BudgetSpent, match="2026-11-29 00:00 UTC"):
        await paced.before_call(search=False)
    now[0] = NOON.replace(day=29)
    await paced.before_call(search=False)


ELSEWHERE = (
    "http://api.hubapi.com http://10.0.0.1 ftp://localhost api.hubapi.com http://localhost.example https:// "
    "https://h:port https://a:b@api.hubapi.com http://localhost@api.hubapi.com https://api.hubapi.com?to=x"
)


@pytest.mark.parametrize("url", ELSEWHERE.split())
def test_the_token_is_sent_over_https_or_within_this_machine_alone(url: str):
    assert checked_url("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"
    with pytest.raises(HubSpotError, match="TIERBOT_HUBSPOT_URL"):
        checked_url(url)
