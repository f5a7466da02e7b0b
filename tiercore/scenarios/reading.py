"""Reading a partner's books for a scenario, from one state of the data. Nothing is written."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Connection, bindparam, func, select

from tiercore.facts.entries import TierCredited, ToolUsage
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.timeline import Balance
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.others import read_others
from tiercore.storage import rows, statements
from tiercore.storage.books import books_of
from tiercore.storage.bulk import table
from tiercore.storage.decoding import certification_of, holds_of, partner_of
from tiercore.storage.tables.derived import BalanceRow, RetentionRow
from tiercore.storage.tables.ledger import PartnerRow, ToolUsageRow

MONTHS_BACK = 13  # of the timeline that the answers look back on
_PARTNER, _TIMELINE, _RETENTION, _USAGE = (table(each) for each in (PartnerRow, BalanceRow, RetentionRow, ToolUsageRow))
_BALANCE = [_TIMELINE.c[name] for name in Balance._fields]
_OWN_BALANCES = select(*_BALANCE).where(_TIMELINE.c.partner_id == bindparam("partner_id"))
_BEFORE = select(func.max(_TIMELINE.c.day)).where(
    _TIMELINE.c.partner_id == bindparam("partner_id"), _TIMELINE.c.day <= bindparam("since")
)
_SINCE = _OWN_BALANCES.where(_TIMELINE.c.day >= func.coalesce(_BEFORE.scalar_subquery(), 0)).order_by(_TIMELINE.c.day)
_PARTNER_ROW = select(
    *(
        _PARTNER.c[name]
        for name in ("partner_id", "name", "country", "currency", "joined_on", "elite_invited_on", "membership_until")
    )
).where(_PARTNER.c.partner_id == bindparam("partner_id"))
_MONTHS = (
    select(*(_RETENTION.c[name] for name in RetentionMonth._fields))
    .where(_RETENTION.c.partner_id == bindparam("partner_id"))
    .order_by(_RETENTION.c.month, _RETENTION.c.currency)
)


def read_books(
    connection: Connection, partner_id: str, clients: Collection[str], as_of: date, *, others: bool = False
) -> PartnerBooks:
    """The partner's books for days from `as_of` on, with the whole books of `clients` and, if wanted, of its others.

    Raises LookupError where there is no such partner.
    """
    since = as_of - relativedelta(months=MONTHS_BACK)
    key: dict[str, Any] = {"partner_id": partner_id}

    def found(statement: Any, **more: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(statement, {**key, **more})]

    partners = found(_PARTNER_ROW)
    if not partners:
        raise LookupError(partner_id)
    tiers = found(statements.TIERS_CREDITED)
    timeline = [Balance._make(row) for row in found(_SINCE, since=since.toordinal())]
    retention = tuple(RetentionMonth._make(row) for row in found(_MONTHS))
    return PartnerBooks(
        partner=partner_of(partners[0]),
        certifications=tuple(certification_of(row) for row in found(statements.CERTIFICATIONS)),
        tiers=tuple(TierCredited(partner_id, tier, day) for tier, day in tiers),
        holds=holds_of(found(statements.HOLDS)),
        since=since,
        timeline=tuple(timeline),
        retention=retention,
        clients={each.client.client_id: each for each in books_of(connection, sorted(clients))},
        usage=_usage(connection, clients),
        others=read_others(connection, partner_id, clients, since, retention) if others else None,
    )


def _usage(connection: Connection, clients: Collection[str]) -> dict[str, list[ToolUsage]]:
    found: dict[str, list[ToolUsage]] = defaultdict(list)
    for row in connection.execute(select(_USAGE).where(_USAGE.c.client_id.in_(sorted(clients)))).mappings():
        found[row["client_id"]].append(rows.tool_usage(row))
    return found
