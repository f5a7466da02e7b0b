"""Transactions that wait for another writer, on both engines."""

import asyncio
import threading

import pytest
from sqlalchemy import Engine, text

from tiercore.storage.engine import FACTS_LOCK, writing
from tiercore.storage.transactions import Transactions

MANY = 48  # more than there are threads


@pytest.fixture
def busy(engine: Engine):
    """Another writer, such as an import, that holds the lock until the event is set."""
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(engine, FACTS_LOCK):
            holds.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(60)
    yield done
    done.set()
    thread.join()


async def test_many_who_wait_for_an_import_keep_nobody_from_reading(engine: Engine, busy: threading.Event):
    transactions = Transactions(engine)
    written = [asyncio.create_task(transactions.write(lambda db, _: db.scalar(text("SELECT 1")))) for _ in range(MANY)]
    for _ in range(3):
        read = transactions.read(lambda db: db.scalar(text("SELECT 1")))
        assert await asyncio.wait_for(read, 10) == 1
    assert not any(each.done() for each in written)
    busy.set()
    assert await asyncio.wait_for(asyncio.gather(*written), 60) == [1] * MANY
