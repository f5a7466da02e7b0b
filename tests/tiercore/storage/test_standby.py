"""A real primary with a streaming standby: the same answers and walls, own writes at once, and its faults."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, literal_column, select, text
from sqlmodel import SQLModel

from bot.doctor.finding import Mark
from bot.doctor.standby import check_standby
from bot.settings import Settings
from tests.support.databases import PostgresDatabases
from tests.support.postgres_server import PostgresServer
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.two_partners import ANA, TODAY, fill, load_table
from tests.support.waiting import wait_until
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.reader import NOBODY, Reader, Scope, create_reader, standby_status
from tiercore.storage.standby import StandbyStatus

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PARTNERS = select(SQLModel.metadata.tables["sale"].c.partner_id)


@pytest.fixture
def engine(postgres_databases: PostgresDatabases) -> Iterator[Engine]:
    created = create_database_engine(postgres_databases.filled(fill))
    yield created
    created.dispose()
    postgres_databases.drop()


@pytest.fixture
async def reader(engine: Engine, standby: PostgresServer) -> AsyncIterator[Reader]:
    """Reads that may go to the standby, which has the database by then."""
    created = create_reader(engine.url, database_url(standby.url(str(engine.url.database))), most_lag=60)
    await created.open()
    await wait_until(lambda: status(created).is_read, "the standby is read")
    yield created
    await created.close()


def status(reader: Reader) -> StandbyStatus:
    found = standby_status(reader)
    assert found is not None
    return found


async def server_of(reader: Reader, scope: Scope = NOBODY) -> str:
    """Which server answers the next read."""
    before = status(reader).reads
    await reader.fetch((PARTNERS, {}), scope=scope)
    [server] = [name for name, reads in status(reader).reads.items() if reads > before[name]]
    return server


@pytest.fixture
def paused(standby: PostgresServer, reader: Reader) -> Iterator[psycopg.Connection[Any]]:
    """The standby replays nothing until `pg_wal_replay_resume`."""
    with psycopg.connect(standby.url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        while connection.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() != ("paused",):
            pass
        yield connection
        connection.execute("SELECT pg_wal_replay_resume()")


async def test_answers_from_the_standby_are_those_of_the_primary(engine: Engine, reader: Reader):
    primary = create_reader(engine.url)
    await primary.open()
    told = []
    for each in (primary, reader):
        answers = Answers(Ledger(each, load_table()))
        grant = (await answers.reach(ANA)).grant("PA")
        told.append([await answers.standing(grant, TODAY), await answers.expiring(grant, 90, TODAY)])
    await primary.close()
    assert told[0] == told[1]
    assert status(reader).reads["standby"] >= 3
    assert status(reader).reads["primary"] == 0


@pytest.mark.parametrize(
    ("scope", "sees"),
    [(Scope("T01", "U0ANA"), {"PA"}), (Scope("T01", "U0EVE"), set()), (Scope(email="bea@example.com"), {"PB"})],
)
async def test_row_level_security_holds_on_the_standby(reader: Reader, scope: Scope, sees: set[str]):
    [rows] = await reader.fetch((PARTNERS, {}), scope=scope)
    assert {row[0] for row in rows} == sees
    assert status(reader).reads == {"primary": 0, "standby": 1}


async def test_the_standby_is_read_as_the_role_that_may_only_read(reader: Reader):
    who = select(literal_column("current_user"), literal_column("current_setting('transaction_read_only')"))
    assert await reader.fetch((who, {})) == [[("tierbot_reader", "on")]]
    assert status(reader).reads["standby"] == 1


async def test_who_has_just_imported_reads_it_though_the_standby_has_not_replayed_it(
    engine: Engine, reader: Reader, paused: psycopg.Connection[Any], tmp_path: Path
):
    before = await Ledger(reader, load_table()).version()
    assert status(reader).reads["primary"] == 0
    sales = FOLDER["sales.csv"] + "S9,PA,C1,CMS Hub,net_new,sourced,50.00,USD,2022-08-01\n"
    assert import_folder(engine, load_table(), write_folder(tmp_path, sales=sales), today=TODAY).problems == []
    assert await Ledger(reader, load_table()).version() == before + 1
    assert status(reader).reads["primary"] > 0
    paused.execute("SELECT pg_wal_replay_resume()")
    await _caught_up(engine, paused)
    assert await server_of(reader) == "standby"
    assert await Ledger(reader, load_table()).version() == before + 1


async def test_a_standby_that_goes_away_is_not_waited_for_and_is_read_again_when_it_is_back(
    reader: Reader, standby: PostgresServer
):
    assert await server_of(reader) == "standby"
    standby.halt()
    try:
        for _ in range(3):
            assert await server_of(reader) == "primary"
        assert status(reader).why.startswith("it can't be read")
    finally:
        standby.resume()
    await wait_until(lambda: status(reader).is_read, "the standby is read again")
    assert await server_of(reader) == "standby"


async def test_doctor_says_whether_the_standby_is_read(engine: Engine, reader: Reader, standby: PostgresServer):
    primary = engine.url.render_as_string(hide_password=False)
    good, bad = standby.url(str(engine.url.database)), primary
    [found] = await check_standby(Settings(database_url=primary, read_url=good))
    assert (found.mark, found.what.split(", at most")[1]) == (Mark.GOOD, " 0 seconds behind")
    [found] = await check_standby(Settings(database_url=primary, read_url=bad))
    assert found.mark is Mark.MUST
    assert found.what.endswith("is not read: it replays nothing; the primary answers")
    assert await check_standby(Settings(database_url=primary)) == []


async def test_a_primary_given_as_the_standby_is_not_taken_for_one(engine: Engine):
    reader = create_reader(engine.url, engine.url)
    await reader.open()
    assert status(reader).why == "it replays nothing"
    assert await server_of(reader) == "primary"
    await reader.close()


async def _caught_up(engine: Engine, standby: psycopg.Connection[Any]) -> None:
    """Wait until the standby has replayed what is written by now."""
    with engine.connect() as connection:
        written = connection.scalar(text("SELECT pg_current_wal_insert_lsn()::text"))

    def has() -> bool:
        [found] = standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (written,)).fetchone() or (False,)
        return bool(found)

    await wait_until(has, "the standby has replayed everything")
