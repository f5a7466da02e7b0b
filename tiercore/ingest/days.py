"""Parsing days (YYYY-MM-DD) and months (YYYY-MM) that exist and are neither far past nor far future.

Other forms are read where only one reading is possible (data#dates).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.ingest.day_forms import EPOCH, EPOCH_1904, DateOrder, Reading, read_day, read_month
from tiercore.ingest.problems import BadCell

FIRST_DAY = date(2000, 1, 1)
YEARS_AHEAD = 10
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """Parsers of days that are plausible in a file read on `today`.

    `order` is what was said of the day's and the month's order. With `since_1904`, numbers of days count from 1904.
    """

    today: date
    order: DateOrder | None = None
    since_1904: bool = False

    def parse_date(self, text: str) -> date:
        """A day, `2026-01-31`, or in another form with one reading. Raises BadCell."""
        return self.read_date(text).value  # type: ignore[no-any-return]

    def parse_month(self, text: str) -> date:
        """A month, `2026-01`, or in another form with one reading, as its first day. Raises BadCell."""
        return self.read_month(text).value  # type: ignore[no-any-return]

    def read_date(self, text: str) -> Reading:
        """A day, and in which form it was written. Raises BadCell."""
        try:
            reading = Reading(date.fromisoformat(text)) if _DAY.fullmatch(text) else self._read(read_day, text)
        except (ValueError, OverflowError):
            raise BadCell("bad date", "is not a day of the calendar", "give a day that exists") from None
        if reading is None:
            raise BadCell("bad date", "is not a date of the form YYYY-MM-DD", "write it as 2026-01-31")
        return self._plausible(reading)

    def read_month(self, text: str) -> Reading:
        """A month, and in which form it was written. Raises BadCell."""
        try:
            plain = _MONTH.fullmatch(text)
            reading = Reading(date.fromisoformat(f"{text}-01")) if plain else self._read(read_month, text)
        except (ValueError, OverflowError):
            raise BadCell("bad month", "is not a month of the calendar", "months are 01 to 12") from None
        if reading is None:
            raise BadCell("bad month", "is not a month of the form YYYY-MM", "write it as 2026-01")
        return self._plausible(reading)

    def _read(self, read: Callable[[str, DateOrder | None, date], Reading | None], text: str) -> Reading | None:
        return read(text, self.order, EPOCH_1904 if self.since_1904 else EPOCH)

    def _plausible(self, reading: Reading) -> Reading:
        last = self.today + relativedelta(years=YEARS_AHEAD)
        if reading.value > last:
            raise BadCell("far future", "is in the far future", f"give a day up to {last}")
        if reading.value < FIRST_DAY:
            raise BadCell("far past", "is in the far past", f"give a day from {FIRST_DAY} on")
        return reading
