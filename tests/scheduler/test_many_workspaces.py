"""Two hundred workspaces, one of them bad: everybody else's messages arrive as if it weren't there
(digests-and-alerts#fairness).
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from scheduler.delivery import Delivery, Draft
from scheduler.poster import Body, Faulty, NotInstalled, Page, Poster, RetryLater, SearchLimited, Unconfirmed
from tiercore.notifications import outbox
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.fault import Fault, Stops
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxMessage, Posted, SendPolicy
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
GOOD, EACH, BAD_MESSAGES = 199, 2, 400
POLICY = SendPolicy(per_second=5)
BAD = "BAD"


class Good:
    """A workspace's poster; counts what it was asked for."""

    def __init__(self, team_id: str) -> None:
        self.team_id, self.posted, self.calls = team_id, list[str](), 0

    async def open(self, target: str) -> None:
        pass

    async def post(self, target: str, body: Body, marker: str, root: Posted | None) -> Posted:
        self.calls += 1
        await self.meet()
        self.posted.append(str(body["text"]))
        return Posted(target, f"{len(self.posted)}.0")

    async def meet(self) -> None:
        """Whatever happens to a call before Slack takes it."""

    async def search(self, target: str, root: Posted | None, oldest: str, latest: str) -> Page:
        await self.meet()
        return Page({})

    async def change(self, posted: Posted, body: Body) -> Posted:
        raise AssertionError

    async def remove(self, posted: Posted) -> None:
        raise AssertionError


class Throttled(Good):
    async def meet(self) -> None:
        raise RetryLater("ratelimited", 3_600)

    async def search(self, *_: object) -> Page:
        raise SearchLimited("ratelimited", 3_600)


class ServerErrors(Good):
    async def meet(self) -> None:
        raise Unconfirmed("HTTP 503, not an answer from Slack")


class Hangs(Good):
    """Never answers."""

    async def meet(self) -> None:
        await asyncio.Event().wait()


class Revoked(Good):
    async def meet(self) -> None:
        raise Faulty(Fault(Stops.WORKSPACE, "token_revoked"))


class Removed(Good):
    async def meet(self) -> None:
        raise NotInstalled


class House:
    """One replica over 200 workspaces, on a clock that a test moves."""

    def __init__(self, engine: Engine, bad: Good | None) -> None:
        self.engine, self.now, self.claims = engine, NOON, 0
        self.posters = {f"T{number:03d}": Good(f"T{number:03d}") for number in range(GOOD)}
        if bad is not None:
            self.posters[BAD] = bad
        self.writer = Transactions(engine, lambda: self.now, NOTIFICATIONS_LOCK)
        self.delivery = Delivery(Outbox(self.writer), self.poster_of, self.compose, "one", POLICY)
        self.put(BAD, BAD_MESSAGES if bad is not None else 0, due=NOON - timedelta(hours=2))
        for team_id in self.posters.keys() - {BAD}:
            self.put(team_id, EACH, due=NOON)

    def put(self, team_id: str, number: int, due: datetime) -> None:
        messages = [
            OutboxMessage(f"{team_id}:{each}", team_id, f"U{each:03d}", {}, due + timedelta(milliseconds=each))
            for each in range(number)
        ]
        self.writer.write_now(lambda db, _: outbox.put(db, messages, self.now))

    async def poster_of(self, team_id: str) -> Poster:
        return self.posters[team_id]

    async def compose(self, message: ClaimedMessage) -> Draft:
        return Draft({"text": message.key})

    async def rounds_until_others_are_served(self, most: int) -> int:
        """How many rounds of a second it takes; each claims until nothing more may be claimed then."""
        for number in range(most):
            for _ in range(12):
                await self.step()
            if all(len(each.posted) == EACH for name, each in self.posters.items() if name != BAD):
                return number + 1
            self.now += timedelta(seconds=1)
        return most + 1

    async def step(self) -> None:
        """One step, in which all tasks that can end do."""
        self.claims += 1
        stepping = asyncio.ensure_future(self.delivery.step())
        await stepping
        for _ in range(5):
            await asyncio.sleep(0)

    def states(self, team_id: str) -> Counter[str]:
        rows = table(OutboxRow)
        with reading(self.engine) as connection:
            found: Sequence[str] = connection.scalars(select(rows.c.state).where(rows.c.team_id == team_id)).all()
            return Counter(found)


@pytest.mark.parametrize("bad", [Throttled, ServerErrors, Hangs, Revoked, Removed])
async def test_one_bad_workspace_delays_nobody(engine: Engine, bad: type[Good]):
    house = House(engine, bad(BAD))
    try:
        assert await house.rounds_until_others_are_served(3) <= 2
        for team_id, poster in house.posters.items():
            if team_id != BAD:
                assert poster.posted == [f"{team_id}:0", f"{team_id}:1"], "once, and in order"
                assert poster.calls == EACH
        assert house.posters[BAD].calls <= POLICY.at_once
        assert house.states(BAD).keys().isdisjoint({"sent", "dead"})
    finally:
        await house.delivery.finish(0)
