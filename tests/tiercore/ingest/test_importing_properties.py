"""Importing any books twice and in any order equals importing them once, on both engines."""

import random
from datetime import date
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.book_folder import write_book
from tests.support.entries import books
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.ledger import ENTRY_TABLES

PROGRAM = load_program()
NUMBERS = count()


def everything(engine: Engine) -> dict[str, set[tuple]]:
    with engine.connect() as connection:
        return {
            str(model.__tablename__): {
                tuple(row)
                for row in connection.execute(
                    select(*(column for column in table(model).columns if column.name != "credit_id"))
                )
            }
            for model in (*ENTRY_TABLES, CreditRow, BalanceRow, RetentionRow)
        }


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(book=books(), shuffler=st.randoms(use_true_random=False))
def test_importing_is_idempotent_in_any_row_order(
    engine: Engine, tmp_path: Path, book: ClientBook, shuffler: random.Random
):
    for model in (CreditRow, BalanceRow, RetentionRow, DerivedRow, *reversed(ENTRY_TABLES)):
        with engine.begin() as connection:
            connection.execute(table(model).delete())
    results = []
    for _ in range(2):
        folder = write_book(tmp_path / str(next(NUMBERS)), book, shuffler)
        imported = import_folder(engine, PROGRAM, folder, today=date(2026, 11, 23))
        assert imported.problems == []
        results.append(everything(engine))
    assert results[0] == results[1]
    assert all(each.changed == each.added == 0 for each in imported.counts.values())
    with engine.connect() as connection:
        stored = {rows.credit(row) for row in connection.execute(select(table(CreditRow))).mappings()}
    assert stored == set(credits_of(book, PROGRAM))
