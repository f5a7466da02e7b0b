"""Weeks of digests and alerts under kills, freezes, wrong clocks and all that Slack and the database do, simulated on
one clock: nothing is lost, nothing stays doubled, and what Slack asks for is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy import Connection

from bench.simulation.replica import AS_BUILT, Parts
from bench.simulation.run import Run, simulate
from bench.simulation.scenario import Scenario, Subscriber, scenario_of
from bench.simulation.storage import SimulatedTransactions, empty_database
from bot.slack.poster import SlackPoster
from scheduler.poster import Page
from tiercore.notifications.delivery import Claims, Outbox
from tiercore.notifications.outbox_types import Outcome, Posted, SendPolicy, State
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.storage.transactions import Change, T

SEEDS, PARTS_OF_SEEDS = 1_000, 4
AT_ONCE = 50


def test_fifty_weeks_lose_and_double_nothing():
    found = simulate(range(AT_ONCE))
    assert not found.wrong, "\n".join(map(str, found.wrong))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS_OF_SEEDS))
def test_a_thousand_seeds_lose_and_double_nothing(part: int, share_of: Callable[[int], int]):
    found = simulate(range(AT_ONCE + part, share_of(SEEDS), PARTS_OF_SEEDS))
    assert not found.wrong, "\n".join(map(str, found.wrong))


@pytest.mark.parametrize("seed", [3, 10, 58])
def test_a_seed_replays_identically(seed: int):
    first, second = (Run(scenario_of(seed), empty_database()) for _ in range(2))
    assert first.judged() == second.judged()
    assert first.world.trace == second.world.trace


def test_what_was_wrong_names_the_command_that_replays_it():
    [verdict] = simulate([1]).verdicts
    assert "make simulation SEED=1)" in str(verdict)


def _calm() -> Scenario:
    """A week with one digest in which nothing goes wrong."""
    return replace(
        scenario_of(0),
        weeks=1,
        subscribers=(Subscriber("digest0", "U01", Topic.PROGRESS, Schedule(0, 540, "UTC")),),
        replicas=1,
        posts_failing=0,
        others_failing=0,
        database_failing=0.0,
        kills=0,
        freezes=0,
        clocks_off=0.0,
        outages=(),
        without_bot=(),
        token_revoked=(),
        pages=None,
    )


def test_a_process_may_be_killed_at_any_step_of_a_digest():
    """Each step is what runs between two awaits: the process ends before it, and another one starts."""
    scenario, engine = _calm(), empty_database()
    calm = Run(scenario, engine)
    assert not calm.judged().wrong
    assert calm.steps > 50
    for step in range(1, calm.steps + 1):
        verdict = Run(scenario, engine, kill_at=step).judged()
        assert not verdict.wrong, f"killed before step {step}: {verdict}"
        assert verdict.sent == calm.judge.verdict.sent


class BlindPoster(SlackPoster):
    """Finds nothing in a conversation."""

    async def search(self, target: str, root: Posted | None, oldest: str, latest: str) -> Page:
        return Page({})


class UncheckedLeases(Outbox):
    """Lets a sender begin whatever it has composed, whoever holds the lease now."""

    async def exchange(
        self, owner: str, results: Sequence[Outcome], policy: SendPolicy, *, begin, limit, verify, **more
    ):
        claims = await super().exchange(owner, results, policy, begin=begin, **more)
        return claims._replace(begun=frozenset(begin))


class RecordedTooEarly(Outbox):
    """Records a message as sent when its call begins."""

    async def exchange(
        self, owner: str, results: Sequence[Outcome], policy: SendPolicy, *, begin, limit, verify, **more
    ):
        claims = await super().exchange(owner, results, policy, begin=begin, **more)
        await self.record(owner, [Outcome(each, State.SENT, Posted("C01", "1.0")) for each in claims.begun], policy)
        return claims


class ClaimedTwice(UncheckedLeases):
    """Hands a message out again while its lease lasts, to whoever asks next."""

    last: Claims | None = None

    async def exchange(
        self, owner: str, results: Sequence[Outcome], policy: SendPolicy, *, begin, limit, verify, **more
    ):
        claims = await super().exchange(owner, results, policy, begin=begin, **more)
        again = ClaimedTwice.last
        ClaimedTwice.last = claims if claims.to_post else None
        return claims._replace(to_post=again.to_post) if again and not claims.to_post else claims


class LostCommits(SimulatedTransactions):
    """Now and then, a change that was confirmed isn't there."""

    def write_now(self, change: Change[T]) -> T:
        def undone(db: Connection, now: datetime) -> T:
            before = db.begin_nested()
            result = change(db, now)
            if now.second % 3 == 0:
                before.rollback()
            return result

        return super().write_now(undone)


class KeepsCopies(SlackPoster):
    """Deletes nothing."""

    async def remove(self, posted: Posted) -> None:
        pass


@dataclass
class Impatient:
    """A clock on which every pause is over at once."""

    seconds: float = 0.0

    def __call__(self) -> float:
        self.seconds += 1_000
        return self.seconds


# Each with a seed that brings it to light.
MUTANTS: dict[str, tuple[Parts, int]] = {
    "a search that finds nothing": (
        replace(AS_BUILT, poster=lambda client, time, steady: BlindPoster(client, 4.0, slack_time=time, steady=steady)),
        3,
    ),
    "leases that nobody checks": (replace(AS_BUILT, outbox=UncheckedLeases), 77),
    "messages recorded before they are sent": (replace(AS_BUILT, outbox=RecordedTooEarly), 0),
    "messages claimed twice": (replace(AS_BUILT, outbox=ClaimedTwice), 5),
    "commits that are lost": (replace(AS_BUILT, transactions=LostCommits), 4),
    "copies that are kept": (
        replace(AS_BUILT, poster=lambda client, time, steady: KeepsCopies(client, 4.0, slack_time=time, steady=steady)),
        47,
    ),
    "Retry-After ignored": (
        replace(AS_BUILT, poster=lambda client, time, _: SlackPoster(client, 4.0, slack_time=time, steady=Impatient())),
        197,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", MUTANTS)
def test_the_judge_notices_a_faulty_part(fault: str):
    """Each is noticed within the thousand seeds, of which the one known to notice it comes first."""
    parts, known = MUTANTS[fault]
    found = simulate((known, *range(SEEDS)), parts, stop=True)
    assert found.wrong, f"{fault} was not noticed"
