"""Large files read as columns give what the same files give row by row."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from tests.support.damaged_files import random_files, sound_files
from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.discovery import Files, files_in
from tiercore.ingest.importing import import_source
from tiercore.program import load_program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.columns import rows_of
from tiercore.storage.tables.history import CorrectionEntryRow, CorrectionRow, FirstImportRow, ImportRow
from tiercore.storage.tables.ledger import ENTRY_TABLES, BalanceRow, CreditRow, DerivedRow, RetentionRow

PROGRAM = load_program()
HISTORY = (ImportRow, FirstImportRow, CorrectionRow, CorrectionEntryRow)
TABLES = (*ENTRY_TABLES, CreditRow, BalanceRow, RetentionRow, DerivedRow, *HISTORY)
TODAY = date(2022, 9, 5)
KNOWN = Stored(frozenset({"P1", "P2"}), frozenset({"C1", "c7", "007"}), frozenset({"Own line", "Sales Hubb"}))


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir()
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


def test_columns_and_rows_find_the_same_problems_warnings_and_entries_in_random_files(tmp_path: Path):
    plain = [assert_the_same(write(tmp_path / str(seed), random_files(seed))) for seed in range(20)]
    assert sum(plain) > 20 * 100


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
        for model in reversed(TABLES):
            connection.execute(table(model).delete())


def test_an_import_in_columns_stores_reports_and_records_what_one_by_rows_does(engine: Engine, tmp_path: Path):
    for seed in range(6):
        first, second = (write(tmp_path / f"{seed}-{each}", sound_files(seed * 100 + each)) for each in range(2))
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
                    mirror=seed % 2 == 1 and folder == second,
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
