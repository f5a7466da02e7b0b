"""Short statements on PostgreSQL: together in one round trip, and each as if it were alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import OperationalError
from psycopg.errors import DivisionByZero
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import URL

from tests.support.databases import PostgresDatabases
from tests.support.sample_folder import write_folder
from tiercore.access import Mailbox, NotLinked, SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.linking import link
from tiercore.program import load_program
from tiercore.storage.answered import create_answered_requests
from tiercore.storage.engine import create_database_engine, writing
from tiercore.storage.moments import from_ms
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade
from tiercore.storage.short_statements import ShortStatement

pytestmark = pytest.mark.slow
NOW, WINDOW = 1_662_336_000.0, 600.0
OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
CUT = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OTHERS}"


@pytest.fixture
def url(postgres_databases: PostgresDatabases) -> Any:
    """A database with tables."""
    yield postgres_databases.filled(upgrade)
    postgres_databases.drop()


@pytest.fixture
async def pool(url: URL) -> AsyncIterator[AsyncConnectionPool]:
    """Connections to it, each of which ends its own transactions."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with AsyncConnectionPool(conninfo, min_size=1, open=False, kwargs={"autocommit": True}) as opened:
        yield opened


async def test_statements_that_wait_are_sent_together_and_each_gets_its_own_answer(pool: AsyncConnectionPool):
    statement = ShortStatement(pool, "SELECT %(value)s::text || '%%' || coalesce(%(none)s::text, '')", 5)
    values = [f"ä{number}" * (number % 7 * 1000 + 1) for number in range(300)]
    found = await asyncio.gather(*(statement.run({"value": each, "none": None}) for each in values))
    assert [(each.get_value(0, 0) or b"").decode() for each in found] == [f"{each}%" for each in values]
    assert pool.get_stats()["requests_num"] < 10


async def test_what_one_statement_sets_no_other_sees(pool: AsyncConnectionPool):
    sql = "SELECT coalesce(current_setting('tierbot.user', true), ''), set_config('tierbot.user', %(value)s, true)"
    statement = ShortStatement(pool, sql, 5)
    found = await asyncio.gather(*(statement.run({"value": f"U{number}"}) for number in range(50)))
    assert {each.get_value(0, 0) for each in found} == {b""}
    assert [each.get_value(0, 1) for each in found] == [f"U{number}".encode() for number in range(50)]


async def test_a_statement_that_fails_spoils_no_other(pool: AsyncConnectionPool):
    statement = ShortStatement(pool, "SELECT 12 / %(value)s::int", 5)
    values = ["1", "0", "2", "3", "0", "4"]
    for _ in range(2):
        found = await asyncio.gather(*(statement.run({"value": each}) for each in values), return_exceptions=True)
        assert [each.get_value(0, 0) for each in found if not isinstance(each, BaseException)] == [
            b"12",
            b"6",
            b"4",
            b"3",
        ]
        assert [type(each) for each in found if isinstance(each, BaseException)] == [DivisionByZero] * 2


async def test_a_connection_that_broke_is_replaced(pool: AsyncConnectionPool, url: URL):
    statement = ShortStatement(pool, "SELECT %(value)s::text", 5)
    await statement.run({"value": "a"})
    _cut_connections(url)
    with pytest.raises(OperationalError):
        await statement.run({"value": "b"})
    assert (await statement.run({"value": "c"})).get_value(0, 0) == b"c"


async def test_a_server_that_doesnt_answer_in_time_counts_as_one_that_cant_be_reached(pool: AsyncConnectionPool):
    statement = ShortStatement(pool, "SELECT %(value)s::text FROM pg_sleep(9)", 0.05)
    for failed in await asyncio.gather(*(statement.run({"value": "a"}) for _ in range(3)), return_exceptions=True):
        assert isinstance(failed, OperationalError)


async def test_who_gives_up_waiting_takes_nobody_elses_answer(pool: AsyncConnectionPool):
    statement = ShortStatement(pool, "SELECT %(value)s::text FROM pg_sleep(0.05)", 5)
    asked = [asyncio.ensure_future(statement.run({"value": str(number)})) for number in range(6)]
    await asyncio.sleep(0)
    asked[0].cancel()
    asked[3].cancel()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [number for number, each in enumerate(found) if isinstance(each, asyncio.CancelledError)] == [0, 3]
    answered = [each.get_value(0, 0) for each in found if not isinstance(each, BaseException)]
    assert answered == [b"1", b"2", b"4", b"5"]


async def test_of_the_same_request_at_several_replicas_at_once_one_is_new(url: URL):
    engine = create_database_engine(url)
    replicas = [create_answered_requests(engine, WINDOW) for _ in range(3)]
    for each in replicas:
        await each.open(NOW)
    signatures = [f"{number:064x}" for number in range(40)]
    found = await asyncio.gather(*(each.is_new(name, NOW) for name in signatures for each in replicas))
    assert [sum(found[first : first + 3]) for first in range(0, len(found), 3)] == [1] * len(signatures)
    assert not any(await asyncio.gather(*(replicas[0].is_new(name, NOW) for name in signatures)))
    for each in replicas:
        await each.close()
    engine.dispose()


async def test_many_who_ask_at_once_see_their_own_partners_also_after_a_cut(url: URL, tmp_path: Path):
    engine, program = create_database_engine(url), load_program()
    import_folder(engine, program, write_folder(tmp_path / "data"), today=date(2022, 9, 5))
    emails = {f"U0{name.upper()}": f"{name}@example.com" for name in ("admin", "ana", "bea", "carla")}
    with writing(engine) as connection:
        for user, email in emails.items():
            link(connection, SlackUser("T1", user), email, from_ms(0))
    reader = create_reader(url)
    await reader.open()
    ledger = Ledger(reader, program)
    alone = {user: await ledger.reach(Mailbox(email)) for user, email in emails.items()}
    for _ in range(2):
        asked = [*emails, "U0NOBODY"] * 10
        reaches = (ledger.reach(SlackUser("T1", each)) for each in asked)
        for user, found in zip(asked, await asyncio.gather(*reaches, return_exceptions=True), strict=True):
            if user not in alone:
                assert isinstance(found, NotLinked)
                continue
            assert not isinstance(found, BaseException), found
            assert (found.email, found.partners) == (emails[user], alone[user].partners)
        _cut_connections(url)
    await reader.close()
    engine.dispose()


def _cut_connections(url: URL) -> None:
    """End every other connection to the database, as a restart of the server would."""
    engine = create_database_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(CUT)
    engine.dispose()
