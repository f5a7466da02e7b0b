"""The large tables as hash partitions by partner, on PostgreSQL: the same rows, answers and walls."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine, event, func, select, text
from sqlmodel import SQLModel

from handlers.conversation import Conversation
from handlers.question import InvalidInput
from handlers.typed_command import QUESTIONS, TypedCommand
from handlers.views.parts.blocks import Message
from tests.support.databases import PostgresDatabases
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.two_partners import TODAY, fill
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine, snapshot, writing
from tiercore.storage.partitions import PARTITIONED, CannotPartition, partition_count, repartition
from tiercore.storage.reader import create_reader
from tiercore.storage.reconcile import Count
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.verification.verify import verify

pytestmark = pytest.mark.slow
PARTS, KILLED = 4, 9
PROGRAM = load_program()
TABLES = SQLModel.metadata.tables
WHO = {"ana@example.com": "PA", "carla@example.com": "PB", "admin@example.com": "PC"}
ASKED = {**dict.fromkeys(QUESTIONS, ""), "why": "sold", "convert": "5000 USD", "whatif": "lose Acme", "gap": "platinum"}


@pytest.fixture
def engine(postgres_databases: PostgresDatabases) -> Iterator[Engine]:
    """The data of several partners, not partitioned yet."""
    created = create_database_engine(postgres_databases.filled(fill))
    yield created
    created.dispose()
    postgres_databases.drop()


@pytest.fixture
def partitioned(engine: Engine) -> Engine:
    with writing(engine) as connection:
        assert repartition(connection, PARTS)
    return engine


def rows_of(engine: Engine) -> dict[str, list[str]]:
    with snapshot(engine) as connection:
        return {name: sorted(map(str, connection.execute(select(TABLES[name])))) for name in PARTITIONED}


def imported(engine: Engine, folder: Path, **changed: str) -> Imported:
    return import_folder(engine, PROGRAM, write_folder(folder, **changed), today=TODAY)


def differences(engine: Engine) -> list[Any]:
    with snapshot(engine) as connection:
        found = verify(connection, PROGRAM)
    assert found.credits
    return list(found.differences.named)


@asynccontextmanager
async def conversation(engine: Engine):
    reader = create_reader(engine.url)
    await reader.open()
    yield Conversation(Answers(Ledger(reader, PROGRAM), Transactions(engine)), lambda: TODAY)
    await reader.close()


async def answers(engine: Engine) -> dict[str, Message]:
    """What each question is answered to a partner, a CAM and an admin; the second time by a kept plan."""
    found = {}
    async with conversation(engine) as talk:
        for time in range(2):
            for mail, partner in WHO.items():
                for word, words in ASKED.items():
                    try:
                        shown = await talk.message(TypedCommand(word, words, partner), Mailbox(mail))
                        found[f"{time} {word} {mail}"] = shown.message
                    except (LookupError, InvalidInput) as error:  # such as a portfolio of one partner
                        found[f"{time} {word} {mail}"] = Message([], repr(error))
    return found


async def test_every_question_is_answered_the_same_with_partitions_and_without_them_again(engine: Engine):
    before, rows = await answers(engine), rows_of(engine)
    assert len(before) == 2 * len(WHO) * len(QUESTIONS)
    for count in (PARTS, PARTS + 3, 0):
        with writing(engine) as connection:
            assert repartition(connection, count)
            assert partition_count(connection) == count
            assert not repartition(connection, count)
        assert rows_of(engine) == rows
        assert await answers(engine) == before


def test_an_import_into_partitions_is_what_it_is_without_them(
    engine: Engine, postgres_databases: PostgresDatabases, tmp_path: Path
):
    """With a sale that moves to another partner, one that is new, and an agreement that ends."""
    sales = FOLDER["sales.csv"].replace("S2,PA", "S2,PB") + "S9,PA,C4,CMS Hub,net_new,sourced,50.00,USD,2022-08-01\n"
    agreements = FOLDER["agreements.csv"].replace("A3,PC,C3,2021-01-01,", "A3,PC,C3,2021-01-01,2022-06-30")
    other = create_database_engine(postgres_databases.filled(fill))
    with writing(other) as connection:
        repartition(connection, PARTS)
    found = []
    for each in (engine, other):
        for _ in range(2):
            done = imported(each, tmp_path / "moved", sales=sales, agreements=agreements)
            assert done.problems == []
        assert done.counts["sales.csv"] == Count(same=7)
        assert differences(each) == []
        found.append(rows_of(each))
        rebuild_everything(each, PROGRAM, today=TODAY, at=utc_now())
        assert differences(each) == []
        found.append(rows_of(each))
    without, rebuilt, *with_partitions = found
    assert with_partitions == [without, rebuilt]
    sale = TABLES["sale"].c
    with snapshot(other) as connection:
        owners = dict(connection.execute(select(sale.sale_id, sale.partner_id)).all())
        assert (owners["S2"], owners["S9"], len(owners)) == ("PB", "PA", 7)
        assert connection.scalar(select(func.count()).select_from(TABLES["sale"])) == 7
    other.dispose()


def test_the_reader_finds_nothing_in_a_partition_by_its_own_name(partitioned: Engine):
    partitions = [f"{name}_p{number}" for name in PARTITIONED for number in range(PARTS)]
    with psycopg.connect(
        partitioned.url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        assert sum(_count(connection, each) for each in partitions) > 0
        connection.execute("SET SESSION AUTHORIZATION tierbot_reader")
        for each in partitions:
            with pytest.raises(InsufficientPrivilege):
                _count(connection, each)
            connection.rollback()
            connection.execute("SET SESSION AUTHORIZATION tierbot_reader")


def test_the_owner_of_a_partition_finds_in_it_what_the_policies_show(partitioned: Engine):
    """As pg_dump reads it (running#row-level-security)."""
    with partitioned.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE somebody")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO somebody")
        connection.exec_driver_sql("SET LOCAL ROLE somebody")
        count = sum(connection.scalar(text(f"SELECT count(*) FROM sale_p{each}")) for each in range(PARTS))
        connection.exec_driver_sql("SET LOCAL tierbot.everything = 'off'")
        hidden = sum(connection.scalar(text(f"SELECT count(*) FROM sale_p{each}")) for each in range(PARTS))
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM somebody")
        connection.exec_driver_sql("DROP ROLE somebody")
    assert (count, hidden) == (6, 0)


def _count(connection: psycopg.Connection[Any], name: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(found[0]) if found else 0


def killed_at(engine: Engine, statement: int) -> bool:
    """Partition in a process killed before its nth statement; answers whether it got that far."""

    def partition() -> None:
        own, count = create_database_engine(engine.url), 0

        @event.listens_for(own, "before_cursor_execute")
        def _counted(*_: object) -> None:
            nonlocal count
            count += 1
            if count == statement:
                os._exit(KILLED)

        with writing(own) as connection:
            repartition(connection, PARTS)
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=partition)
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode == KILLED


def test_partitioning_killed_at_any_statement_has_not_happened_and_can_be_repeated(engine: Engine):
    rows, statement = rows_of(engine), 5
    engine.dispose()
    while killed_at(engine, statement):
        with engine.connect() as connection:
            assert partition_count(connection) == 0
        assert rows_of(engine) == rows
        engine.dispose()
        statement += 30
    assert statement > 150, "it was killed several times"
    with engine.connect() as connection:
        assert partition_count(connection) == PARTS
    assert rows_of(engine) == rows


def test_an_id_that_two_rows_have_stays_partitioned(partitioned: Engine):
    with writing(partitioned) as connection:
        connection.execute(
            text(
                "INSERT INTO sale SELECT sale_id, 'PB', client_id, product_line, deal_type, motion, "
                "mrr_minor, currency, sold_on, account FROM sale WHERE sale_id = 'S1'"
            )
        )
    with pytest.raises(CannotPartition, match="sale: an ID is used twice"), writing(partitioned) as connection:
        repartition(connection, 0)
    with partitioned.connect() as connection:
        assert partition_count(connection) == PARTS


@pytest.mark.parametrize("count", [1, -1, 1025])
def test_a_number_of_partitions_that_makes_no_sense_is_refused(engine: Engine, count: int):
    with pytest.raises(CannotPartition, match="use 2 to 1024"), writing(engine) as connection:
        repartition(connection, count)
