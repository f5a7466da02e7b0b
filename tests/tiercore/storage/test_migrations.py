"""Migrations of filled databases lose nothing when killed at any statement and repeated, or run concurrently."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, func, insert, inspect, select
from sqlalchemy.engine import URL

from tests.support.goals import goal_row
from tests.support.old_schema import step_back
from tests.support.pipeline import import_deals
from tests.support.sample_folder import write_folder
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.ingest.staging.runs import begin
from tiercore.people.enterprise import record_team
from tiercore.people.people import identity_of, link_user
from tiercore.pipeline.service import PipelineDeals
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, writing
from tiercore.storage.schema import alembic_config, current_revision, expected_revision, upgrade
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.tables.ledger import ClientRow, LinkRow, PersonRow, PipelineDealRow, SaleRow, SubscriptionLevelRow
from tiercore.storage.tables.pipeline import PipelineAnswerRow
from tiercore.storage.tables.synced import SyncRunRow
from tiercore.storage.tables.typed import TypedEntryRow
from tiercore.storage.tables.uploads import UploadedFileRow, UploadRow
from tiercore.storage.transactions import Transactions
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind
from tiercore.uploads.service import Uploads
from tiercore.uploads.types import DroppedFile

KILLED = 9
NEW_TABLES = (TypedEntryRow, UploadRow, UploadedFileRow, SyncRunRow, PipelineDealRow, PipelineAnswerRow, GoalRow)
ENTRY_TABLES = (SaleRow, SubscriptionLevelRow, ClientRow, PersonRow)


@pytest.fixture
def old(engine: Engine, tmp_path: Path) -> Engine:
    """A database filled by the first release."""
    imported = import_folder(engine, load_program(), write_folder(tmp_path / "data"), today=date(2022, 9, 5))
    assert imported.stored
    step_back(engine, "0001")
    return engine


def facts(engine: Engine) -> list:
    with engine.connect() as connection:
        read = [connection.execute(select(*_first_columns(model))).all() for model in ENTRY_TABLES]
    return [sorted(map(str, rows)) for rows in read]


def _first_columns(model: type) -> list:
    """The columns that the first release had, which all releases have."""
    return [column for column in table(model).columns if column.name != "account"]


def killed_at(database: URL, statement: int) -> bool:
    """Migrate in a process killed before its nth statement; answers whether it got that far."""

    def migrate() -> None:
        engine, count = create_database_engine(database), 0

        @event.listens_for(engine, "before_cursor_execute")
        def _counted(*_: object) -> None:
            nonlocal count
            count += 1
            if count == statement:
                os._exit(KILLED)

        upgrade(engine)
        os._exit(0)

    child = multiprocessing.get_context("fork").Process(target=migrate)
    child.start()
    child.join(60)
    assert child.exitcode is not None, f"the migration killed at statement {statement} didn't end within 60 s"
    return child.exitcode == KILLED


@pytest.mark.slow
def test_a_migration_killed_at_any_statement_leaves_the_old_database_and_can_be_repeated(old: Engine):
    before = facts(old)
    statement = 1
    old.dispose()
    while killed_at(old.url, statement):
        assert current_revision(old) == "0001"
        assert facts(old) == before
        old.dispose()
        statement += 4
    assert statement > 20, "it was killed many times"
    assert current_revision(old) == expected_revision()
    assert facts(old) == before
    assert not upgrade(old)


def test_links_outlive_the_recording_of_enterprises_in_both_directions(old: Engine):
    """Revision 0017 on filled data, on either engine: up, down and up again."""
    upgrade(old)
    user, sister = SlackUser("T1", "U1"), SlackUser("T2", "U1")
    with writing(old) as connection:
        link_user(connection, user, "ana@example.com")
        record_team(connection, "T1", "E1", datetime(2022, 9, 5, tzinfo=UTC))
        record_team(connection, "T2", "E1", datetime(2022, 9, 5, tzinfo=UTC))
        assert identity_of(connection, sister) == identity_of(connection, user) is not None
    before = facts(old)
    revision = ScriptDirectory.from_config(alembic_config()).get_revision("0016")
    step_back(old, str(revision.down_revision))
    with old.connect() as connection:
        assert connection.execute(select(table(LinkRow))).all() == [("T1", "U1", "ana@example.com")]
    assert facts(old) == before
    upgrade(old)
    assert facts(old) == before
    with writing(old) as connection:
        assert identity_of(connection, user) is not None
        assert identity_of(connection, sister) is None, "which workspaces are one enterprise is asked of Slack again"


async def test_what_comes_by_new_doors_is_dropped_and_made_again_and_the_ledger_stays(old: Engine, tmp_path: Path):
    """Down to revision 0016 and up again, with rows in each of the tables that came since, on either engine."""
    upgrade(old)
    user, today = SlackUser("T1", "U1"), date(2022, 9, 5)
    with writing(old) as connection:
        link_user(connection, user, "admin@example.com")
    program, transactions = load_program(), Transactions(old)
    cells = {"name": "Neu", "country": "DE"}
    await TypedEntries(old, program).save(user, Draft(Kind.CLIENT, "PA", cells, "00000000A1"), today)
    uploads = Uploads(transactions, old, program, lambda: today)
    client = DroppedFile("clients.csv", b"client_id,name,country\nC9,Neu,DE\n")
    await uploads.preview(user, str(await uploads.claim(user, "D1/1")), [client], "")
    deal = "D1,PA,C1,,,Sales Hub,sourced,10,USD,2022-10-01,,"
    assert import_deals(old, program, tmp_path / "deals", deal).problems == []
    await PipelineDeals(transactions, lambda _moment: today).move(user, "D1", date(2022, 10, 2))
    with writing(old) as connection:
        connection.execute(insert(table(GoalRow)), [goal_row("PA")])
        begin(connection, full=True, mapping="", now=datetime(2022, 9, 5, tzinfo=UTC))
        before = {each: connection.scalar(select(func.count()).select_from(table(each))) for each in NEW_TABLES}
    assert before == dict.fromkeys(NEW_TABLES, 1)
    ledger = facts(old)
    step_back(old, "0016")
    assert not set(inspect(old).get_table_names()) & {table(each).name for each in NEW_TABLES}
    assert facts(old) == ledger
    upgrade(old)
    assert facts(old) == ledger
    with writing(old) as connection:
        after = {each: connection.scalar(select(func.count()).select_from(table(each))) for each in NEW_TABLES}
    assert after == dict.fromkeys(NEW_TABLES, 0)


def test_two_concurrent_migrations_work_like_one(old: Engine):
    before = facts(old)

    def migrate(_: int) -> bool:
        own = create_database_engine(old.url)
        try:
            return upgrade(own)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(migrate, range(2)))
    assert current_revision(old) == expected_revision()
    assert facts(old) == before
