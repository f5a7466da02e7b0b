"""The days of a recalibration: the next one, its window, and its sampling days (how-tiers-work#recalibration)."""

from datetime import date, timedelta
from functools import lru_cache

from tiercore.facts.months import months_after
from tiercore.program import Program, Rules


@lru_cache(maxsize=1_024)
def recalibration_of(day: date, program: Program) -> tuple[date, date]:
    """The next recalibration, on or after the day, and the first day of its window."""
    recalibration = program.recalibration_after(day - timedelta(1))
    return recalibration, months_after(recalibration, -program.on(recalibration).lookback_months)


def sampling_days(begins: date, ends: date, rules: Rules) -> list[date]:
    """The sampling days in the window, both ends included; one per month."""
    first = begins.replace(day=rules.sampling_day)
    months = (ends.year - begins.year) * 12 + ends.month - begins.month
    days = (months_after(first, month) for month in range(months + 1))
    return [each for each in days if begins <= each <= ends]


@lru_cache(maxsize=1_024)
def _days_of(program: Program, begins: date, ends: date) -> tuple[date, ...]:
    return tuple(sampling_days(begins, ends, program.on(ends)))
