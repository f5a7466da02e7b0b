"""Transactions that wait for another writer, on both engines."""

import asyncio

import pytest
from sqlalchemy import Engine, text

from tests.support.busy import importing
from tests.support.waiting import TIMEOUT
from tiercore.storage.engine import Busy
from tiercore.storage.transactions import Transactions

MANY = 48  # more than there are threads


async def test_many_who_wait_for_an_import_keep_nobody_from_reading(engine: Engine):
    transactions = Transactions(engine)
    with importing(engine) as done:
        written = [
            asyncio.create_task(transactions.write(lambda db, _: db.scalar(text("SELECT 1")))) for _ in range(MANY)
        ]
        for _ in range(3):
            read = transactions.read(lambda db: db.scalar(text("SELECT 1")))
            assert await asyncio.wait_for(read, TIMEOUT) == 1
        assert not any(each.done() for each in written)
        done.set()
        assert await asyncio.wait_for(asyncio.gather(*written), TIMEOUT * 4) == [1] * MANY


async def test_a_change_without_patience_is_busy_at_once(engine: Engine):
    transactions = Transactions(engine)
    with importing(engine), pytest.raises(Busy):
        await asyncio.wait_for(transactions.write(lambda db, _: None, patience=0), TIMEOUT)
    await transactions.write(lambda db, _: None, patience=0)
