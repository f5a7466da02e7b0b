"""What is read of a partner for answers that a digest has, too, and the answers that the rows give."""

from collections.abc import Sequence
from datetime import date, timedelta

from tiercore.ledger import VERSION, computed
from tiercore.program import Program
from tiercore.questions import ALL
from tiercore.questions.changes import Changes, changes_between
from tiercore.questions.expiry import Expiry, UnknownExpiry, expiry_within
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.progress import MONTHS_BACK, days_shown, horizon
from tiercore.questions.requirements import Facts
from tiercore.rating.netting import CreditEvent
from tiercore.rating.timeline import Balance
from tiercore.storage import statements
from tiercore.storage.decoding import Rows, lapse_of
from tiercore.storage.hindsight_statements import hindsight_from, hindsight_queries
from tiercore.storage.pipeline_statements import DEAL_POINTS, PIPELINE
from tiercore.storage.reader import Query


def expiry_queries(partner_id: str, days: int, as_of: date, limit: int = ALL) -> list[Query]:
    """What expires in the days after `as_of`, at most `limit` lapses of it, and what has no known expiry."""
    until = (as_of + timedelta(days)).toordinal()
    window = {"partner_id": partner_id, "day": as_of.toordinal(), "until": until}
    return [
        (statements.BALANCES_AHEAD, window),
        (statements.LAPSES, {**window, "limit": limit}),
        (statements.UNKNOWN_EXPIRY, window),
    ]


async def expiry_from(rows: Sequence[Rows], days: int, program: Program, today: JudgedTiers) -> Expiry:
    """What expires in the days after that of `today`, from the rows of expiry_queries."""
    return await computed(sum(map(len, rows)), _expiry, rows, days, program, today)


def _expiry(rows: Sequence[Rows], days: int, program: Program, today: JudgedTiers) -> Expiry:
    ahead, lapses, unknown = rows
    return expiry_within(
        days,
        today.day,
        program,
        today.facts,
        today.balance,
        [Balance._make(row) for row in ahead],
        [lapse_of(row) for row in lapses],
        [UnknownExpiry(*row) for row in unknown],
        today,
    )


def changes_queries(partner_id: str, since: date, as_of: date, known: KnownAt) -> list[Query]:
    """The credits that began or ended after `since`, up to `as_of`, and what was corrected after `known`."""
    window = {"partner_id": partner_id, "since": since.toordinal(), "day": as_of.toordinal()}
    return [
        (statements.BALANCE_BEFORE, window),
        (statements.CREDITS_OPENED, window),
        (statements.CREDITS_CLOSED, window),
        *hindsight_queries(partner_id, since, as_of, known),
    ]


async def changes_from(
    rows: Sequence[Rows], since: date, as_of: date, known: KnownAt, program: Program, facts: Facts, balance: Balance
) -> Changes:
    """The points gained and lost after `since`, up to `as_of`, from the rows of changes_queries."""
    before, opened, closed, *corrected = rows
    start = Balance._make(before[0]) if before else Balance(since.toordinal())
    events = map(CreditEvent._make, opened), map(CreditEvent._make, closed)
    hindsight = hindsight_from(since, as_of, known, *corrected)
    about = since, as_of, program, facts, start, balance, *events, hindsight
    return await computed(len(opened) + len(closed), changes_between, *about)


def progress_queries(partner_id: str, as_of: date) -> list[Query]:
    """The data's version, the balances of the months shown and of the year ahead, the open deals, and what
    they would earn.
    """
    key = {"partner_id": partner_id}
    ends = {f"day_{number}": end.toordinal() for number, end in enumerate(days_shown(as_of)[:MONTHS_BACK])}
    window = {"day": as_of.toordinal(), "until": horizon(as_of).toordinal()}
    return [
        VERSION,
        (statements.BALANCES_BEFORE, {**key, **ends}),
        (statements.BALANCES_AHEAD, {**key, **window}),
        (PIPELINE, key),
        (DEAL_POINTS, key),
    ]
