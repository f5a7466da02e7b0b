"""Reading what a partner's other clients bring to the figures of a scenario that don't add. Nothing is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select

from tiercore.facts.entries import ToolUsage
from tiercore.rating.install_base import Stay
from tiercore.rating.retention import RetentionMonth
from tiercore.scenarios.books import OtherClients
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import SubscriptionLevelRow, ToolUsageRow

_CREDIT, _LEVEL, _USAGE = (table(each) for each in (CreditRow, SubscriptionLevelRow, ToolUsageRow))
_OWN = _CREDIT.c.partner_id == bindparam("partner_id")
_ONES = _LEVEL.alias()


def _stays(of_client: ColumnElement[bool]) -> Any:
    runs_on = or_(_CREDIT.c.lapses_on.is_(None), _CREDIT.c.lapses_on > bindparam("since_day"))
    return (
        select(_CREDIT.c.client_id, _CREDIT.c.starts_on, _CREDIT.c.lapses_on).where(_OWN, runs_on, of_client).distinct()
    )


def _of_own_clients(client_id: ColumnElement[str]) -> ColumnElement[bool]:
    return client_id.in_(select(_CREDIT.c.client_id).where(_OWN))


def _pays_in(client_id: ColumnElement[str]) -> ColumnElement[bool]:
    named = _ONES.c.currency.in_(bindparam("currencies", expanding=True))
    return exists().where(_ONES.c.client_id == client_id, named)


_EARLIER = _USAGE.alias()
_IN_FORCE = (
    select(func.max(_EARLIER.c.month))
    .where(_EARLIER.c.client_id == _USAGE.c.client_id, _EARLIER.c.month <= bindparam("since"))
    .scalar_subquery()
)
_WITH_USAGE = _stays(exists().where(_USAGE.c.client_id == _CREDIT.c.client_id))
_TOOLS = select(_USAGE).where(
    _of_own_clients(_USAGE.c.client_id), or_(_USAGE.c.month > bindparam("since"), _USAGE.c.month == _IN_FORCE)
)
_PAYING = _stays(_pays_in(_CREDIT.c.client_id))
_LEVELS = select(_LEVEL).where(_of_own_clients(_LEVEL.c.client_id), _pays_in(_LEVEL.c.client_id))


def read_others(
    connection: Connection,
    partner_id: str,
    clients: Collection[str],
    since: date,
    retention: Iterable[RetentionMonth],
) -> OtherClients:
    """What the partner's clients apart from `clients` bring from `since` on; `retention` are its months as stored."""
    currencies = sorted({each.currency for each in retention if each.currency and not each.per_100_usd})
    key = {"partner_id": partner_id, "since": since, "since_day": since.toordinal(), "currencies": currencies}
    apart = frozenset(clients)

    def stays(statement: Any) -> Iterable[Stay]:
        for client_id, starts_on, lapses_on in connection.execute(statement, key):
            if client_id not in apart:
                until = None if lapses_on is None else date.fromordinal(lapses_on)
                yield Stay(client_id, date.fromordinal(starts_on), until)

    def entries(statement: Any) -> Iterable[Mapping[Any, Any]]:
        return (row for row in connection.execute(statement, key).mappings() if row["client_id"] not in apart)

    usage: dict[str, list[ToolUsage]] = defaultdict(list)
    for row in entries(_TOOLS):
        usage[row["client_id"]].append(rows.tool_usage(row))
    with_usage = list(stays(_WITH_USAGE))
    if not currencies:
        return OtherClients(with_usage, usage)
    levels = [rows.subscription_level(row) for row in entries(_LEVELS)]
    return OtherClients([*with_usage, *stays(_PAYING)], usage, levels)
