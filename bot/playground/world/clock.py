"""The demo's time."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time

MORNING = dt_time(8, 30)


class Clock:
    """The demo's time, for Slack and the bot alike: it starts in the morning of a day and runs at normal speed."""

    def __init__(self, day: date) -> None:
        self.set_day(day)

    def set_day(self, day: date) -> None:
        """Set the clock to the morning of a day."""
        self._morning, self._started = datetime.combine(day, MORNING, UTC), time.monotonic()

    def skip(self, seconds: float) -> None:
        """Move the clock forward."""
        self._started -= seconds

    def moment(self) -> datetime:
        """The current time (UTC)."""
        return self._morning + timedelta(seconds=time.monotonic() - self._started)

    def __call__(self) -> float:
        """The current time in seconds since 1970."""
        return self.moment().timestamp()
