"""What a large file is compared by: hashes of rows."""

from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.damaged_files import sound_files
from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel, ToolUsage
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.columns import frame_of
from tiercore.storage.hashes import Hashes, hash_of, hashes_of_stored

HASHES = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9))


@given(st.lists(HASHES), HASHES)
def test_a_set_of_hashes_has_what_was_put_in_and_nothing_else(parts: list[list[int]], asked: list[int]):
    known = Hashes(pl.Series(each, dtype=pl.UInt64) for each in parts)
    found = known.have(pl.Series(asked, dtype=pl.UInt64)).to_list()
    assert found == [any(each in part for part in parts) for each in asked]


def test_a_row_of_a_file_has_the_hash_of_the_same_row_stored_and_of_no_other(engine: Engine, tmp_path: Path):
    for name, content in sound_files(1).items():
        (tmp_path / name).write_bytes(content)
    import_folder(engine, load_program(), tmp_path, today=date(2022, 9, 5))
    for kind in (Sale, SubscriptionLevel, Agreement, ToolUsage, Client):
        target = table(rows.TABLE_OF[kind])
        with engine.connect() as connection:
            stored = [dict(row) for row in connection.execute(select(target)).mappings()]
            known = hashes_of_stored(connection, target, len(stored))
            assert hashes_of_stored(connection, target, len(stored) // 5) is None
        assert known
        names = [column.name for column in target.columns]
        frame = frame_of(kind, stored)
        assert known.have(frame.select(hash_of(names)).to_series()).all()
        others = frame.with_columns(pl.col(names[0]) + "x")
        assert not known.have(others.select(hash_of(names)).to_series()).any()
