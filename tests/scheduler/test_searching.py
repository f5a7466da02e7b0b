"""Messages in doubt are looked up at one call a minute with 15 messages a page, as Slack allows most apps."""

from datetime import timedelta

from bot.playground.local_slack import faults
from bot.playground.local_slack.screen import Message
from tests.support.outgoing import NOON, Outgoing, Time
from tiercore.notifications.outbox_types import marker_of


def write(outgoing: Outgoing, channel: str, text: str, thread_ts: str | None = None) -> None:
    """Somebody writes something."""
    screen = outgoing.slack.state.screen
    ts = screen.next_ts()
    screen.messages[(channel, ts)] = Message(channel, ts, text, [], thread_ts=thread_ts)


def chatter(outgoing: Outgoing, channel: str, messages: int) -> None:
    for number in range(messages):
        write(outgoing, channel, f"chatter {number}")


def histories(outgoing: Outgoing) -> tuple[int, int]:
    """How many histories were shown, and how many were asked for too soon."""
    calls = outgoing.slack.journal.calls("conversations.history")
    return sum(each.accepted for each in calls), sum(each.status == 429 for each in calls)


async def test_doubts_in_many_channels_are_looked_up_at_one_call_a_minute(outgoing: Outgoing):
    outgoing.slack.limit_history()
    for number in range(12):
        outgoing.put(f"m{number:02d}", channel=f"C{number:03d}")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=12)
    await outgoing.run(outgoing.sender(), 130 + 12 * 65, step=5)
    assert outgoing.states() == {"sent": 12}
    assert outgoing.texts() == [f"m{number:02d}" for number in range(12)]
    shown, too_soon = histories(outgoing)
    assert shown == 12
    assert too_soon <= 3, "after the first refusal every search keeps the pause"


async def test_several_doubts_of_a_channel_are_answered_by_one_page(outgoing: Outgoing):
    outgoing.slack.limit_history()
    outgoing.put(*(f"m{number}" for number in range(8)))
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=8)
    sender = outgoing.sender()
    await outgoing.run(sender, 70)
    assert outgoing.states() == {"unknown": 8}
    await outgoing.run(sender, 200, step=5)
    assert outgoing.states() == {"sent": 8}
    assert histories(outgoing)[0] <= 2


async def test_a_search_goes_on_where_it_ended_also_in_another_process(outgoing: Outgoing, time: Time):
    """Sixty messages were written after the one in doubt: five pages, each in another process."""
    outgoing.slack.limit_history()
    outgoing.put("a")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await outgoing.run(outgoing.sender(), 2)
    chatter(outgoing, "C001", 60)
    for process in range(10):
        await outgoing.run(outgoing.sender(f"process {process}"), 60)
    assert outgoing.states() == {"sent": 1}
    assert outgoing.texts().count("a") == 1
    assert histories(outgoing)[0] == 5
    asked = [each.arguments["latest"] for each in outgoing.slack.journal.calls("conversations.history")]
    assert asked == sorted(asked, reverse=True)


async def test_what_is_not_there_after_the_whole_search_is_sent(outgoing: Outgoing):
    outgoing.slack.limit_history()
    outgoing.put("a")
    outgoing.slack.faults.add("chat.postMessage", faults.RESET)
    await outgoing.run(outgoing.sender(), 2)
    chatter(outgoing, "C001", 40)
    await outgoing.run(outgoing.sender("another"), 320, step=5)
    assert outgoing.texts().count("a") == 1
    assert outgoing.states() == {"sent": 1}
    assert histories(outgoing)[0] == 3


async def test_a_search_reads_only_the_time_in_which_the_message_may_have_come(outgoing: Outgoing, time: Time):
    """What was written an hour before, or since the settling time, is not read."""
    chatter(outgoing, "C001", 100)
    time.passed += 3_600
    outgoing.slack.limit_history()
    outgoing.put("a")
    outgoing.slack.faults.add("chat.postMessage", faults.RESET)
    await outgoing.run(outgoing.sender(), 2)
    time.passed += 3_600
    chatter(outgoing, "C001", 100)
    await outgoing.run(outgoing.sender("another"), 130, step=5)
    assert histories(outgoing)[0] == 1
    assert outgoing.states() == {"sent": 1}


async def test_a_reply_in_doubt_is_found_in_a_long_thread_page_by_page(outgoing: Outgoing):
    outgoing.put("root")
    sender = outgoing.sender()
    await outgoing.run(sender, 2)
    outgoing.slack.limit_history()
    outgoing.put("reply", root_key="root")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    root = outgoing.rows()[0].ts
    for number in range(30):
        write(outgoing, "C001", f"chatter {number}", root)
    await outgoing.run(sender, 400, step=5)
    assert outgoing.texts().count("reply") == 1
    assert outgoing.states() == {"sent": 2}


async def test_searching_is_as_fast_as_before_once_slack_asks_for_no_pause(outgoing: Outgoing, time: Time):
    outgoing.slack.limit_history()
    for number in range(3):
        outgoing.put(f"m{number}", channel=f"C{number:03d}")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=3)
    await outgoing.run(outgoing.sender(), 400, step=5)
    outgoing.slack.limit_history(200, 0)
    time.passed += 12 * 60
    for number in range(3, 9):
        outgoing.put(f"m{number}", channel=f"C{number:03d}")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER, times=6)
    await outgoing.run(outgoing.sender("another"), 130, step=5)
    assert outgoing.states() == {"sent": 9}


async def test_a_late_copy_is_removed_at_one_call_a_minute_too(outgoing: Outgoing, time: Time):
    outgoing.slack.limit_history()
    outgoing.put("a")
    outgoing.slack.faults.add("chat.postMessage", faults.RESET)
    sender = outgoing.sender()
    await outgoing.run(sender, 200, step=5)
    assert outgoing.texts() == ["a"]
    [row] = outgoing.rows()
    assert row.tried_at == NOON.timestamp() * 1_000
    await outgoing.poster.post("C001", {"text": "a"}, marker_of("a"), None)
    assert outgoing.texts() == ["a", "a"]
    removed = 0
    for _ in range(10):
        time.passed += 60
        removed += await outgoing.removal.remove()
    assert (removed, outgoing.texts()) == (1, ["a"])
    assert timedelta(seconds=time.passed) < timedelta(hours=1)
