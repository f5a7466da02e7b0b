"""The demo pauses its scheduler while days pass: each day ticks once."""

import asyncio
from datetime import timedelta

from sqlalchemy import Engine

from scheduler.scheduler import Scheduler
from tests.support.outgoing import Outgoing
from tests.support.waiting import within
from tiercore.notifications.service import Notifications
from tiercore.storage.engine import NOTIFICATIONS_LOCK
from tiercore.storage.transactions import Transactions


async def test_a_paused_scheduler_ticks_when_asked_and_then_by_itself_again(engine: Engine, outgoing: Outgoing):
    ticks = asyncio.Queue[None]()

    async def ticked() -> None:
        ticks.put_nowait(None)

    notifications = Notifications(Transactions(engine, lock=NOTIFICATIONS_LOCK))
    scheduler = Scheduler(notifications, outgoing.sender(), timedelta(hours=4), [ticked])
    scheduler.start(0.001, 0.01)
    await within(ticks.get(), "it ticks at its start")
    with scheduler.paused():
        await scheduler.tick()  # the last one that was due by itself is over
        while not ticks.empty():
            ticks.get_nowait()
        for _ in range(5):
            await scheduler.tick()
        assert ticks.qsize() <= 6, "one may have been due before the pause"
    for _ in range(10):
        await within(ticks.get(), "it ticks again")
    assert await scheduler.stop(1) == 0
