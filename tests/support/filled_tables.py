"""Tables filled as a program of some size fills them, for what the database plans to read.

Most of the rows are those of ACTIVE partners.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Engine, Integer, String, Table, cast, insert, literal, select
from sqlalchemy.types import Boolean
from sqlmodel import SQLModel

PARTNERS, CLIENTS, ROWS, ACTIVE = 8_000, 60_000, 12_000, 400
# The tables that grow with a program.
BIG = (
    *("partner", "client", "sale", "subscription_level", "agreement", "tool_usage", "certification", "tier_credited"),
    *("pipeline_deal", "pipeline_answer", "person", "binding", "credit", "timeline", "retention", "partner_version"),
    *("open_deal_points", "goal", "typed_entry", "first_import", "correction", "correction_row", "preference"),
)
# How many values these columns have; of any other text column every row has its own.
_SHARED = {"partner_id": ACTIVE, "client_id": CLIENTS, "team_id": 1, "role": 4, "tier": 5, "source": 3}


def fill_tables(engine: Engine) -> None:
    """Thousands of rows in each of the tables, spread over partners and clients, and the engine's statistics."""
    with engine.begin() as connection:
        for name in BIG:
            _fill(connection, SQLModel.metadata.tables[name])
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _fill(connection: Connection, source: Table) -> None:
    numbers = select(literal(1, Integer).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < _size(source)))
    columns = [each for each in source.columns if each.name != "credit_id"]
    values = [_value(each, numbers.c.i).label(each.name) for each in columns]
    connection.execute(insert(source).from_select([each.name for each in columns], select(*values)))


def _size(source: Table) -> int:
    keys = _keys(source)
    return {"partner_id": PARTNERS, "client_id": CLIENTS}.get(keys[0], ROWS) if len(keys) == 1 else ROWS


def _keys(source: Table) -> list[str]:
    return [each.name for each in source.primary_key if not isinstance(each.type, Date)]


def _is_own_key(column: Any) -> bool:
    """Whether the column alone tells the table's rows apart, as the tables are filled."""
    return _keys(column.table) == [column.name]


def _value(column: Any, number: Any) -> Any:
    """A value of the column for the row with this number."""
    if isinstance(column.type, Boolean):
        return literal(False)
    if isinstance(column.type, Date):
        return literal(date(2022, 1, 1), Date)
    if isinstance(column.type, Integer):
        return number if column.primary_key else 738_000 + number % 700
    shared = _size(column.table) if _is_own_key(column) else _SHARED.get(column.name)
    return literal(f"{column.name[0]}", String).concat(cast(number % shared if shared else number, String))
