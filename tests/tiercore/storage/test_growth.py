"""What an answer reads doesn't grow with other partners' data: on filled tables of both engines, no statement scans one
of them.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Select, text
from sqlalchemy.dialects import postgresql, sqlite

import tiercore.storage
from tests.support.databases import Databases, PostgresDatabases
from tests.support.filled_tables import BIG, fill_tables
from tiercore.storage.compiled import ON_POSTGRESQL
from tiercore.storage.engine import create_database_engine, reading
from tiercore.storage.portfolio_statements import balances_of, figures_of
from tiercore.storage.schema import upgrade
from tiercore.storage.statements import balances_on

# Lists of everybody, which are as long as there are partners; a join of thousands of them with all their months.
OF_EVERYBODY = {"reach_statements.EVERY_PARTNER", "portfolio_statements.RETENTION_MONTHS"}
VALUES = {
    "team_id": "t0",
    "user_id": "u7",
    "channel_id": "c7",
    "email": "e7",
    "partner_id": "p7",
    "client_id": "c7",
    "on": "2022-01-01",
    "partner_ids": '["P1", "P2"]',
    "first": "2022-01-04",
    "last": "2022-01-05",
    "changed_after": "2022-01-01",
    "changed_by": "2022-02-01",
    "day": 738_100,
    "since": 738_090,
    "until": 738_110,
    "start": 0,
    "limit": 10,
    "year_ago": 737_700,
    "known_version": 11_990,
    "known_day": 738_000,
    "known_of": 738_000,
    "first_month": 24_270,
    "last_month": 24_280,
    **{f"day_{number}": 738_100 + number for number in range(12)},
}


def in_modules() -> Iterator[tuple[str, Select[Any]]]:
    """Every statement that a module of statements has for answers, by name."""
    for module in pkgutil.iter_modules(tiercore.storage.__path__):
        if module.name.endswith("statements"):
            found = vars(importlib.import_module(f"tiercore.storage.{module.name}"))
            for name, value in found.items():
                if name.isupper() and not name.startswith("_"):
                    yield from named(f"{module.name}.{name}", value)
    yield "statements.balances_on", balances_on(7)
    yield "portfolio_statements.balances_of", balances_of(9)
    yield "portfolio_statements.figures_of", figures_of(9)


def named(name: str, value: Any) -> Iterator[tuple[str, Select[Any]]]:
    if isinstance(value, Select):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from named(f"{name}[{key}]", each)
    elif isinstance(value, (tuple, list)):
        for number, each in enumerate(value):
            yield from named(f"{name}[{number}]", each)


# The table of each name that a statement reads from.
TABLE_OF = {
    **{name: name for name in BIG},
    **dict.fromkeys(("later", "other_name", "any_level"), "subscription_level"),
    "next_agreement": "agreement",
}
STATEMENTS = {name: each for name, each in in_modules() if name not in OF_EVERYBODY}


@pytest.fixture
def filled(databases: Databases) -> Iterable[Engine]:
    engine = create_database_engine(databases.filled(upgrade))
    fill_tables(engine)
    yield engine
    engine.dispose()


def test_no_statement_of_an_answer_scans_a_table_that_grows_with_the_program(filled: Engine):
    scans = {name: found for name, each in STATEMENTS.items() if (found := scanned(each, filled))}
    assert scans == {}
    assert len(STATEMENTS) > 40


def scanned(statement: Select[Any], engine: Engine) -> list[str]:
    """The big tables that the statement reads as a whole, by the engine's plan."""
    return (
        scanned_by_postgresql(statement, engine)
        if engine.dialect.name == "postgresql"
        else scanned_by_sqlite(statement, engine)
    )


def scanned_by_sqlite(statement: Select[Any], engine: Engine) -> list[str]:
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    with reading(engine) as connection:
        steps = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), given(compiled)).all()
    return [row[3] for row in steps if row[3].startswith("SCAN ") and TABLE_OF.get(row[3].split()[1]) in BIG]


def scanned_by_postgresql(statement: Select[Any], engine: Engine) -> list[str]:
    return [
        each["Relation Name"]
        for each in nodes(planned(statement, engine))
        if each["Node Type"] == "Seq Scan" and each["Relation Name"] in BIG
    ]


def planned(statement: Select[Any], engine: Engine, role: str = "") -> dict[str, Any]:
    """PostgreSQL's plan, for the tables' owner or as a role that the policies are for."""
    written = statement.get_execution_options().get(ON_POSTGRESQL, statement)
    compiled = written.compile(dialect=postgresql.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
    with reading(engine) as connection:
        if role:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", given(compiled)).scalar_one()
    found: dict[str, Any] = plan[0]["Plan"]
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def given(compiled: Any) -> dict[str, Any]:
    return {name: value if value is not None else VALUES[name] for name, value in compiled.params.items()}


@pytest.mark.parametrize("role", ["", "tierbot_reader"])
def test_postgresql_looks_nothing_up_again_for_every_row_that_it_joins(postgresql_filled: Engine, role: str):
    """A subquery in the condition of a join is run for each pair of rows: with a thousand partners it took minutes."""
    repeated = {
        name: [each["Join Filter"] for each in nodes(planned(statement, postgresql_filled, role)) if repeats(each)]
        for name, statement in in_modules()
    }
    assert {name: found for name, found in repeated.items() if found} == {}


def repeats(node: dict[str, Any]) -> bool:
    """Whether a step of a plan runs a subquery for each pair of rows."""
    return "SubPlan" in node.get("Join Filter", "")


@pytest.fixture
def postgresql_filled(postgres_databases: PostgresDatabases) -> Iterable[Engine]:
    engine = create_database_engine(postgres_databases.filled(upgrade))
    fill_tables(engine)
    yield engine
    engine.dispose()
    postgres_databases.drop()
