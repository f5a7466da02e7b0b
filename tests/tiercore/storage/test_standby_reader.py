"""Which server is read: nobody's own change is missed, no task goes back in time, and what is wrong is named."""

import asyncio
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import OperationalError
from psycopg.errors import QueryCanceled
from sqlalchemy import literal_column, select

from tiercore.storage.compiled import NOBODY, Query, Scope
from tiercore.storage.standby import StandbyReader

STATE: Query = (select(literal_column("state")), {})
TASKS = 3


class Server:
    """A server whose state is a number that grows; its position is the same number."""

    def __init__(self, identity: str = "a", *, replays: bool = True) -> None:
        self.state, self.identity, self.replays = 0, identity, replays
        self.error: Exception | None = None

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]:
        if self.error:
            raise self.error
        return [[(self.state,)] if query is STATE else [self._position()] for query in queries]

    def _position(self) -> tuple[Any, ...]:
        return (self.state if self.replays else None, self.identity)


class World:
    """A primary and a standby, this process and others."""

    def __init__(self, most_lag: float = 1_000_000) -> None:
        self.primary, self.standby = Server(), Server()
        self.own_writes, self.now = 0, 0.0
        self.reader = StandbyReader(self.primary, self.standby, lambda: self.own_writes, most_lag, lambda: self.now)

    def write(self, *, own: bool) -> None:
        self.primary.state += 1
        self.own_writes += own

    async def read(self) -> int:
        [[(state,)]] = await self.reader.fetch(STATE)
        return int(state)

    async def answered_by(self) -> str:
        before = self.reader.status.reads
        await self.read()
        [server] = [name for name, reads in self.reader.status.reads.items() if reads > before[name]]
        return server


STEPS = st.lists(
    st.one_of(
        st.sampled_from(["own write", "other write", "replay one", "replay all", "look", "pass a second"]),
        st.integers(0, TASKS - 1),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_own_writes_are_read_and_no_task_goes_back(steps: list[str | int]):
    world, contexts = World(), [copy_context() for _ in range(TASKS)]
    written, read_last = 0, [0] * TASKS
    with asyncio.Runner() as runner:
        runner.run(world.reader.look())
        for step in steps:
            match step:
                case "own write" | "other write":
                    world.write(own=step == "own write")
                    written = world.primary.state if step == "own write" else written
                case "replay one":
                    world.standby.state = min(world.standby.state + 1, world.primary.state)
                case "replay all":
                    world.standby.state = world.primary.state
                case "look":
                    runner.run(world.reader.look())
                case "pass a second":
                    world.now += 1
                case int():
                    found = runner.run(world.read(), context=contexts[step])
                    assert found >= max(written, read_last[step])
                    read_last[step] = found


async def test_the_standby_is_read_while_it_has_everything():
    world = World()
    await world.reader.look()
    assert await world.answered_by() == "standby"
    world.write(own=False)
    assert await world.answered_by() == "standby", "what others have written just now may be missing"
    world.write(own=True)
    assert await world.answered_by() == "primary"
    world.standby.state = world.primary.state
    assert await world.answered_by() == "standby"


async def test_a_standby_that_is_behind_by_more_than_the_setting_is_left_alone_until_it_has_caught_up():
    world = World(most_lag=10)
    await world.reader.look()
    world.write(own=False)
    for _ in range(11):
        world.now += 1
        await world.reader.look()
    assert await world.answered_by() == "primary"
    assert world.reader.status.why == "it is 11 seconds behind"
    world.standby.state = 1
    await world.reader.look()
    assert world.reader.status == type(world.reader.status)(True, "", 0.0, {"primary": 1, "standby": 0})
    assert await world.answered_by() == "standby"


async def test_how_far_a_standby_is_behind_is_measured_from_the_last_moment_of_which_it_has_everything():
    world = World()
    await world.reader.look()
    for _ in range(5):
        world.now += 1
        world.write(own=False)
        await world.reader.look()
    assert world.reader.status.lag == 5
    world.standby.state = 3
    await world.reader.look()
    assert world.reader.status.lag == 2


async def test_where_the_standby_cannot_be_read_the_primary_answers_until_it_can():
    world = World()
    await world.reader.look()
    world.standby.error = OperationalError("gone")
    assert await world.answered_by() == "primary"
    assert world.reader.status.why == "it can't be read: OperationalError"
    world.standby.error = None
    assert await world.answered_by() == "primary", "it is looked at once a second, and not by each question"
    await world.reader.look()
    assert await world.answered_by() == "standby"


async def test_a_read_that_takes_too_long_is_not_tried_again_on_the_primary():
    world = World()
    await world.reader.look()
    world.standby.error = QueryCanceled("statement timeout")
    with pytest.raises(QueryCanceled):
        await world.read()
    assert world.reader.status.is_read


@pytest.mark.parametrize(
    ("other", "why"),
    [(Server(replays=False), "it replays nothing"), (Server("b"), "it replays another database")],
    ids=["a server of its own", "another database"],
)
async def test_what_is_no_standby_of_this_database_is_never_read(other: Server, why: str):
    primary = Server()
    reader = StandbyReader(primary, other, lambda: 0, 10)
    await reader.look()
    assert reader.status.why == why
    await reader.fetch(STATE)
    assert reader.status.reads == {"primary": 1, "standby": 0}


async def test_before_the_first_look_the_primary_answers():
    world = World()
    assert await world.answered_by() == "primary"
    assert not world.reader.status.is_read
