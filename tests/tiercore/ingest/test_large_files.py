"""Large files read as columns give what the same files give row by row."""

import multiprocessing
import os
import random
import re
import signal
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, select

from tests.support.damaged_files import random_files, sound_files
from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.cells import clean
from tiercore.ingest.columns.plain_values import NAME
from tiercore.ingest.discovery import Files, files_in
from tiercore.ingest.importing import import_source
from tiercore.program import load_program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.columns import rows_of
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.tables.derived import BalanceRow, CreditRow, DerivedRow, RetentionRow
from tiercore.storage.tables.hashes import RowHashesRow
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import ENTRY_TABLES
from tiercore.storage.tables.typed import TypedEntryRow, TypedMatchRow
from tiercore.storage.typed_entries import TypedEntry, add, matches

PROGRAM = load_program()
HISTORY = (ImportRow, FirstImportRow, CorrectionRow, CorrectionEntryRow)
TABLES = (*ENTRY_TABLES, CreditRow, BalanceRow, RetentionRow, DerivedRow, *HISTORY, TypedEntryRow, TypedMatchRow)
TODAY = date(2022, 9, 5)
KNOWN = Stored(frozenset({"P1", "P2"}), frozenset({"C1", "c7", "007"}), frozenset({"Own line", "Sales Hubb"}))


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def read(folder: Path, columns_from: int | None) -> Incoming:
    return read_tables(
        files_in(folder),
        KNOWN,
        tiers=PROGRAM.tier_names,
        catalogue=PROGRAM.catalogue,
        today=TODAY,
        columns_from=columns_from,
    )


def stored_rows(incoming: Incoming) -> dict[type[Any], list[tuple[int, dict[str, Any]]]]:
    """The rows of every file with their lines, however they were read."""
    found = {
        kind: [(line, rows.entry_row(each)) for line, each in zip(incoming.lines[kind], entries, strict=True)]
        for kind, entries in incoming.entries.items()
    }
    for kind, columns in incoming.columns.items():
        for frame in columns.frames():
            found[kind] += zip(frame["line"], rows_of(kind, frame), strict=True)
    return {kind: sorted(each, key=lambda one: one[0]) for kind, each in found.items()}


def assert_the_same(folder: Path) -> int:
    """Read the folder both ways. Returns how many rows were plain."""
    by_row, by_column = read(folder, None), read(folder, 0)
    assert by_column.problems == by_row.problems
    assert by_column.warnings == by_row.warnings
    assert by_column.more == by_row.more
    assert stored_rows(by_column) == stored_rows(by_row)
    plain = sum(each.count for each in by_column.columns.values())
    by_column.close()
    return plain


def test_columns_and_rows_find_the_same_problems_warnings_and_entries_in_random_files(
    tmp_path: Path, share_of: Callable[[int], int]
):
    folders = share_of(80)
    plain = [assert_the_same(write(tmp_path / str(seed), random_files(seed))) for seed in range(folders)]
    assert sum(plain) > folders * 100


def everything(engine: Engine) -> dict[str, set[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            str(model.__tablename__): {
                tuple(row)
                for row in connection.execute(
                    select(*(each for each in table(model).columns if each.name not in ("credit_id", "version")))
                )
            }
            for model in TABLES
        }


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for model in (RowHashesRow, *reversed(TABLES)):
            connection.execute(table(model).delete())


def import_both_ways(engine: Engine, folders: tuple[Path, Path], *, mirror: bool) -> None:
    """Import the first folder and twice the second, by rows and in columns, with the same result."""
    first, second = folders
    found = []
    for columns_from in (None, 0):
        empty(engine)
        imported = [
            import_source(
                engine,
                PROGRAM,
                Files(folder),
                today=day,
                at=datetime(2022, 9, 5, tzinfo=UTC),
                mirror=mirror and folder == second,
                columns_from=columns_from,
            )
            for folder, day in ((first, date(2022, 7, 1)), (second, TODAY), (second, TODAY))
        ]
        assert [each.problems for each in imported] == [[], [], []]
        assert all(each.changed == each.added == 0 for each in imported[-1].counts.values())
        # the order in which PostgreSQL finds rows is its own
        in_order = [replace(each, warnings=sorted(each.warnings, key=str)) for each in imported]
        found.append((in_order, everything(engine)))
    assert found[0] == found[1]


def test_an_import_in_columns_stores_reports_and_records_what_one_by_rows_does(engine: Engine, tmp_path: Path):
    for seed in range(6):
        first, second = (write(tmp_path / f"{seed}-{each}", sound_files(seed * 100 + each)) for each in range(2))
        import_both_ways(engine, (first, second), mirror=seed % 2 == 1)


def with_few_partners(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files, where every client is one of nine, which four partners share."""
    few = {
        name: re.sub(rb",P(\d+),C(\d+)", lambda ids: b",P%d,C%d" % (int(ids[1]) % 4, int(ids[2]) % 9), files[name])
        for name in ("sales.csv", "agreements.csv")
    }
    return {**files, **few}


def test_the_rows_behind_a_correction_stand_in_one_order_however_the_database_finds_them(
    engine: Engine, tmp_path: Path
):
    first, second = (write(tmp_path / f"{each}", with_few_partners(sound_files(500 + each))) for each in range(2))
    import_both_ways(engine, (first, second), mirror=True)


def typed(file: str, key: str, partner_id: str, cells: dict[str, str], at: datetime) -> TypedEntry:
    return TypedEntry(f"T-{key}", file, (key,), partner_id, cells["client_id"], cells, None, "ana@x.com", "Ana", at)


def test_rows_that_may_be_what_someone_typed_wait_as_they_do_by_rows(engine: Engine, tmp_path: Path):
    at = datetime(2022, 9, 5, tzinfo=UTC)
    sales = sound_files(1)["sales.csv"].decode().splitlines()
    names = sales[0].split(",")
    one = next(dict(zip(names, each.split(","), strict=True)) for each in sales[1:] if ",783,EUR" in each)
    typed_sale = one | {"sale_id": "TYPED-1", "mrr": "783"}
    parents = {name: content for name, content in sound_files(1).items() if name in ("partners.csv", "clients.csv")}
    first = {**parents, "sales.csv": "\n".join((sales[0], ",".join(typed_sale.values()))).encode()}
    found = []
    for number, columns_from in enumerate((None, 0)):
        empty(engine)
        folder = write(tmp_path / str(number) / "first", first)
        import_source(engine, PROGRAM, Files(folder), today=TODAY, at=at)
        with engine.begin() as connection:
            add(connection, typed("sales.csv", "TYPED-1", typed_sale["partner_id"], typed_sale, at))
        folder = write(tmp_path / str(number) / "all", sound_files(1))
        imported = import_source(engine, PROGRAM, Files(folder), today=TODAY, at=at, columns_from=columns_from)
        with engine.connect() as connection:
            waiting = matches(connection)
        found.append((imported.waiting, imported.counts, waiting, everything(engine)))
    assert found[0][0] == 1
    assert found[0] == found[1]


def test_nothing_is_left_on_disk_whether_an_import_succeeds_or_not(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    sound = write(tmp_path / "sound", sound_files(2))
    wrong = write(tmp_path / "wrong", sound_files(2) | {"sales.csv": sound_files(2)["sales.csv"] + b"\nS1,no such"})
    for folder, stored in ((wrong, False), (sound, True)):
        imported = import_source(engine, PROGRAM, Files(folder), today=TODAY, columns_from=0)
        assert imported.stored is stored
        assert list(temporary.iterdir()) == []


def test_a_letter_of_a_plain_name_is_as_it_is_in_composed_unicode():
    letters = [chr(code) for code in range(0x21, 0xD800)]
    plain = pl.Series(letters).filter(pl.Series(letters).str.contains(NAME)).to_list()
    assert len(plain) > 30_000
    for one in plain:
        assert clean(one) == one
        assert clean(f"e{one}n") == f"e{one}n"


def kill_at(url: str, folder: str, moment: int) -> None:
    """Import the folder in columns, killed at a moment of its progress."""
    moments = count()

    def progress(stage: str, done: int, total: int) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = create_database_engine(database_url(url))
    import_source(engine, PROGRAM, Files(Path(folder)), today=TODAY, progress=progress, columns_from=0)


@pytest.mark.slow
def test_an_import_in_columns_killed_at_any_moment_leaves_the_former_state(
    tmp_path: Path, engine: Engine, share_of: Callable[[int], int]
):
    import_source(engine, PROGRAM, Files(write(tmp_path / "former", sound_files(3))), today=TODAY)
    before, killed = everything(engine), 0
    folder = write(tmp_path / "new", sound_files(4))
    for moment in (*sorted(random.Random(7).sample(range(8, 32), share_of(8))), 500):
        engine.dispose()
        url = engine.url.render_as_string(hide_password=False)
        child = multiprocessing.get_context("spawn").Process(target=kill_at, args=(url, str(folder), moment))
        child.start()
        child.join(120)
        if child.exitcode == -signal.SIGKILL:
            killed += 1
            assert everything(engine) == before
    assert killed == share_of(8)
    assert child.exitcode == 0
    assert everything(engine) != before
