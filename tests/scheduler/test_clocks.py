"""A machine's clock may be wrong, or be set while the bot serves: nothing is lost, sent twice, skipped or held up."""

import asyncio

import aiohttp
import pytest
from sqlalchemy import Engine

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from scheduler.delivery import Draft
from tests.support.outgoing import POLICY, Outgoing, Time
from tiercore.notifications import claims
from tiercore.notifications.outbox_types import ClaimedMessage

MINUTES, HOUR, DAY = 60, 3_600, 86_400
OFF = [-DAY, -HOUR, -10 * MINUTES, -150, 150, 10 * MINUTES, HOUR, DAY]


@pytest.mark.parametrize("ahead", OFF)
async def test_a_message_in_doubt_is_found_whatever_the_clock_says(
    engine: Engine, slack: Slack, session: aiohttp.ClientSession, time: Time, ahead: float
):
    """The clock is wrong from the start. Slack took every message, and all the answers were lost."""
    time.ahead = ahead
    outgoing = Outgoing(slack, engine, session, time)
    await outgoing.poster.post("C039", {"text": "hello"}, "hello", None)
    outgoing.put("a", "b", "c")
    slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=3)
    await outgoing.run(outgoing.sender(), 200, step=5)
    assert outgoing.texts("C001") == ["a", "b", "c"]
    assert outgoing.states() == {"sent": 3}


@pytest.mark.parametrize("by", OFF)
@pytest.mark.parametrize("corrected", [True, False], ids=["Slack's time", "its own clock"])
async def test_setting_the_clock_stops_no_sending(
    engine: Engine, slack: Slack, session: aiohttp.ClientSession, time: Time, by: float, *, corrected: bool
):
    """Also in a database that was written by a clock which was ahead, and where Slack's time can't be had."""
    outgoing = Outgoing(slack, engine, session, time, corrected=corrected)
    sender = outgoing.sender()
    outgoing.put("a", "b")
    outgoing.put("put off", channel="C002")
    slack.faults.add("chat.postMessage", faults.rate_limited(1), times=1)
    outgoing.put("in doubt", channel="C003")
    await outgoing.run(sender, 1)
    outgoing.claim("killed", begin=False)
    time.ahead += by
    outgoing.put("after", channel="C004")
    await outgoing.run(sender, 400, step=5)
    assert sorted(outgoing.texts()) == ["a", "after", "b", "in doubt", "put off"]
    assert outgoing.states() == {"sent": 5}


async def test_two_replicas_with_different_clocks_send_everything_once(
    engine: Engine, slack: Slack, session: aiohttp.ClientSession, time: Time
):
    replicas = []
    for ahead in (0, 5 * MINUTES):
        time.ahead = ahead
        replicas.append(Outgoing(slack, engine, session, time))
        await replicas[-1].poster.post("C039", {"text": "hello"}, "hello", None)
        time.passed += 2
    senders = [each.sender(str(number)) for number, each in enumerate(replicas)]
    for number in range(20):
        replicas[0].put(f"m{number:02d}", channel=f"C{number:03d}")
    slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=4)
    for _ in range(150):
        for replica, sender in zip(replicas, senders, strict=True):
            await replica.run(sender, 1)
    assert sorted(each for each in replicas[0].texts() if each != "hello") == [f"m{number:02d}" for number in range(20)]
    assert replicas[0].states() == {"sent": 20}


async def test_what_was_claimed_and_never_begun_is_not_in_doubt(outgoing: Outgoing, time: Time):
    """The sender dies between claiming and posting: its messages are sent when the lease ends, also where the bot may
    not read any history.
    """
    names = [f"m{number:02d}" for number in range(30)]
    for number, name in enumerate(names):
        outgoing.put(name, channel=f"C{number:03d}")
    outgoing.slack.faults.add("conversations.history", faults.refused("missing_scope"), times=99)
    assert len(outgoing.claim("killed", begin=False)) == 30
    await outgoing.run(outgoing.sender("another"), 65)
    assert sorted(outgoing.texts()) == names
    assert outgoing.states() == {"sent": 30}
    assert outgoing.slack.journal.calls("conversations.history") == []


async def test_a_message_whose_lease_ends_while_it_is_composed_is_posted_once(outgoing: Outgoing, time: Time):
    """The same sender takes it again before the first text is ready: there is one call for each lease, at most."""
    slow = asyncio.Event()

    async def compose(message: ClaimedMessage) -> Draft:
        await slow.wait()
        return Draft({"text": str(message.content["says"])})

    outgoing.compose = compose
    outgoing.put("a")
    sender = outgoing.sender()
    for _ in range(4):
        await sender.step()
        time.passed += 61
    assert [row.attempts for row in outgoing.rows()] >= [3]
    slow.set()
    await outgoing.run(sender, 200, step=5)
    assert (outgoing.texts(), outgoing.states()) == (["a"], {"sent": 1})
    assert len(outgoing.slack.journal.calls("chat.postMessage")) == 1


async def test_one_call_at_most_begins_under_a_lease(outgoing: Outgoing):
    outgoing.put("a")
    [claimed] = outgoing.claim("one", begin=True)
    again = outgoing.writer.write_now(lambda db, now: claims.begin(db, "one", [claimed.outbox_id], now, now, POLICY))
    assert again == frozenset()


async def test_what_was_begun_is_in_doubt_when_its_sender_dies(outgoing: Outgoing):
    outgoing.put("a")
    [lost] = outgoing.claim("killed", begin=True)
    await outgoing.poster.post("C001", {"text": "a"}, lost.marker, None)
    await outgoing.run(outgoing.sender("another"), 65)
    assert outgoing.states() == {"unknown": 1}
    await outgoing.run(outgoing.sender("another"), 130)
    assert (outgoing.texts(), outgoing.states()) == (["a"], {"sent": 1})


async def test_a_pause_that_slack_asks_for_holds_for_the_method(outgoing: Outgoing, time: Time):
    """Slack limits posts by method and workspace: none is tried again before the pause is over, to whatever channel."""
    outgoing.slack.faults.add("chat.postMessage", faults.rate_limited(30))
    outgoing.put("a")
    sender = outgoing.sender()
    await outgoing.run(sender, 1)
    for number in range(2, 9):
        outgoing.put(f"m{number}", channel=f"C{number:03d}")
    await outgoing.run(sender, 28)
    assert len(outgoing.slack.journal.calls("chat.postMessage")) == 1
    await outgoing.run(sender, 5)
    assert outgoing.states() == {"sent": 8}
