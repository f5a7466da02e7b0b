"""Importing any books twice and in any order equals importing them once, on both engines."""

import csv
import random
from datetime import date
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.entries import books
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import ENTRY_TABLES, BalanceRow, CreditRow, DerivedRow, RetentionRow

PROGRAM = load_program()
NUMBERS = count()


def write_book(folder: Path, book: ClientBook, shuffler: random.Random) -> Path:
    """The book as a folder of CSV files with rows in any order."""
    folder.mkdir()
    tables = {
        "partners": [("partner_id", "name", "country", "currency", "joined_on")]
        + [(partner, partner, "US", "USD", "2020-01-01") for partner in ("P1", "P2", "P3")],
        "clients": [
            ("client_id", "name", "country"),
            (book.client.client_id, book.client.name, book.client.country),
        ],
        "sales": [
            ("sale_id", "partner_id", "client_id", "product_line", "deal_type", "motion", "mrr", "currency", "sold_on")
        ]
        + [
            (
                s.sale_id,
                s.partner_id,
                s.client_id,
                s.product_line,
                s.deal_type,
                s.motion,
                s.mrr.as_decimal(),
                s.mrr.currency,
                s.sold_on,
            )
            for s in book.sales
        ],
        "subscriptions": [("client_id", "product_line", "mrr", "currency", "effective_on")]
        + [(v.client_id, v.product_line, v.mrr.as_decimal(), v.mrr.currency, v.effective_on) for v in book.levels],
        "agreements": [("agreement_id", "partner_id", "client_id", "starts_on", "ends_on")]
        + [(a.agreement_id, a.partner_id, a.client_id, a.starts_on, a.ends_on or "") for a in book.agreements],
    }
    for name, (header, *body) in tables.items():
        shuffler.shuffle(body)
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *body])
    return folder


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
