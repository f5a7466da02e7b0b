"""Background work takes turns in the event loop, and whoever asks something doesn't wait for all of it."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine, select

from tests.support.waiting import TIMEOUT, within
from tiercore.storage.bulk import table
from tiercore.storage.reader import Reader, create_reader
from tiercore.storage.tables.ledger import ClientRow
from tiercore.storage.transactions import Transactions
from tiercore.turns import THREADS, Turns, in_background, turn

MANY = 30
CLIENTS = (select(table(ClientRow).c.client_id), {})


class Passes:
    """Counts the passes of the event loop, and how many pieces of work went on in each."""

    def __init__(self) -> None:
        self.number, self.work = 0, Counter[int]()
        self._counting = asyncio.create_task(self._count())

    async def _count(self) -> None:
        while True:
            self.number += 1
            await asyncio.sleep(0)

    def note(self) -> None:
        """A piece of work goes on in this pass."""
        self.work[self.number] += 1

    def end(self) -> None:
        self._counting.cancel()


@pytest.fixture
async def passes() -> AsyncIterator[Passes]:
    counted = Passes()
    yield counted
    counted.end()


@pytest.fixture
async def reader(engine: Engine) -> AsyncIterator[Reader]:
    opened = create_reader(engine.url)
    await opened.open()
    yield opened
    await opened.close()


async def test_of_many_reads_in_the_background_one_goes_on_in_a_pass(reader: Reader, passes: Passes):
    async def work() -> None:
        for _ in range(3):
            await reader.fetch(CLIENTS)
            passes.note()

    with in_background(Turns()):
        started = [asyncio.create_task(work()) for _ in range(MANY)]
    await within(asyncio.gather(*started), "all have read")
    assert passes.work.total() == 3 * MANY
    assert max(passes.work.values()) == 1


async def test_reads_in_the_background_of_two_kinds_of_work_wait_only_for_their_own(sqlite_engine: Engine):
    """A look with a thousand reads isn't slowed down by a hundred messages that are composed."""
    reader, first, second, done = create_reader(sqlite_engine.url), Turns(), Turns(), list[str]()
    await reader.open()

    async def work(name: str, reads: int) -> None:
        for _ in range(reads):
            await reader.fetch(CLIENTS)
        done.append(name)

    with in_background(first):
        many = [asyncio.create_task(work("message", MANY)) for _ in range(MANY)]
    with in_background(second):
        look = asyncio.create_task(work("look", MANY))
    await within(asyncio.gather(look, *many), "all have read")
    assert done[0] == "look"
    await reader.close()


async def test_a_question_never_waits_for_its_turn(sqlite_engine: Engine):
    reader = create_reader(sqlite_engine.url)
    await reader.open()

    async def ask() -> None:
        for _ in range(MANY):
            await reader.fetch(CLIENTS)

    with in_background(Turns()):
        waiting = [asyncio.create_task(turn()) for _ in range(MANY)]
    await asyncio.sleep(0)
    asked = ask()
    with pytest.raises(StopIteration):  # it reads on and on, and is never suspended
        asked.send(None)
    assert sum(each.done() for each in waiting) <= 1
    await within(asyncio.gather(*waiting), "everyone had a turn")
    await reader.close()


async def test_the_background_leaves_the_block(passes: Passes):
    with in_background(Turns()):
        pass
    before = passes.number
    await turn()
    assert passes.number == before


async def test_partners_that_an_admin_waits_for_are_read_without_a_turn(sqlite_engine: Engine):
    reader, read = create_reader(sqlite_engine.url), list[str]()
    await reader.open()

    async def admins_partners() -> None:
        with in_background(None):
            await reader.fetch(CLIENTS)
        read.append("partners")

    async def message() -> None:
        await reader.fetch(CLIENTS)
        read.append("message")

    with in_background(Turns()):
        started = [asyncio.create_task(each) for each in (*(message() for _ in range(MANY)), admins_partners())]
    await within(asyncio.gather(*started), "all have read")
    assert read[0] == "partners"
    await reader.close()


async def test_a_cancelled_turn_is_passed_on():
    turns = Turns()
    first, second = asyncio.create_task(turns.next()), asyncio.create_task(turns.next())
    await asyncio.sleep(0)
    first.cancel()
    await within(second, "the second has its turn")
    assert first.cancelled()


async def test_the_background_reads_in_few_threads_at_a_time(sqlite_engine: Engine):
    transactions, lock, now, most = Transactions(sqlite_engine), threading.Lock(), 0, 0
    are_met = threading.Barrier(THREADS)

    def read(_connection: object) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        are_met.wait(TIMEOUT)  # so many have to be there at the same time
        with lock:
            now -= 1

    with in_background(Turns()):
        reads = [asyncio.create_task(transactions.read(read)) for _ in range(2 * THREADS)]
        reads += [asyncio.create_task(transactions.snapshot(read)) for _ in range(2 * THREADS)]
    await within(asyncio.gather(*reads), "all have been read")
    assert most == THREADS
