"""Reading what a partner's other clients bring to the figures of a scenario that don't add. Nothing is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select

from tiercore.facts.entries import ToolUsage
from tiercore.rating.install_base import Stay
from tiercore.rating.retention import RetentionMonth
from tiercore.scenarios.books import OtherClients
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import CreditRow, SubscriptionLevelRow, ToolUsageRow

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

    def found(statement: Any) -> Sequence[Mapping[Any, Any]]:
        found = connection.execute(statement, key).mappings()
        return [row for row in found if row["client_id"] not in apart]

    usage: dict[str, list[ToolUsage]] = defaultdict(list)
    for row in found(_TOOLS):
        usage[row["client_id"]].append(rows.tool_usage(row))
    paying = (found(_PAYING), found(_LEVELS)) if currencies else ((), ())
    return OtherClients(
        [_stay(row) for row in (*found(_WITH_USAGE), *paying[0])],
        usage,
        [rows.subscription_level(row) for row in paying[1]],
    )


def _stay(row: Mapping[Any, Any]) -> Stay:
    until = row["lapses_on"]
    return Stay(
        row["client_id"], date.fromordinal(row["starts_on"]), None if until is None else date.fromordinal(until)
    )
