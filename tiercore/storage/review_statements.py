"""What the next recalibration and the next day up are judged by: the balances of their days."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from tiercore.program import Program
from tiercore.questions.recalibration_days import recalibration_of, sampling_days
from tiercore.questions.uptier import uptier_day
from tiercore.rating.timeline import Balance
from tiercore.storage.decoding import Rows
from tiercore.storage.reader import Query
from tiercore.storage.statements import balances_on


@lru_cache(maxsize=1_024)
def review_days(as_of: date, program: Program) -> Sequence[date]:
    """The days whose balance and retention are needed, ascending: the sampling days and the next day up."""
    ends, begins = recalibration_of(as_of, program)
    days = {*sampling_days(begins, ends, program.on(ends)), uptier_day(as_of, program.on(as_of))}
    return tuple(sorted(days))


def review_query(partner_id: str, days: Sequence[date]) -> Query:
    """The balance of each of the days."""
    numbered = {f"day_{number}": each.toordinal() for number, each in enumerate(days)}
    return balances_on(len(days)), {"partner_id": partner_id, **numbered}


def review_timeline(rows: Rows) -> Sequence[Balance]:
    """The timeline that the rows of `review_query` are; of days between the ones asked for it says nothing."""
    return [Balance._make(row) for row in rows]
