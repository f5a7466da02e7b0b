"""Parsing days (YYYY-MM-DD) and months (YYYY-MM) that exist and are neither far past nor far future."""

import re
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.ingest.problems import BadCell

FIRST_DAY = date(2000, 1, 1)
YEARS_AHEAD = 10
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{1,2})(?:[-/. ]?(\d{1,2}))?(?:[T ].*)?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """Parsers of days that are plausible in a file read on `today`."""

    today: date

    def parse_date(self, text: str) -> date:
        """A day, `2026-01-31`."""
        if not _DAY.fullmatch(text):
            raise BadCell(
                "bad date", "is not a date of the form YYYY-MM-DD", _rewritten(text) or "write it as 2026-01-31"
            )
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise BadCell("bad date", "is not a day of the calendar", "give a day that exists") from None
        return self._plausible(day)

    def parse_month(self, text: str) -> date:
        """A month, `2026-01`, as its first day."""
        if not _MONTH.fullmatch(text):
            raise BadCell("bad month", "is not a month of the form YYYY-MM", _month_rewritten(text))
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise BadCell("bad month", "is not a month of the calendar", "months are 01 to 12") from None
        return self._plausible(month)

    def _plausible(self, day: date) -> date:
        last = self.today + relativedelta(years=YEARS_AHEAD)
        if day > last:
            raise BadCell("far future", "is in the far future", f"give a day up to {last}")
        if day < FIRST_DAY:
            raise BadCell("far past", "is in the far past", f"give a day from {FIRST_DAY} on")
        return day


def _rewritten(text: str) -> str | None:
    """How to write the day instead, None if the text doesn't look like a date."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[2], found[3]
        return _write(year, month, day) if day else None
    if not (found := _YEAR_LAST.fullmatch(text)):
        return None
    first, second, year = found.groups()
    if "." in text or int(first) > 12:
        return _write(year, second, first)
    if int(second) > 12 or first == second:
        return _write(year, first, second)
    return f"write {year}-{int(second):02d}-{int(first):02d} or {year}-{int(first):02d}-{int(second):02d}"


def _write(year: str, month: str, day: str) -> str | None:
    try:
        return f"write {date(int(year), int(month), int(day))}"
    except ValueError:
        return None


def _month_rewritten(text: str) -> str:
    found = _YEAR_FIRST.fullmatch(text)
    if found and 1 <= int(found[2]) <= 12:
        return f"write {found[1]}-{int(found[2]):02d}"
    return "write it as 2026-01"
