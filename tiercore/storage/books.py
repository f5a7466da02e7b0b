"""What rating reads: a client's whole book, and what a partner's timeline and retention are made of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from tiercore.facts.entries import SubscriptionLevel, ToolUsage
from tiercore.rating.credits import ClientBook, Credit
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, SaleRow, SubscriptionLevelRow, ToolUsageRow


def books_of(connection: Connection, client_ids: Sequence[str]) -> Iterable[ClientBook]:
    """All entries of each of the clients, of whichever partner."""
    books = {row["client_id"]: ClientBook(rows.client(row)) for row in _rows_of(connection, ClientRow, client_ids)}
    for row in _rows_of(connection, SaleRow, client_ids):
        books[row["client_id"]].sales.append(rows.sale(row))
    for row in _rows_of(connection, SubscriptionLevelRow, client_ids):
        books[row["client_id"]].levels.append(rows.subscription_level(row))
    for row in _rows_of(connection, AgreementRow, client_ids):
        books[row["client_id"]].agreements.append(rows.agreement(row))
    return books.values()


def _rows_of(connection: Connection, model: type[SQLModel], client_ids: Sequence[str]) -> Iterable[Any]:
    source = table(model)
    return connection.execute(select(source).where(source.c.client_id.in_(client_ids))).mappings()


def credits_of_partner(connection: Connection, partner_id: str) -> Iterator[Credit]:
    """The stored credits of a partner."""
    credit = table(CreditRow)
    found = connection.execute(select(credit).where(credit.c.partner_id == partner_id)).mappings()
    return (rows.credit(row) for row in found)


def usage_of(connection: Connection, partner_id: str) -> dict[str, list[ToolUsage]]:
    """Tool usage by client, of the clients that the partner ever had credits from."""
    found: dict[str, list[ToolUsage]] = defaultdict(list)
    for row in _rows_of_clients(connection, ToolUsageRow, partner_id):
        found[row["client_id"]].append(rows.tool_usage(row))
    return found


def levels_of(connection: Connection, partner_id: str) -> Iterator[SubscriptionLevel]:
    """Subscription levels of the clients that the partner ever had credits from."""
    return (rows.subscription_level(row) for row in _rows_of_clients(connection, SubscriptionLevelRow, partner_id))


def _rows_of_clients(connection: Connection, model: type[SQLModel], partner_id: str) -> Iterable[Any]:
    """The rows of the clients that the partner ever had credits from."""
    credit, source = table(CreditRow), table(model)
    clients = select(credit.c.client_id).where(credit.c.partner_id == partner_id).distinct()
    return connection.execute(select(source).where(source.c.client_id.in_(clients))).mappings()
