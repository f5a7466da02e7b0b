"""What the next recalibration and the next day up are judged by: the balances from one of their days to the other."""

from collections.abc import Sequence
from datetime import date

from tiercore.program import Program
from tiercore.questions.recalibration import recalibration_of
from tiercore.questions.uptier import uptier_day
from tiercore.rating.timeline import Balance
from tiercore.storage.decoding import Rows
from tiercore.storage.reader import Query
from tiercore.storage.statements import BALANCE_BEFORE, BALANCES_SINCE


def review_span(as_of: date, program: Program) -> tuple[date, date]:
    """The first and the last day whose balance and retention are needed, the window's and the next day up."""
    ends, begins = recalibration_of(as_of, program)
    up = uptier_day(as_of, program.on(as_of))
    return min(begins, up), max(ends, up)


def review_queries(partner_id: str, span: tuple[date, date]) -> tuple[Query, Query]:
    """The balance on the span's first day, and those after it."""
    first, last = span
    window = {"partner_id": partner_id, "since": first.toordinal(), "until": last.toordinal()}
    return (BALANCE_BEFORE, window), (BALANCES_SINCE, window)


def review_timeline(before: Rows, after: Rows) -> Sequence[Balance]:
    """The timeline that the rows of `review_queries` are."""
    return [Balance._make(row) for row in (*before, *after)]
