"""A rebuild that is stopped goes on where it was, readers never see half of it, and only what differs is rewritten."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from tests.support.ledgers import ledgers
from tests.support.ledgers import store as store_ledger
from tests.support.many_clients import derived_rows, store_many
from tiercore.facts.entries import Entry
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.derive import former_rows, rebuild, rebuild_all
from tiercore.storage.engine import writing
from tiercore.storage.rating_steps import rate_ahead
from tiercore.storage.tables.derived import CreditRow, RetentionRow
from tiercore.storage.tables.ledger import SaleRow, SubscriptionLevelRow, ToolUsageRow
from tiercore.storage.tables.rating import RatingStepRow
from tiercore.storage.versions import change_everything

PROGRAM = load_program()
CLIENTS, STEP = 60, 20
DERIVED = ("credit", "timeline", "retention")


class Stopped(Exception):
    """Stops a rebuild."""


@pytest.fixture
def rated(engine: Engine) -> dict[str, list[tuple]]:
    """The derived rows of some clients, of which a sale of each has changed since."""
    with writing(engine) as connection:
        store_many(connection, CLIENTS, partners=5)
        rebuild_all(connection, PROGRAM)
        change_sales(connection)
    return derived_rows(engine)


def change_sales(connection: Connection) -> None:
    sale = table(SaleRow)
    changed = sale.c.product_line == "Sales Hub"
    connection.execute(update(sale).where(changed).values(mrr_minor=sale.c.mrr_minor + 100_00))


def stopped_after(engine: Engine, steps: int) -> None:
    """Rate ahead, and stop after so many steps."""

    def stop(stage: str, done: int, total: int) -> None:
        assert total == CLIENTS
        if done == steps * STEP:
            raise Stopped

    with pytest.raises(Stopped):
        rate_ahead(engine, PROGRAM, progress=stop, clients=STEP)


def steps_stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table(RatingStepRow))) or 0


def test_a_rebuild_that_is_stopped_goes_on_where_it_was(engine: Engine, rated: dict[str, list[tuple]]):
    stopped_after(engine, 2)
    assert derived_rows(engine) == rated, "what answers read is as before"
    seen: list[tuple[str, int, int]] = []
    rate_ahead(engine, PROGRAM, progress=lambda *each: seen.append(each), clients=STEP)
    assert seen == [("rating clients", CLIENTS, CLIENTS)]
    with writing(engine) as connection:
        assert rebuild_all(connection, PROGRAM)[0] == CLIENTS
    found = derived_rows(engine)
    assert found != rated
    assert steps_stored(engine) == 0
    with writing(engine) as connection:
        rebuild_all(connection, PROGRAM)
    assert derived_rows(engine) == found


def test_steps_rated_before_the_data_changed_are_not_used(engine: Engine, rated: dict[str, list[tuple]]):
    stopped_after(engine, 2)
    with writing(engine) as connection:
        change_sales(connection)
        change_everything(connection)
        rebuild_all(connection, PROGRAM)
    found = derived_rows(engine)
    with writing(engine) as connection:
        rebuild_all(connection, PROGRAM)
    assert derived_rows(engine) == found
    assert steps_stored(engine) == 0


def test_a_step_is_rated_again_once_the_data_has_changed(engine: Engine, rated: dict[str, list[tuple]]):
    stopped_after(engine, 2)
    with writing(engine) as connection:
        change_everything(connection)
    seen: list[int] = []
    rate_ahead(engine, PROGRAM, progress=lambda _stage, done, _total: seen.append(done), clients=STEP)
    assert seen == [20, 40, 60]


def test_a_rebuild_says_how_many_clients_it_rated_and_how_many_partners_differ(
    engine: Engine, rated: dict[str, list[tuple]]
):
    def rebuilt() -> tuple[int, int]:
        at = datetime(2022, 9, 5, 8, tzinfo=UTC)
        found = rebuild_everything(engine, PROGRAM, today=date(2022, 9, 5), at=at)
        return found.clients, found.partners

    assert rebuilt() == (CLIENTS, 5)
    assert rebuilt() == (CLIENTS, 0)
    with writing(engine) as connection:
        one = connection.scalars(select(table(SaleRow).c.partner_id)).first()
        connection.execute(delete(table(RetentionRow)).where(table(RetentionRow).c.partner_id == one))
    assert rebuilt() == (CLIENTS, 1)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(former=ledgers(), ledger=ledgers())
def test_rating_ahead_stores_what_rating_from_nothing_does(
    sqlite_engine: Engine, former: Sequence[Entry], ledger: Sequence[Entry]
):
    with writing(sqlite_engine) as connection:
        for each in DERIVED:
            connection.exec_driver_sql(f"DELETE FROM {each}")
        store_ledger(connection, ledger, PROGRAM)
    found = derived_rows(sqlite_engine)
    with writing(sqlite_engine) as connection:
        store_ledger(connection, former, PROGRAM)
        stored = {each: list(connection.exec_driver_sql(f"SELECT * FROM {each}").mappings()) for each in DERIVED}
        store_ledger(connection, ledger, PROGRAM)
        for each, rows in stored.items():
            connection.exec_driver_sql(f"DELETE FROM {each}")
            target = table(CreditRow).metadata.tables[each]
            if rows:
                connection.execute(insert(target), [dict(row) for row in rows])
    rate_ahead(sqlite_engine, PROGRAM, clients=1)
    with writing(sqlite_engine) as connection:
        rebuild_all(connection, PROGRAM)
    assert derived_rows(sqlite_engine) == found


def rewritten(connection: Connection) -> dict[str, int]:
    """How many rows of each derived table were deleted, inserted or updated since this was called first."""
    counts = {}
    for each in DERIVED:
        connection.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS of_{each} (n)")
        for change in ("DELETE", "INSERT", "UPDATE"):
            connection.exec_driver_sql(
                f"CREATE TEMP TRIGGER IF NOT EXISTS {each}_{change} AFTER {change} ON {each}"
                f" BEGIN INSERT INTO of_{each} VALUES (1); END"
            )
        counts[each] = connection.exec_driver_sql(f"SELECT count(*) FROM of_{each}").scalar_one()
    return counts


def test_a_rebuild_of_what_has_not_changed_rewrites_no_row(sqlite_engine: Engine):
    with writing(sqlite_engine) as connection:
        store_many(connection, CLIENTS, partners=5)
        rebuild_all(connection, PROGRAM)
        rewritten(connection)
        rebuild_all(connection, PROGRAM)
        assert rewritten(connection) == dict.fromkeys(DERIVED, 0)


def test_one_clients_change_rewrites_only_the_rows_that_differ(sqlite_engine: Engine):
    with writing(sqlite_engine) as connection:
        store_many(connection, CLIENTS, partners=5)
        rebuild_all(connection, PROGRAM)
        before = {each: set(connection.exec_driver_sql(f"SELECT * FROM {each}").all()) for each in DERIVED}
        sale = table(SaleRow)
        connection.execute(update(sale).where(sale.c.sale_id == "C00007 Sales Hub").values(mrr_minor=1))
        rewritten(connection)
        rebuild(connection, PROGRAM, clients=["C00007"])
        after = {each: set(connection.exec_driver_sql(f"SELECT * FROM {each}").all()) for each in DERIVED}
        found = rewritten(connection)
    assert found == {each: len(before[each] ^ after[each]) for each in DERIVED}
    assert {(row.client_id, row.product_line) for row in before["credit"] ^ after["credit"]} == {
        ("C00007", "Sales Hub")
    }
    assert 0 < found["timeline"] < len(before["timeline"])


def test_one_clients_change_moves_only_the_days_that_differ(sqlite_engine: Engine):
    with writing(sqlite_engine) as connection:
        store_many(connection, CLIENTS, partners=5)
        rebuild_all(connection, PROGRAM)
        before = {each: set(connection.exec_driver_sql(f"SELECT * FROM {each}").all()) for each in DERIVED}
        former = former_rows(connection, clients=["C00007"], levels_of=(), usage_of=())
        sale = table(SaleRow)
        connection.execute(update(sale).where(sale.c.sale_id == "C00007 Sales Hub").values(mrr_minor=1))
        rewritten(connection)
        rebuild(connection, PROGRAM, clients=["C00007"], former=former)
        after = {each: set(connection.exec_driver_sql(f"SELECT * FROM {each}").all()) for each in DERIVED}
        found = rewritten(connection)
    days = {row[:2] for row in before["timeline"] ^ after["timeline"]}
    assert found == {each: len(before[each] ^ after[each]) for each in DERIVED} | {"timeline": len(days)}
    assert 0 < len(days) < len(before["timeline"])


def test_an_import_moves_partners_only_if_memory_can_keep_what_its_clients_had(engine: Engine):
    level, usage = table(SubscriptionLevelRow), table(ToolUsageRow)
    with writing(engine) as connection:
        store_many(connection, CLIENTS, partners=5)
        users = list(connection.scalars(select(usage.c.client_id)))
        ids = list(connection.scalars(select(level.c.client_id).distinct()))
        assert 0 < len(users) < len(ids) == CLIENTS
        for levels_of, usage_of, kept in (
            (ids, (), 4 * CLIENTS),
            ((), ids, len(users)),
            (ids[:7], users[:3], 4 * 7 + 3),
            ((), (), 0),
        ):
            touched = {"clients": ids, "levels_of": levels_of, "usage_of": usage_of}
            assert former_rows(connection, **touched, most_rows=kept) is not None
            assert former_rows(connection, **touched, most_rows=kept - 1) is None
