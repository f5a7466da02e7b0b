"""A second opinion: what import and rebuild store is equal to the recount, and anything altered is found and named."""

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlmodel import SQLModel

from bot.playground.sample import DEMO_DAY, write_sample
from tests.support.cases import CASES, TODAY
from tests.support.examples import share_of_examples
from tests.support.ledgers import ledgers, store
from tests.support.sample_folder import write_folder
from tiercore.facts.entries import Entry
from tiercore.ingest.importing import import_folder
from tiercore.program import Program, load_program
from tiercore.rating import sold
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild_all
from tiercore.storage.engine import snapshot
from tiercore.storage.tables.derived import BalanceRow, CreditRow, RetentionRow
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.verification import balances, credits, retention, rulebook
from tiercore.verification.balances import BALANCE
from tiercore.verification.comparison import MOST_NAMED, WHOLE_ROW
from tiercore.verification.entries import Credit
from tiercore.verification.retention import RETENTION
from tiercore.verification.verify import Verified, partner_ids, sample_of, verify

PROGRAM = load_program()
MANY = 300
NOT_COMPARED = {"credit_id"}  # a row's number, which means nothing (running#verify)
DERIVED = {CreditRow: Credit._fields, BalanceRow: BALANCE, RetentionRow: RETENTION}
KEYS = {"partner_id", "client_id", "day", "month", "currency"}
FOLDERS = sorted({file.parent for file in CASES.rglob("partners.csv")})


def verified(engine: Engine, program: Program = PROGRAM, **chosen: Any) -> Verified:
    with snapshot(engine) as connection:
        return verify(connection, program, **chosen)


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    """The sample folder, imported."""
    imported = import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=date(2022, 9, 5))
    assert imported.stored
    return engine


@pytest.mark.slow
def test_what_the_import_of_the_demos_sample_stores_is_equal_to_the_recount(sqlite_engine: Engine, tmp_path: Path):
    write_sample(tmp_path)
    program = load_program(next(tmp_path.glob("*.toml")))
    assert import_folder(sqlite_engine, program, tmp_path, today=DEMO_DAY).stored
    found = verified(sqlite_engine, program)
    assert found.differences.named == []
    assert found.partners == 40
    assert min(found.credits, found.balances, found.months) > 1_000


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(CASES)))
def test_what_the_import_of_each_case_stores_is_equal_to_the_recount(folder: Path, sqlite_engine: Engine):
    tables = [each / "program.toml" for each in (folder, folder.parent) if (each / "program.toml").exists()]
    program = load_program(tables[0] if tables else None)
    assert import_folder(sqlite_engine, program, folder, today=TODAY).stored
    found = verified(sqlite_engine, program)
    assert found.differences.named == []
    assert found.credits


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ledger=ledgers())
def test_what_is_rated_of_any_ledger_is_equal_to_the_recount(sqlite_engine: Engine, ledger: list[Entry]):
    with sqlite_engine.begin() as connection:
        store(connection, ledger, PROGRAM)
        assert verify(connection, PROGRAM).differences.named == []


OPERATORS_TABLE = """
[sold.decrease_consumes]
2022-03-01 = { value = "oldest" }
[sold.expire_after_months]
2023-02-01 = { value = 7 }
[sold.rate_follows_origin]
2025-01-01 = { value = false }
[sold.earns.increase]
2023-06-01 = { value = false }
[rates.managed.standard]
2022-05-20 = { value = 3 }
[currencies.BRL]
2023-04-11 = { value = 500 }
[currencies.JPY]
2024-08-02 = { value = 9999 }
[deal_based.applies]
2026-03-01 = { value = true }
"""


@settings(max_examples=share_of_examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ledger=ledgers())
def test_it_is_so_under_an_operators_own_rules_too(sqlite_engine: Engine, tmp_path: Path, ledger: list[Entry]):
    (tmp_path / "rules.toml").write_text(OPERATORS_TABLE)
    program = load_program(tmp_path / "rules.toml")
    with sqlite_engine.begin() as connection:
        store(connection, ledger, program)
        assert verify(connection, program).differences.named == []


def altered(value: Any, column: str) -> Any:
    """The value changed by the least that its column can change."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value}x"
    if value is None:
        return 1 if column in ("micropoints", "program_cents", "lapses_on", "lapsing", "tools_median_twice") else "x"
    return value + (100_000 if column in ("day", "month") else 1)  # two rows of one key can't be stored


def alterations(connection: Connection, rows: int) -> Iterator[tuple[type[SQLModel], str, dict[str, Any]]]:
    """Each compared column of so many rows of each derived table."""
    for model in DERIVED:
        for row in connection.execute(select(table(model)).limit(rows)).mappings().all():
            for column in row:
                if column not in NOT_COMPARED:
                    yield model, column, dict(row)


@pytest.mark.parametrize("rows", [2, pytest.param(MANY, marks=pytest.mark.slow)])
def test_altering_any_column_of_any_stored_row_by_one_is_found_and_named(
    filled: Engine, rows: int, share_of: Callable[[int], int]
):
    rows = rows if rows < MANY else share_of(rows)
    with filled.connect() as connection:
        everything = list(alterations(connection, rows))
    assert len(everything) > 40 * min(rows, 10)
    for model, column, row in everything:
        with filled.connect() as connection:
            source = table(model)
            same = [source.c[each.name] == row[each.name] for each in source.primary_key]
            connection.execute(update(source).where(*same).values({column: altered(row[column], column)}))
            found = verify(connection, PROGRAM)
            connection.rollback()
        figures = {each.figure for each in found.differences.named}
        assert figures & ({column, WHOLE_ROW} if column in KEYS else {column}), (model.__tablename__, column, row)
        if column not in KEYS:
            [named] = found.differences.named
            assert named.partner_id == row["partner_id"]
            assert (named.stored, named.recounted) == (altered(row[column], column), row[column])


def test_every_column_of_the_derived_tables_is_compared():
    for model, compared in DERIVED.items():
        assert {*table(model).c.keys()} - NOT_COMPARED == {*compared}


@pytest.mark.parametrize("model", DERIVED)
def test_a_missing_row_is_found(model: type[SQLModel], filled: Engine):
    source = table(model)
    with filled.begin() as connection:
        row = connection.execute(select(source)).mappings().first()
        assert row is not None
        connection.execute(
            delete(source).where(*(source.c[each.name] == row[each.name] for each in source.primary_key))
        )
    [named] = verified(filled).differences.named
    assert (named.partner_id, named.figure, named.stored, named.recounted) == (
        row["partner_id"],
        WHOLE_ROW,
        False,
        True,
    )


def test_a_credit_that_is_stored_twice_is_found(filled: Engine):
    with filled.begin() as connection:
        row = dict(connection.execute(select(table(CreditRow))).mappings().first() or {})
        connection.execute(insert(table(CreditRow)), [row | {"credit_id": 1_000_000}])
    [named] = verified(filled).differences.named
    assert (named.figure, named.stored, named.recounted) == (WHOLE_ROW, True, False)
    assert named.entry.endswith(row["entry_id"])


def test_a_row_of_a_partner_that_is_not_there_is_found(filled: Engine):
    with filled.begin() as connection:
        row = dict(connection.execute(select(table(BalanceRow))).mappings().first() or {})
        connection.execute(insert(table(BalanceRow)), [row | {"partner_id": "GHOST"}])
    [named] = verified(filled).differences.named
    assert (named.partner_id, named.table, named.figure) == ("GHOST", "balance", WHOLE_ROW)


RENAMED = [(model, column) for model in DERIVED for column in ("partner_id", "client_id") if column in table(model).c]


@pytest.mark.parametrize("rows", ["one", "all"])
@pytest.mark.parametrize(("model", "column"), RENAMED)
def test_a_rebuild_mends_rows_of_a_partner_or_client_that_is_not_there(
    filled: Engine, model: type[SQLModel], column: str, rows: str
):
    source = table(model)
    with filled.begin() as connection:
        row = connection.execute(select(source).where(source.c.partner_id == "PA")).mappings().first() or {}
        key = source.primary_key if rows == "one" else [source.c.partner_id]
        same = [source.c[each.name] == row[each.name] for each in key]
        connection.execute(update(source).where(*same).values({column: "PDx"}))
    assert len(verified(filled).differences)
    with filled.begin() as connection:
        rebuild_all(connection, PROGRAM)
    assert not len(verified(filled).differences)


def test_a_balance_that_differs_names_the_entries_of_its_day(filled: Engine):
    with filled.begin() as connection:
        balance = table(BalanceRow)
        same = (balance.c.partner_id == "PA", balance.c.day == date(2021, 10, 5).toordinal())
        assert connection.execute(update(balance).where(*same).values(assisted=0)).rowcount
    [named] = verified(filled).differences.named
    assert (named.partner_id, named.day, named.figure) == ("PA", date(2021, 10, 5), "assisted")
    assert (named.stored, named.recounted, named.entry) == (0, 180_000_000, "sale S1")


@pytest.mark.slow
def test_of_many_differences_the_first_are_named_and_all_are_counted(sqlite_engine: Engine, tmp_path: Path):
    write_sample(tmp_path)
    program = load_program(next(tmp_path.glob("*.toml")))
    assert import_folder(sqlite_engine, program, tmp_path, today=DEMO_DAY).stored
    with sqlite_engine.begin() as connection:
        balance = table(BalanceRow)
        rows = connection.execute(update(balance).values(managed=balance.c.managed + 1)).rowcount
    found = verified(sqlite_engine, program).differences
    assert len(found.named) == MOST_NAMED
    assert found.counts == {("balance", "managed"): rows}


def test_a_mistake_in_rating_is_found_after_a_rebuild(filled: Engine, monkeypatch: pytest.MonkeyPatch):
    rated = sold.rated
    monkeypatch.setattr(sold, "rated", lambda minor, rate, per_100: rated(minor, rate, per_100) + (minor > 0))
    with filled.begin() as connection:
        rebuild_all(connection, PROGRAM)
    found = verified(filled)
    assert {("credit", "micropoints"), ("balance", "sourced")} <= found.differences.counts.keys()


def test_the_second_opinion_loads_no_code_that_rates_or_stores():
    script = (
        "import sys, tiercore.verification.verify; print(*sorted(each for each in sys.modules if 'tiercore.' in each))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    ours = {each.split(".")[1] for each in loaded}
    assert ours == {"facts", "program", "suggestions", "verification"}


def test_the_recount_is_short_enough_to_be_read_and_judged():
    modules = [Path(inspect.getfile(each)) for each in (rulebook, credits, balances, retention)]
    lines = [line for module in modules for line in module.read_text().splitlines()]
    assert len([line for line in lines if line.strip() and not line.strip().startswith(('"""', "#"))]) <= 400


def test_one_day_compares_its_balance_and_the_credits_in_force(filled: Engine):
    with filled.begin() as connection:
        balance = table(BalanceRow)
        later = (balance.c.partner_id == "PA", balance.c.day > date(2022, 3, 1).toordinal())
        assert connection.execute(update(balance).where(*later).values(sourced=1)).rowcount
    of_day = verified(filled, on=date(2022, 3, 5))
    assert (len(of_day.differences), of_day.months) == (0, 0)
    assert of_day.credits
    assert of_day.balances
    [named] = verified(filled, on=date(2022, 12, 1)).differences.named
    assert (named.partner_id, named.figure) == ("PA", "sourced")


def test_one_partner_is_verified_alone(filled: Engine):
    with filled.begin() as connection:
        connection.execute(update(table(CreditRow)).where(table(CreditRow).c.partner_id == "PB").values(rate=9))
    assert len(verified(filled, partners=["PA"]).differences) == 0
    assert len(verified(filled, partners=["PB"]).differences) == 2


def test_a_sample_is_the_same_all_day_and_another_the_next(filled: Engine):
    partners = [f"P{number}" for number in range(100)]
    today, tomorrow = (sample_of(partners, 10, date(2026, 11, day)) for day in (28, 29))
    assert today == sample_of(partners, 10, date(2026, 11, 28)) != tomorrow
    assert len(today) == 10
    with filled.connect() as connection:
        everyone = partner_ids(connection)
        assert everyone == sorted(connection.scalars(select(table(PartnerRow).c.partner_id)))
    assert sample_of(everyone, 50, date(2026, 11, 28)) == everyone


def test_sold_credits_under_deal_based_credit_are_taken_as_stored_and_counted(filled: Engine, tmp_path: Path):
    (tmp_path / "rules.toml").write_text("[deal_based.applies]\n2022-03-01 = { value = true }\n")
    program = load_program(tmp_path / "rules.toml")
    with filled.begin() as connection:
        rebuild_all(connection, program)
        credit = table(CreditRow)
        connection.execute(update(credit).values(rated_on=credit.c.rated_on + 1).where(credit.c.source != "managed"))
        connection.execute(update(credit).values(rate=9).where(credit.c.source == "managed"))
    found = verified(filled, program)
    assert found.not_recounted == 6
    assert {figure for _, figure in found.differences.counts} == {"rate"}
