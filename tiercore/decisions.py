"""What has to be decided soon: agreements that end and subscriptions that renew, read for one partner."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from tiercore.facts.entries import SubscriptionLevel
from tiercore.ledger import computed
from tiercore.program import Program
from tiercore.questions.digest import DECISIONS_AHEAD, Decision, decisions_on
from tiercore.rating.lines import latest_levels
from tiercore.storage import client_statements
from tiercore.storage.decoding import Rows, a_date, level_of
from tiercore.storage.reader import Query


def decisions_queries(partner_id: str, as_of: date) -> list[Query]:
    """The queries for what ends or renews within DECISIONS_AHEAD days."""
    last = as_of + timedelta(DECISIONS_AHEAD)
    key = {"partner_id": partner_id, "on": as_of.isoformat(), "last": last.isoformat()}
    active = {**key, "day": as_of.toordinal()}
    return [
        (client_statements.AGREEMENTS_ENDING, key),
        (client_statements.RENEWALS, active),
        (client_statements.LEVELS_OF_RENEWING, active),
    ]


async def decisions_from(rows: Sequence[Rows], program: Program, as_of: date) -> tuple[Decision, ...]:
    """The agreements and subscriptions that end or renew, from the rows of `decisions_queries`."""
    return await computed(sum(map(len, rows)), _decisions, rows, program, as_of)


def _decisions(rows: Sequence[Rows], program: Program, as_of: date) -> tuple[Decision, ...]:
    agreements, renewals, levels = rows
    ending = [
        (client_id, client, agreement_id, a_date(ends_on))
        for client_id, client, agreement_id, ends_on, next_start in agreements
        if not _continues(a_date(ends_on), next_start)
    ]
    renewing = _renewing(program, renewals, [level_of(row) for row in levels], as_of)
    return decisions_on(as_of, ending, list(renewing))


def _renewing(
    program: Program, renewals: Rows, levels: Sequence[SubscriptionLevel], as_of: date
) -> Iterator[tuple[str, str, str, date]]:
    """The renewals of what is still held: not of an edition or name whose place another has taken."""
    rules, held = program.on(as_of), {level.entry for level in latest_levels(levels, program.catalogue)}
    judged = {level.client_id for level in levels}
    keys = {(level.client_id, level.product_line, level.account or "") for level in held}
    for client_id, client, text, renews_on, account in renewals:
        if client_id not in judged or (client_id, text, account) in keys:
            line = program.catalogue.line_of(text)
            yield client_id, client, rules.product(line.hub, line.edition, account), a_date(renews_on)


def _continues(ends: date, next_start: Any) -> bool:
    """Whether the next agreement starts without a gap."""
    return next_start is not None and a_date(next_start) <= ends + timedelta(1)
