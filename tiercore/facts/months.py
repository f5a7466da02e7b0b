"""Days by the calendar's months."""

from datetime import date
from functools import lru_cache

from dateutil.relativedelta import relativedelta


@lru_cache(maxsize=1_024)
def months_after(day: date, months: int) -> date:
    """The same day so many months later, or before for a negative number; clipped to the month's end."""
    return day + relativedelta(months=months)
