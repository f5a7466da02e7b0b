"""Reads: readers never wait for writers, several statements see one state, and a server restart is survived."""

import asyncio
import sqlite3
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, insert, select

from tests.support.postgres_server import PostgresServer, find_binaries
from tests.support.sample_folder import write_folder
from tests.support.waiting import within
from tiercore.access import Mailbox
from tiercore.ingest.importing import import_folder
from tiercore.ledger import MANY_ROWS, VERSION, Ledger, computed
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url, reading, writing
from tiercore.storage.reader import Scope, SQLiteReader, create_reader
from tiercore.storage.schema import current_revision, upgrade
from tiercore.storage.tables.ledger import ClientRow, PersonRow
from tiercore.storage.versions import change_partners

CLIENT = table(ClientRow)
ONE = select(CLIENT.c.client_id, CLIENT.c.name).where(CLIENT.c.client_id == bindparam("client_id"))
ADMIN = Scope(email="admin@example.com")
ALL = select(CLIENT.c.client_id).order_by(CLIENT.c.client_id.desc()).limit(bindparam("most"))


def add(engine: Engine, *ids: str) -> None:
    with engine.begin() as connection:
        connection.execute(insert(CLIENT), [{"client_id": each, "name": f"{each}'s", "country": "US"} for each in ids])
        add_admin(connection)


def add_admin(connection: Connection) -> None:
    """An admin, who sees every row."""
    row = {"email": ADMIN.email, "partner_id": "", "name": "Ada", "role": "admin"}
    connection.execute(insert(table(PersonRow)), [row])


async def test_one_statement_and_several_return_the_same_rows(engine: Engine):
    add(engine, "a", "b", "c")
    reader = create_reader(engine.url)
    await reader.open()
    [alone] = await reader.fetch((ONE, {"client_id": "b"}), scope=ADMIN)
    first, second, third = await reader.fetch(
        (ONE, {"client_id": "b"}),
        (ALL, {"most": 2}),
        (select(CLIENT.c.name).where(CLIENT.c.client_id == "x"), {}),
        scope=ADMIN,
    )
    assert [tuple(row) for row in alone] == [tuple(row) for row in first] == [("b", "b's")]
    assert [tuple(row) for row in second] == [("c",), ("b",)]
    assert list(third) == []
    await reader.close()


async def test_a_name_may_mean_another_value_in_each_query_of_one_read(engine: Engine):
    add(engine, "a", "b", "c")
    reader = create_reader(engine.url)
    await reader.open()
    for first, second in (("a", "b"), ("c", "c"), ("b", "a")):
        found = await reader.fetch((ONE, {"client_id": first}), (ONE, {"client_id": second}), scope=ADMIN)
        assert [[tuple(row) for row in rows] for rows in found] == [[(first, f"{first}'s")], [(second, f"{second}'s")]]
    await reader.close()


async def test_a_reader_sees_committed_data_and_never_waits_for_writers(engine: Engine):
    reader = create_reader(engine.url)
    await reader.open()
    with engine.begin() as connection:
        connection.execute(insert(CLIENT), [{"client_id": "a", "name": "A", "country": "US"}])
        add_admin(connection)
        assert await reader.fetch((ALL, {"most": 9}), scope=ADMIN) == [[]]
        with reading(engine) as other:
            assert other.execute(select(CLIENT)).all() == []
        assert current_revision(engine) is not None
    assert [tuple(row) for row in (await reader.fetch((ALL, {"most": 9}), scope=ADMIN))[0]] == [("a",)]
    await reader.close()


@pytest.mark.slow
async def test_a_restart_of_postgresql_causes_no_error():
    binaries = find_binaries()
    assert binaries is not None
    server = PostgresServer(binaries)
    server.start()
    try:
        url = database_url(server.url(server.create_database()))
        engine = create_database_engine(url)
        upgrade(engine)
        reader = create_reader(url)
        await reader.open()
        assert await reader.fetch((ALL, {"most": 1}), scope=ADMIN) == [[]]
        server.restart()
        assert await reader.fetch((ALL, {"most": 1}), scope=ADMIN) == [[]]
        add(engine, "a")
        assert [tuple(row) for row in (await reader.fetch((ALL, {"most": 1}), scope=ADMIN))[0]] == [("a",)]
        await reader.close()
        engine.dispose()
    finally:
        server.stop()


async def test_a_statements_time_limit_does_not_affect_the_next(engine: Engine):
    """SQLAlchemy gives each statement's limit the same parameter name."""
    add(engine, "a", "b", "c")
    reader = create_reader(engine.url)
    await reader.open()
    two, one = select(CLIENT.c.client_id).limit(2), select(CLIENT.c.client_id).limit(1)
    assert [len(rows) for rows in await reader.fetch((two, {}), (one, {}), scope=ADMIN)] == [2, 1]
    await reader.close()


async def test_several_reads_are_repeated_if_an_import_came_between_them(sqlite_engine: Engine):
    versions, reads = [4, 5, 5, 5], []

    class Moving(Ledger):
        async def version(self) -> int:
            return versions.pop(0)

    async def make() -> int:
        reads.append(len(reads))
        return reads[-1]

    reader = create_reader(sqlite_engine.url)
    assert await Moving(reader, load_program()).consistently(make) == (1, 5)
    await reader.close()


async def test_a_further_read_of_the_same_state_begins_again_if_an_import_came_before_it(
    sqlite_engine: Engine, tmp_path: Path
):
    program = load_program()
    import_folder(sqlite_engine, program, write_folder(tmp_path / "data"), today=date(2022, 9, 5))
    reader = create_reader(sqlite_engine.url)
    await reader.open()
    ledger = Ledger(reader, program)
    grant, tries = (await ledger.reach(Mailbox("admin@example.com"))).grant_of("PA"), list[Any]()

    async def twice() -> Any:
        [version] = await ledger.fetch(grant, VERSION)
        tries.append(version)
        if len(tries) == 1:
            with writing(sqlite_engine) as connection:
                change_partners(connection, ["PB"])
        await ledger.fetch_at(grant, version, (ALL, {"most": 1}))
        return version

    assert await ledger.steadily(twice) == tries[1] != tries[0]
    assert len(tries) == 2
    await reader.close()


async def test_many_rows_are_computed_in_a_thread_and_few_at_once():
    here = threading.get_ident()
    assert await computed(MANY_ROWS, threading.get_ident) == here
    assert await computed(MANY_ROWS + 1, threading.get_ident) != here


async def test_a_long_read_of_sqlite_moves_to_a_thread_and_gives_the_same_rows(sqlite_engine: Engine):
    ids = [f"C{number:03}" for number in range(300)]
    add(sqlite_engine, *ids)
    first, second = CLIENT.alias("first"), CLIENT.alias("second")
    pairs = select(first.c.client_id, second.c.client_id).order_by(second.c.client_id, first.c.client_id)
    for budget, put_off in ((60.0, 0), (0.0, 2)):
        reader = SQLiteReader(sqlite_engine.url, budget)
        await reader.open()
        [found] = await reader.fetch((pairs, {}))
        assert found == [(one, two) for two in ids for one in ids]
        [again], [few] = [(await reader.fetch((pairs, {})))[0]], await reader.fetch((ALL, {"most": 2}))
        assert again == found
        assert few == [("C299",), ("C298",)]
        assert reader.put_off == put_off
        await reader.close()


async def test_a_locked_sqlite_file_holds_up_nobody_else(sqlite_engine: Engine):
    reader = SQLiteReader(sqlite_engine.url)
    await reader.open()
    with sqlite3.connect(str(sqlite_engine.url.database), isolation_level=None) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.ensure_future(reader.fetch((ALL, {"most": 9})))
        await asyncio.sleep(0)
        assert not waiting.done()
        assert reader.put_off == 1
        other.execute("COMMIT")
    other.close()
    assert await within(waiting, "the read gets the lock") == [[]]
    await reader.close()
