"""The kept plans of the answers' statements on partitioned tables: each reads the partition of the partner asked about.

Plans are kept (`force_generic_plan`): one made for each read would look at all partitions, which takes longer.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Engine, Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.compiler import SQLCompiler

from tests.support.databases import PostgresDatabases
from tests.support.two_partners import TODAY, fill
from tiercore.storage import client_statements, goal_statements, hindsight_statements, pipeline_statements, statements
from tiercore.storage.engine import create_database_engine, writing
from tiercore.storage.partitions import repartition

pytestmark = pytest.mark.slow
PARTS = 4
WHO = {"ana@example.com": "PA", "carla@example.com": "PB", "admin@example.com": "PC"}
TYPES = {bool: "boolean", str: "text", int: "bigint", date: "date"}
VALUES = {"client_id": "C1", "limit": 10, "start": 0, **dict.fromkeys(("on", "last"), TODAY)}
VALUES |= dict.fromkeys(("changed_after", "changed_by"), TODAY)
# As tiercore/storage/reader.py asks.
ASKED = """
    WITH who AS MATERIALIZED (SELECT tierbot_see('', '', %(asking)s, %(partner)s))
    SELECT (SELECT json_agg(rows) FROM ({}) AS rows) FROM who"""
EXPLAIN = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON)"
SOLD_BY_ANYONE = (
    "PIPELINE"  # a deal's sale may be any partner's: it is looked for by its ID, in the key of each partition
)


def _statements() -> dict[str, Select[Any]]:
    """Every statement of the answers, by name."""
    modules = (client_statements, goal_statements, hindsight_statements, pipeline_statements, statements)
    found: dict[str, Select[Any]] = {}
    for module in modules:
        for name, value in vars(module).items():
            if name.isupper() and not name.startswith("_"):
                each = value if isinstance(value, dict) else {"": value}
                found |= {f"{name} {key}".strip(): one for key, one in each.items() if isinstance(one, Select)}
    return found


STATEMENTS = _statements()


def test_the_statements_of_all_answers_are_looked_at():
    assert {"PARTNER_AND_BALANCE", "CLIENTS points", "RENEWALS", "CREDITS_BEHIND sold", "PIPELINE"} <= set(STATEMENTS)
    assert len(STATEMENTS) > 30


@pytest.fixture(scope="module")
def wall(postgres_databases: PostgresDatabases) -> Iterator[psycopg.Connection[Any]]:
    """A connection to partitions as the reader's role, on which kept plans are made."""
    engine = create_database_engine(postgres_databases.filled(_fill_partitions))
    conninfo = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET ROLE tierbot_reader")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        yield connection
    engine.dispose()


def _fill_partitions(engine: Engine) -> None:
    fill(engine)
    with writing(engine) as connection:
        repartition(connection, PARTS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_kept_plan_of_an_answers_statement_reads_one_partition(name: str, wall: psycopg.Connection[Any]):
    for asking, partner in WHO.items():
        touched = _partitions_read(_kept_plan(wall, STATEMENTS[name], asking, partner))
        if name == SOLD_BY_ANYONE:
            touched = {each for each in touched if not each.startswith("sale_p")}
        assert len({each.rpartition("_p")[2] for each in touched}) <= 1, touched


def test_without_a_partner_the_policies_look_into_every_partition(wall: psycopg.Connection[Any]):
    """What the test above would find, were the partner not told."""
    plan = _kept_plan(wall, STATEMENTS["CLIENTS points"], "carla@example.com", "PB", told="")
    assert len({each.rpartition("_p")[2] for each in _partitions_read(plan)}) > 1


def _kept_plan(
    connection: psycopg.Connection[Any], statement: Select[Any], asking: str, partner: str, told: str | None = None
) -> dict[str, Any]:
    """The generic plan of the statement as it was run for the partner, asked by somebody."""
    compiled = _compiled(statement)
    values: dict[str, Any] = {"asking": asking, "partner": partner if told is None else told}
    for name, bind in compiled.binds.items():
        known = partner if name == "partner_id" else VALUES.get(name, TODAY.toordinal())
        values[name] = known if bind.value is None else bind.value
    numbers = {name: f"${number}" for number, name in enumerate(values, 1)}
    types = ", ".join(TYPES[type(each)] for each in values.values())
    literals = ", ".join(f"'{each}'" for each in values.values())
    connection.execute(f"PREPARE kept ({types}) AS {ASKED.format(compiled) % numbers}")
    try:
        [[[found]]] = connection.execute(f"{EXPLAIN} EXECUTE kept ({literals})").fetchall()
    finally:
        connection.execute("DEALLOCATE kept")
    return dict(found["Plan"])


@lru_cache(maxsize=1)
def _compiled(statement: Select[Any]) -> SQLCompiler:
    return cast(SQLCompiler, statement.compile(dialect=postgresql.dialect(paramstyle="pyformat")))


def _partitions_read(plan: dict[str, Any]) -> set[str]:
    """The partitions that the plan reads when it is run."""
    name = plan.get("Relation Name", "")
    found = {name} if plan.get("Actual Loops", 0) and re.search(r"_p\d+$", name) else set()
    return found.union(*(_partitions_read(each) for each in plan.get("Plans", ())))
