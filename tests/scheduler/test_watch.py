"""The watch handles every change once and survives failures."""

import asyncio

from scheduler.watch import watch
from tests.support.waiting import within


async def test_a_change_is_handled_once_and_retried_after_a_failure():
    seen, recorded, failing = [1], [], [True]
    record_crossings = asyncio.Event()

    async def look() -> int:
        if not seen:
            raise OSError("no database for a moment")
        return seen[0]

    async def changed() -> None:
        recorded.append(seen[0])
        if failing.pop() if failing else False:
            raise RuntimeError("Slack was away")
        record_crossings.set()

    task = asyncio.ensure_future(watch(look, changed, 0.001))
    await asyncio.sleep(0)
    seen[0] = 2
    await within(record_crossings.wait(), "the crossing is recorded")
    assert recorded == [2, 2], "recorded again because the first attempt failed"
    record_crossings.clear()
    seen.clear()
    seen.append(3)
    await within(record_crossings.wait(), "the crossing is recorded")
    assert recorded == [2, 2, 3]
    task.cancel()
