"""On which days signals may be at another level although the data is the same (digests-and-alerts#looks)."""

from datetime import date, timedelta

from tiercore.program import Program
from tiercore.questions.recalibration_days import recalibration_of, sampling_days
from tiercore.questions.signals import RECALIBRATION_DAYS, SOON_DAYS
from tiercore.questions.uptier import uptier_day

MONTH_BEGINS = 1  # retention counts whole months


def may_change(day: date, program: Program) -> bool:
    """Whether signals may be at another level than on the day before whatever a partner's data: the rules change or
    will within SOON_DAYS, retention counts another month, a recalibration ends or comes into sight, or one of the days
    that it takes, or on which partners move up, has come or gone.
    """
    before, rules = day - timedelta(1), program.on(day)
    ends, begins = recalibration_of(day, program)
    sampled = sampling_days(begins, ends, program.on(ends))
    return (
        day.day == MONTH_BEGINS
        or any(each in (day, day + timedelta(SOON_DAYS)) for each in program.changes)
        or recalibration_of(before, program) != (ends, begins)
        or (ends - day).days == RECALIBRATION_DAYS
        or day in sampled
        or before in sampled
        or day == uptier_day(day, rules)
        or uptier_day(before, program.on(before)) != uptier_day(day, rules)
    )
