"""What time it is at Slack, by its answers, and how far this machine's clock is off (digests-and-alerts#time)."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

from tiercore.storage.transactions import utc_now

TOLERABLE_SECONDS = 60
_DATE_SECONDS = 1.0  # a Date header leaves out the fraction
_PROXY_SECONDS = 5.0  # by so much a Date that isn't Slack's own may differ from its timestamps
log = structlog.get_logger()


def since_boot() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SlackTime:
    """Slack's time: this machine's until Slack has answered, from then on measured from its answers and carried forward
    by a clock that nobody sets. So a clock that is wrong, or is set while the bot serves, changes nothing.

    `wall` is this machine's clock, `steady` gives seconds that only go forward.
    """

    def __init__(self, wall: Callable[[], datetime] = utc_now, steady: Callable[[], float] = since_boot) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall().timestamp() - steady()
        self._is_measured = self._is_date_foreign = self._is_told = False

    def now(self) -> datetime:
        """Slack's time, to about a second."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """The same in seconds since 1970."""
        return self._steady() + self._offset

    def started(self) -> float:
        """To be called before a request, for `heard`."""
        return self._steady()

    def heard(self, started: float, headers: Mapping[str, str], ts: str | None = None) -> None:
        """Slack has answered a request that was started then, with these headers; `ts` is the timestamp of a message
        that it made of the request.
        """
        ended = self._steady()
        date = _date_in(headers)
        if ts is not None:
            moment = float(ts)
            self._is_date_foreign = date is not None and abs(date - moment) > _PROXY_SECONDS + ended - started
            self._measure(moment - ended, moment - started)
        elif date is not None and not self._is_date_foreign:
            self._measure(date - ended, date + _DATE_SECONDS - started)

    def ahead(self) -> timedelta | None:
        """How far this machine's clock is ahead of Slack's, negative where it is behind; None before any answer."""
        return self._wall() - self.now() if self._is_measured else None

    def complaint(self) -> str | None:
        """What is wrong with this machine's clock; None where it is as Slack's."""
        ahead = self.ahead()
        if ahead is None or abs(ahead) < timedelta(seconds=TOLERABLE_SECONDS):
            return None
        seconds = ahead.total_seconds()
        return f"this machine is {abs(seconds):,.0f} seconds {'ahead of' if seconds > 0 else 'behind'} Slack"

    def _measure(self, least: float, most: float) -> None:
        """The offset lies between these two: keep the present one if it does, or else take the nearest."""
        self._offset = min(max(self._offset, least), most)
        self._is_measured = True
        complaint = self.complaint()
        if (complaint is not None) != self._is_told:
            self._is_told = complaint is not None
            if complaint:
                log.warning("clock_off", what=complaint, remedy="set the clock by NTP; Slack's time is used meanwhile")
            else:
                log.info("clock_right_again")


def _date_in(headers: Mapping[str, str]) -> float | None:
    """The Date header, in seconds since 1970."""
    value = next((value for key, value in headers.items() if key.lower() == "date"), "")
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError):
        return None
