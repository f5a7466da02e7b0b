"""What the recount reads, in plain SQL for SQLite and PostgreSQL: entries and stored figures, all days as ordinals."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

_ORDINAL = {
    "sqlite": r"CAST(julianday(\1) - 1721424.5 AS INTEGER)",
    "postgresql": r"(\1 - DATE '0001-01-01' + 1)",
}
_SALES = "client_id, sale_id, partner_id, product_line, deal_type, motion, mrr_minor, currency, [sold_on], account"
_LEVELS = "client_id, product_line, account, mrr_minor, currency, [effective_on]"
_AGREEMENTS = "client_id, agreement_id, partner_id, [starts_on], [ends_on]"
_USAGE = "client_id, [month], tools_used"


class Sale(NamedTuple):
    """A sale; `day` is the ordinal of the day it was sold on."""

    client_id: str
    sale_id: str
    partner_id: str
    product_line: str
    deal_type: str
    motion: str
    minor: int
    currency: str
    day: int
    account: str | None


class Level(NamedTuple):
    """A subscription level from `day` on; `account` is "" where none is named."""

    client_id: str
    product_line: str
    account: str
    minor: int
    currency: str
    day: int


class Agreement(NamedTuple):
    """An agreement; `last` is its last day, None without an end."""

    client_id: str
    agreement_id: str
    partner_id: str
    starts: int
    last: int | None


class Credit(NamedTuple):
    """A row of the table `credit`, recounted or stored, without its number."""

    partner_id: str
    client_id: str
    product_line: str
    source: str
    micropoints: int | None
    program_cents: int | None
    mrr_minor: int
    currency: str
    rate: int
    shared_by: int
    starts_on: int
    lapses_on: int | None
    opened_by: str
    closed_by: str | None
    entry_id: str
    rated_on: int
    lapsing: int | None
    doubt: str | None
    assumed: bool
    edition: str | None
    account: str | None
    origin: str | None


class ClientEntries(NamedTuple):
    """Everything on file about one client: its entries, and by first day of a month the tools used."""

    country: str
    sales: list[Sale]
    levels: list[Level]
    agreements: list[Agreement]
    usage: dict[int, int]


def rows(connection: Connection, sql: str, **values: Sequence[str] | str | int) -> Iterable[tuple[Any, ...]]:
    """The rows of a statement in which `[x]` stands for the ordinal of a day and `:x` for a value or a list of them."""
    statement = text(re.sub(r"\[(\w+)\]", _ORDINAL[connection.dialect.name], sql))
    lists = [name for name, value in values.items() if not isinstance(value, str | int)]
    statement = statement.bindparams(*(bindparam(name, expanding=True) for name in lists))
    return map(tuple, connection.execute(statement, values).all())


def clients_of(connection: Connection, partners: Sequence[str]) -> list[str]:
    """Every client that has an entry or a stored credit of one of the partners, ascending."""
    sources = " UNION ".join(f"SELECT client_id FROM {each} WHERE partner_id IN :partners" for each in _WITH_PARTNER)  # noqa: S608
    return sorted(client for (client,) in rows(connection, sources, partners=partners))


_WITH_PARTNER = ("sale", "agreement", "credit")


def entries_of(connection: Connection, clients: Sequence[str]) -> Mapping[str, ClientEntries]:
    """The entries of the clients, from all partners. A client that isn't there has none."""

    def read(columns: str, table: str) -> Iterable[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM {table} WHERE client_id IN :clients"  # noqa: S608
        return rows(connection, sql, clients=clients)

    found = {client: ClientEntries("", [], [], [], {}) for client in clients}
    for client, country in read("client_id, country", "client"):
        found[client] = found[client]._replace(country=country)
    for row in read(_SALES, "sale"):
        found[row[0]].sales.append(Sale(*row))
    for row in read(_LEVELS, "subscription_level"):
        found[row[0]].levels.append(Level(*row))
    for row in read(_AGREEMENTS, "agreement"):
        found[row[0]].agreements.append(Agreement(*row))
    for client, month, tools in read(_USAGE, "tool_usage"):
        found[client].usage[month] = tools
    return found


def stored_credits(connection: Connection, clients: Sequence[str]) -> Mapping[str, list[Credit]]:
    """The stored credits of the clients, by client."""
    found: dict[str, list[Credit]] = defaultdict(list)
    sql = f"SELECT {', '.join(Credit._fields)} FROM credit WHERE client_id IN :clients"  # noqa: S608
    for row in rows(connection, sql, clients=clients):
        found[row[1]].append(Credit(*row))
    return found
