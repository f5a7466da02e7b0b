"""How the reads go about it on SQLite, which keeps no statistics: nothing is read client by client in full."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.dialects import sqlite

from tiercore.clients import ORDERS
from tiercore.storage import client_statements
from tiercore.storage.engine import reading

LISTS = {**client_statements.CLIENTS, "unpaid": client_statements.UNPAID}


@pytest.mark.parametrize("name", [*ORDERS, "unpaid"])
def test_what_is_looked_up_for_each_client_goes_by_the_client(name: str, sqlite_engine: Engine) -> None:
    compiled = LISTS[name].compile(dialect=sqlite.dialect(paramstyle="named"))
    given = {key: value or 0 for key, value in compiled.params.items()}
    with reading(sqlite_engine) as connection:
        plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), given)]
    inner = plan[next(at for at, step in enumerate(plan) if step.startswith("CORRELATED")) :]
    credits = [step for step in inner if step.startswith(("SEARCH credit", "SCAN credit"))]
    assert credits
    assert all("partner_id=? AND client_id=?" in step for step in credits)
