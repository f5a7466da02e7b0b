"""Rebuilds with help: by processes of this machine, by a Dask cluster, and by workers that die."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from tests.support.databases import SqliteFiles
from tests.support.many_clients import DERIVED, derived_rows, store_many
from tests.support.waiting import wait_until
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.cluster import ClusterError, cluster
from tiercore.storage.derive import rebuild_all
from tiercore.storage.engine import create_database_engine, writing
from tiercore.storage.rerating import Progress
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.ledger import AgreementRow, ClientRow, SaleRow, SubscriptionLevelRow, ToolUsageRow
from tiercore.storage.workers import Workers, processes

PROGRAM = load_program()
CLIENTS = 1_700


def _rate_many(engine: Engine) -> None:
    upgrade(engine)
    with writing(engine) as connection:
        store_many(connection, CLIENTS)
        rebuild_all(connection, PROGRAM)


@pytest.fixture
def many_clients(sqlite_files: SqliteFiles) -> Iterator[Engine]:
    """Very many clients, rated in this process."""
    engine = create_database_engine(sqlite_files.filled(_rate_many))
    yield engine
    engine.dispose()
    sqlite_files.drop()


@pytest.fixture
def rated(many_clients: Engine) -> dict[str, list[tuple]]:
    """Their derived rows."""
    return derived_rows(many_clients)


def rated_anew(engine: Engine, workers: Workers, progress: Progress | None = None) -> dict[str, list[tuple]]:
    """The derived rows when all of them are made again from nothing."""
    with writing(engine) as connection:
        for model in DERIVED:
            connection.execute(table(model).delete())
        rebuild_all(connection, PROGRAM, workers=workers, progress=progress)
    return derived_rows(engine)


class Dying(Executor):
    """Rates so many batches, then breaks as a pool of processes does when one of them is killed."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        if self.left < 0:
            raise BrokenExecutor
        self.left -= 1
        future: Future[Any] = Future()
        if self.left < 0:
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.slow
def test_several_processes_store_the_same_rows_as_one(many_clients: Engine, rated: dict[str, list[tuple]]):
    with processes(2) as workers:
        assert rated_anew(many_clients, workers) == rated


@pytest.mark.parametrize("batches", [0, 1, 3])
def test_what_a_broken_pool_leaves_is_rated_here(many_clients: Engine, rated: dict[str, list[tuple]], batches: int):
    assert rated_anew(many_clients, Workers(Dying(batches), 2)) == rated


def changed(engine: Engine) -> None:
    """Very many clients, rated; since then one line of some of them has changed, and another client has gone."""
    sale, gone = table(SaleRow), "C00003"
    with writing(engine) as connection:
        store_many(connection, 600)
        rebuild_all(connection, PROGRAM)
        some = sale.c.client_id < "C00100"
        connection.execute(update(sale).where(some).values(mrr_minor=sale.c.mrr_minor + 100_00))
        for model in (SaleRow, SubscriptionLevelRow, AgreementRow, ToolUsageRow, ClientRow):
            each = table(model)
            connection.execute(delete(each).where(each.c.client_id == gone))


def rebuilt_by(engine: Engine, workers: Workers) -> dict[str, list[tuple]]:
    at = datetime(2022, 9, 5, 8, tzinfo=UTC)
    rebuild_everything(engine, PROGRAM, today=date(2022, 9, 5), at=at, workers=workers)
    return derived_rows(engine)


def test_workers_that_read_for_themselves_store_the_rows_that_this_process_does(engine: Engine):
    changed(engine)
    before = derived_rows(engine)
    found = rebuilt_by(engine, Workers(Dying(1_000), 2, can_read=True))
    assert found != before
    assert rated_anew(engine, Workers()) == found


@pytest.mark.slow
def test_processes_read_for_themselves_what_they_rate(sqlite_engine: Engine):
    changed(sqlite_engine)
    with processes(2) as workers:
        found = rebuilt_by(sqlite_engine, workers)
    assert rated_anew(sqlite_engine, Workers()) == found


@contextmanager
def dask(module: str, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A scheduler or a worker of Dask in a process."""
    command = (sys.executable, "-m", f"distributed.cli.{module}", *words)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def address_in(file: Path) -> str:
    """The scheduler's address, once it has written it."""
    asyncio.run(wait_until(lambda: file.exists() and file.read_text(), "the scheduler's address"))
    return str(json.loads(file.read_text())["address"])


@pytest.mark.slow
def test_a_cluster_stores_the_same_rows_although_one_of_its_two_workers_is_killed(
    many_clients: Engine, rated: dict[str, list[tuple]], tmp_path: Path
):
    file = tmp_path / "scheduler.json"
    options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--scheduler-file", str(file))
    with (
        dask("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)),
        dask("dask_worker", *options) as doomed,
        dask("dask_worker", *options),
        cluster(address_in(file), workers=2) as workers,
    ):
        assert workers.count == 2
        killed: list[int] = []

        def kill_one(stage: str, done: int, total: int) -> None:
            if not killed:
                assert done < total, "the first of several batches"
                doomed.send_signal(signal.SIGKILL)
                killed.append(doomed.wait())

        assert rated_anew(many_clients, workers, kill_one) == rated
        assert killed == [-signal.SIGKILL]


def test_a_scheduler_that_does_not_answer_is_named():
    with (
        pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        cluster("tcp://127.0.0.1:9", patience=1),
    ):
        pass
