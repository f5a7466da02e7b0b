"""Work that is begun without a task of its own."""

import asyncio

import pytest

from handlers.background import BackgroundTasks, Begun
from tests.support.waiting import within


async def test_work_that_waits_for_nothing_has_ended():
    async def work() -> str:
        return "done"

    begun = Begun(work())
    assert (begun.ended, begun.result) == (True, "done")


async def test_work_that_waits_goes_on_in_another_task():
    doors = [asyncio.Event(), asyncio.Event()]

    async def work() -> list[str]:
        seen = ["begun"]
        for door in doors:
            await door.wait()
            seen.append("waited")
        await asyncio.sleep(0)
        return [*seen, await asyncio.to_thread(lambda: "thread")]

    begun = Begun(work())
    assert not begun.ended
    task = asyncio.create_task(begun.rest())
    for door in doors:
        await asyncio.sleep(0)
        door.set()
    assert await within(task, "the work ends") == ["begun", "waited", "waited", "thread"]


@pytest.mark.parametrize("before", [True, False])
async def test_an_error_comes_out_where_it_belongs(before: bool):
    async def work() -> None:
        try:
            if not before:
                await asyncio.sleep(0)
            raise LookupError("wrong")
        finally:
            ended.append(True)

    ended = list[bool]()
    with pytest.raises(LookupError, match="wrong"):
        await Begun(work()).rest()
    assert ended == [True]


async def test_work_that_is_cancelled_cleans_up():
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    ended = list[bool]()
    task = asyncio.create_task(Begun(work()).rest())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_work_that_is_cut_short_can_still_tell_whoever_waits_for_it():
    told, tasks = list[str](), BackgroundTasks()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            told.append("not saved")
            raise

    tasks.start(work())
    assert await tasks.finish(0) == 1
    assert told == ["not saved"]
