"""Query plans on SQLite, which keeps no statistics: no read scans a partner's full history."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, Select, text
from sqlalchemy.dialects import sqlite

from tiercore.storage import client_statements, hindsight_statements, statements
from tiercore.storage.engine import reading

LISTS = {**client_statements.CLIENTS, "unpaid": client_statements.UNPAID}


def plan(statement: Select[Any], engine: Engine) -> list[str]:
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    params = {key: value or 0 for key, value in compiled.params.items()}
    with reading(engine) as connection:
        return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), params)]


def of_each_row(steps: Sequence[str]) -> Iterator[str]:
    """The steps that are taken again for each row: those of correlated subqueries."""
    inside = False
    for step in steps:
        if "SUBQUERY" in step:
            inside = step.startswith("CORRELATED")
        elif inside:
            yield step


def of_credits(steps: Sequence[str]) -> list[str]:
    found = [step for step in steps if step.startswith(("SEARCH credit", "SCAN credit"))]
    assert found
    return found


@pytest.mark.parametrize("name", LISTS)
def test_per_client_queries_use_the_client_index(name: str, sqlite_engine: Engine) -> None:
    steps = plan(LISTS[name], sqlite_engine)
    assert all("partner_id=? AND client_id=?" in step for step in of_credits([*of_each_row(steps)]))


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("LAPSES", "ix_credit_partner_lapses (partner_id=? AND lapses_on>? AND lapses_on<?)"),
        ("UNKNOWN_EXPIRY", "ix_credit_partner_doubt (partner_id=?"),
        ("CREDITS_OPENED", "ix_credit_partner_starts (partner_id=? AND starts_on>? AND starts_on<?)"),
        ("CREDITS_CLOSED", "ix_credit_partner_lapses (partner_id=? AND lapses_on>? AND lapses_on<?)"),
    ],
)
def test_a_window_is_read_by_the_day_index(name: str, index: str, sqlite_engine: Engine) -> None:
    [step] = of_credits(plan(getattr(statements, name), sqlite_engine))
    assert f"INDEX {index}" in step


@pytest.mark.parametrize("name", ["CORRECTIONS", "CORRECTED_ROWS"])
def test_corrections_are_read_by_partner_and_import(name: str, sqlite_engine: Engine) -> None:
    steps = plan(getattr(hindsight_statements, name), sqlite_engine)
    assert any("SEARCH correction" in step and "(partner_id=? AND import_id>?)" in step for step in steps)
