"""A shorter `make torture`: real processes killed during a digest; nothing is lost or duplicated."""

import asyncio
import time

import pytest
from sqlalchemy.engine import URL

from bench.crowds import crossings_at_once
from bench.judge import Judge
from bench.torture import Plan, torture
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.journal import ReceivedCall
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [1])
async def test_killed_replicas_lose_and_duplicate_nothing(database: URL, seed: int):
    one = database.get_backend_name() == "sqlite"
    plan = Plan(messages=120, replicas=1 if one else 2, kills=2, freezes=0, others=3, seed=seed)
    figures = await torture(database.render_as_string(hide_password=False), plan)
    assert figures.found.is_good, str(figures)
    assert figures.states == {"sent": 120}
    assert len(figures.failed) > 1, "more methods than one fail"


@pytest.mark.parametrize(
    ("processes", "seconds", "impatient"),
    [
        (1, [0.05], 0),
        (1, [0.3], 1),
        (2, [0.3], 0),
        (2, [0.3, 0.4], 1),
        (2, [0.7], 1),
        (3, [0.3, 0.4], 0),
        (1, [2.5], 0),
    ],
)
async def test_a_call_in_a_pause_is_impatient_unless_its_process_cannot_know_of_it_yet(
    processes: int, seconds: list[float], impatient: int
):
    slack = Slack()
    calls = [called(0.0, retry_after=2), *(called(each) for each in seconds)]
    slack.journal.entries.extend(calls)
    async with Judge(slack, processes) as judge:
        assert judge.judgement({}).impatient == impatient


async def test_no_call_is_impatient_that_a_busy_machine_may_have_delayed():
    slack = Slack()
    slack.journal.entries.extend([called(0.0, retry_after=2), called(0.3)])
    async with Judge(slack, processes=1) as judge:
        await asyncio.sleep(0)  # it begins to watch
        assert judge.judgement({}).impatient == 1
        time.sleep(0.5)
        await wait_until(lambda: judge.judgement({}).impatient == 0, "the judge was woken 0.4 s too late")


def called(at: float, retry_after: int | None = None) -> ReceivedCall:
    status = 429 if retry_after else 200
    return ReceivedCall("chat.postMessage", {"channel": "C1"}, status, {}, True, at, retry_after=retry_after)


async def test_each_crossing_is_alerted_once_while_replicas_scan_and_files_are_imported(database: URL):
    one = database.get_backend_name() == "sqlite"
    url = database.render_as_string(hide_password=False)
    problems = await crossings_at_once(url, partners=40, replicas=1 if one else 2, imports=3)
    assert "40 alerted, 0 twice" in problems
