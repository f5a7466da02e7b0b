"""Hashes kept with the rows that they are of: an import reads only the rows whose hash isn't among them."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, select, update

from tests.support.damaged_files import sound_files
from tiercore.ingest.discovery import Files
from tiercore.ingest.imported import Imported
from tiercore.ingest.importing import import_source
from tiercore.ingest.large_files import KINDS
from tiercore.program import load_program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.hashes import hashes_of_stored, kept_hashes, row_count
from tiercore.storage.row_hashes import forget_rows
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.hashes import RowHashesRow
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import ENTRY_TABLES, SaleRow

PROGRAM = load_program()
HISTORY = (ImportRow, FirstImportRow, CorrectionRow, CorrectionEntryRow)
TABLES = (*ENTRY_TABLES, CreditRow, BalanceRow, RetentionRow, DerivedRow, *HISTORY)
AT = datetime(2022, 9, 5, tzinfo=UTC)
TARGETS = [table(rows.TABLE_OF[kind]) for kind in KINDS]
NOTHING = pl.Series([], dtype=pl.UInt64)

Step = tuple[Path, bool, bool]  # a folder, whether rows that it lacks are removed, whether it is read as columns


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def import_(engine: Engine, folder: Path, *, mirror: bool = False, in_columns: bool = True) -> Imported:
    imported = import_source(
        engine,
        PROGRAM,
        Files(folder),
        today=AT.date(),
        at=AT,
        mirror=mirror,
        columns_from=0 if in_columns else None,
    )
    assert imported.problems == []
    return replace(imported, warnings=sorted(imported.warnings, key=str))


def everything(engine: Engine) -> dict[str, set[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            str(model.__tablename__): {
                tuple(row)
                for row in connection.execute(select(*(c for c in table(model).columns if c.name != "credit_id")))
            }
            for model in TABLES
        }


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for model in (RowHashesRow, *reversed(TABLES)):
            connection.execute(table(model).delete())


def kept(engine: Engine) -> dict[str, int]:
    """How many hashes are kept of each table, each of which is that of a stored row."""
    found = {}
    with engine.connect() as connection:
        for target in TARGETS:
            if (of_one := kept_hashes(connection, target)) is not None:
                stored = hashes_of_stored(connection, target, row_count(connection, target))
                assert stored is not None
                assert stored.have(of_one.without(NOTHING)).all()
                found[target.name] = len(of_one)
    return found


def steps(tmp_path: Path, chance: random.Random) -> Iterator[Step]:
    """Imports of a few folders, again and again: whole ones, parts of them, and such with some lines changed."""
    folders = []
    for number in range(3):
        files = sound_files(chance.randrange(2))
        some = {name: files[name] for name in files if name in ("partners.csv", "clients.csv") or chance.random() < 0.8}
        sales = some.get("sales.csv", b"").replace(b",5,EUR", b",6,EUR", chance.randrange(9))
        folders.append(write(tmp_path / str(number), some | ({"sales.csv": sales} if sales else {})))
    for _ in range(7):
        yield chance.choice(folders), chance.random() < 0.3, chance.random() < 0.7


def test_imports_with_kept_hashes_store_what_imports_by_rows_do(
    engine: Engine, tmp_path: Path, share_of: Callable[[int], int]
):
    looked_up = 0
    for seed in range(share_of(60)):
        planned = list(steps(tmp_path / str(seed), random.Random(seed)))
        found = []
        for by_rows in (True, False):
            empty(engine)
            states = []
            for folder, mirror, in_columns in planned:
                looked_up += bool(kept(engine)) and in_columns
                imported = import_(engine, folder, mirror=mirror, in_columns=in_columns and not by_rows)
                states.append((imported, everything(engine)))
            found.append(states)
        assert found[0] == found[1]
    assert looked_up > share_of(60)


def test_rows_that_are_the_same_as_at_the_last_import_are_not_read_from_the_database(engine: Engine, tmp_path: Path):
    folder = write(tmp_path / "sound", sound_files(1))
    import_(engine, folder)
    sales = kept(engine)["sale"]
    assert sales > 20
    with engine.begin() as connection:  # as nobody does: whatever is stored now, its row isn't looked at
        connection.execute(update(table(SaleRow)).values(sold_on=date(2022, 1, 1)))
    assert import_(engine, folder).counts["sales.csv"].same == sales


def test_hashes_by_another_function_are_passed_over_and_replaced(engine: Engine, tmp_path: Path):
    folder = write(tmp_path / "sound", sound_files(1))
    import_(engine, folder)
    before, of_rows = everything(engine)["sale"], kept(engine)
    with engine.begin() as connection:
        connection.execute(update(table(RowHashesRow)).values(hashed_by="another"))
        connection.execute(update(table(SaleRow)).values(sold_on=date(2022, 1, 1)))
    assert kept(engine) == {}
    assert import_(engine, folder).counts["sales.csv"].changed > 20
    assert everything(engine)["sale"] == before
    assert kept(engine) == of_rows


def test_only_the_rows_that_change_otherwise_are_compared_again(engine: Engine, tmp_path: Path):
    folder = write(tmp_path / "sound", sound_files(1))
    changed = {name: sound_files(1)[name] for name in ("partners.csv", "clients.csv", "sales.csv")}
    changed["sales.csv"] = changed["sales.csv"].replace(b",5,EUR", b",6,EUR", 1)
    import_(engine, folder)
    before, of_rows = everything(engine)["sale"], kept(engine)
    few = import_(engine, write(tmp_path / "changed", changed), in_columns=False)
    assert few.counts["sales.csv"].changed == 1
    assert kept(engine) == of_rows | {"sale": of_rows["sale"] - 1}
    assert import_(engine, folder).counts["sales.csv"].changed == 1
    assert everything(engine)["sale"] == before
    assert kept(engine) == of_rows


def test_a_table_of_which_very_many_rows_change_otherwise_is_read_again(engine: Engine, tmp_path: Path):
    folder = write(tmp_path / "sound", sound_files(1))
    import_(engine, folder)
    target = table(SaleRow)
    with engine.begin() as connection:
        one = dict(connection.execute(select(target)).mappings().first() or {})
        forget_rows(connection, target, [{**one, "sale_id": f"X{number}"} for number in range(1_001)])
    assert "sale" not in kept(engine)
    assert import_(engine, folder).counts["sales.csv"].changed == 0
    assert kept(engine)["sale"] > 20
