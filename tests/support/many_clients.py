"""A ledger of very many small clients, made by a seed and stored without an import."""

from datetime import date, timedelta
from random import Random

from sqlalchemy import Connection, Engine, insert, select

from tiercore.facts.entries import (
    Agreement,
    Client,
    DealType,
    Entry,
    Motion,
    Partner,
    Sale,
    SubscriptionLevel,
    ToolUsage,
)
from tiercore.facts.money import Money
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import BalanceRow, CreditRow, RetentionRow

DERIVED = (CreditRow, BalanceRow, RetentionRow)
_FIRST = date(2020, 1, 1)


def store_many(connection: Connection, clients: int, partners: int = 40, seed: int = 1) -> None:
    """Store so many clients of the partners, each with two sales, their levels, and sometimes an agreement."""
    random = Random(seed)
    entries: list[Entry] = [Partner(f"P{each}", f"P{each}", "US", "USD", _FIRST) for each in range(partners)]
    for number in range(clients):
        entries += _client(f"C{number:05}", random, partners)
    for kind in (Partner, Client, Sale, SubscriptionLevel, Agreement, ToolUsage):
        found = [rows.entry_row(each) for each in entries if isinstance(each, kind)]
        connection.execute(insert(table(rows.TABLE_OF[kind])), found)


def _client(client_id: str, random: Random, partners: int) -> list[Entry]:
    found: list[Entry] = [Client(client_id, client_id, random.choice(["US", "IN", "DE"]))]
    currency, partner = random.choice(["USD", "EUR"]), f"P{random.randrange(partners)}"
    for line in ("Marketing Hub", "Sales Hub"):
        day, mrr = _FIRST + timedelta(random.randrange(900)), Money(random.randrange(5_000, 90_000), currency)
        motion, sale_id = random.choice(list(Motion)), f"{client_id} {line}"
        found.append(Sale(sale_id, partner, client_id, line, DealType.NET_NEW, motion, mrr, day))
        found.append(SubscriptionLevel(client_id, line, mrr, day))
        ended = Money(random.choice([0, mrr.minor // 2]), currency)
        found.append(SubscriptionLevel(client_id, line, ended, day + timedelta(200)))
    if random.random() < 0.5:
        found.append(Agreement(f"A {client_id}", f"P{random.randrange(partners)}", client_id, _FIRST))
        found.append(ToolUsage(client_id, _FIRST, random.randrange(9)))
    return found


def derived_rows(engine: Engine) -> dict[str, list[tuple]]:
    """Every derived row by table, without the credits' numbers."""
    with engine.connect() as connection:
        return {
            str(model.__tablename__): sorted(
                map(tuple, connection.execute(select(*(c for c in table(model).columns if c.name != "credit_id")))),
                key=repr,
            )
            for model in DERIVED
        }
