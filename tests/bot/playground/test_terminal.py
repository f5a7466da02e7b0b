"""The commands that advance time at the demo's terminal."""

from datetime import date

import pytest

from bot.playground.timespans import advanced

MONDAY = date(2022, 9, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", date(2022, 9, 6)),
        ("3", date(2022, 9, 8)),
        ("7 days", date(2022, 9, 12)),
        ("a day", date(2022, 9, 6)),
        ("week", date(2022, 9, 12)),
        ("Two Weeks", date(2022, 9, 19)),
        ("1 month", date(2022, 10, 5)),
        ("a month", date(2022, 10, 5)),
        ("0 days", None),
        ("many days", None),
        ("2 years", None),
        ("two weeks more", None),
    ],
)
def test_time_can_be_advanced_by_days_weeks_and_months(text: str, day: date | None):
    assert advanced(MONDAY, text) == day
