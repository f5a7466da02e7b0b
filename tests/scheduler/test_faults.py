"""What somebody has to mend is held, said, and sent in order after the mend (digests-and-alerts#faults)."""

import pytest

from bot.playground.local_slack import faults
from bot.playground.local_slack.state.workspace import Channel
from tests.support.outgoing import NOON, Outgoing, Time
from tiercore.notifications.fault import Stops
from tiercore.notifications.outbox_types import UNVERIFIED
from tiercore.storage.bulk import table
from tiercore.storage.tables.notifications import SubscriptionRow

OPERATORS = [
    *("token_revoked", "invalid_auth", "not_authed", "account_inactive", "token_expired", "org_login_required"),
    *("ekm_access_denied", "enterprise_is_restricted", "two_factor_setup_required", "accesslimited"),
]
CHANNELS = {
    "not_in_channel": {"has_bot": False},
    "is_archived": {"is_archived": True},
    "channel_not_found": {"has_bot": False, "is_private": True},
}


def refuse(outgoing: Outgoing, word: str | None) -> None:
    """Let Slack refuse every post with the word, or (None) take them again."""
    fault = faults.refused(word) if word else None
    outgoing.slack.faults.chooser = lambda method: fault if method == "chat.postMessage" else None


@pytest.mark.parametrize("word", OPERATORS)
async def test_what_the_operator_has_to_mend_is_held_and_sent_in_order_after_the_mend(outgoing: Outgoing, word: str):
    names = [f"m{number:02d}" for number in range(12)]
    for number, name in enumerate(names):
        outgoing.put(name, channel=f"C{number // 3:03d}")
    sender = outgoing.sender()
    refuse(outgoing, word)
    await outgoing.run(sender, 600, step=10)
    [fault] = await outgoing.outbox.faults()
    assert (fault.fault.word, fault.fault.stops, fault.fault.is_operators) == (word, Stops.WORKSPACE, True)
    assert outgoing.states().keys() <= {"held", "pending"}
    assert len(outgoing.slack.journal.calls("chat.postMessage")) <= 14, (
        "it is tried now and then, one message at a time"
    )
    refuse(outgoing, None)
    await outgoing.run(sender, 660, step=10)
    assert outgoing.states() == {"sent": 12}
    for number in range(4):
        assert outgoing.texts(f"C{number:03d}") == names[3 * number : 3 * number + 3]
    assert await outgoing.outbox.faults() == []


async def test_a_mended_fault_is_noticed_at_once_when_it_is_looked_for(outgoing: Outgoing):
    outgoing.put("a")
    sender = outgoing.sender()
    refuse(outgoing, "token_revoked")
    await outgoing.run(sender, 300, step=5)
    refuse(outgoing, None)
    await outgoing.outbox.try_now()
    await outgoing.run(sender, 1)
    assert outgoing.texts() == ["a"]


async def test_what_is_too_late_when_the_fault_is_mended_is_not_sent(outgoing: Outgoing, time: Time):
    from datetime import timedelta

    outgoing.put("digest", expires=NOON + timedelta(hours=1))
    outgoing.put("alert")
    sender = outgoing.sender()
    refuse(outgoing, "invalid_auth")
    await outgoing.run(sender, 30)
    time.passed += 7_200
    refuse(outgoing, None)
    await outgoing.run(sender, 700, step=10)
    assert outgoing.texts() == ["alert"]
    assert [(row.state, row.reason) for row in outgoing.rows()] == [("dropped", "too late to send"), ("sent", None)]


async def test_a_missing_scope_holds_only_what_needs_it(outgoing: Outgoing):
    """Without im:write no direct message can be opened; channels get theirs."""
    scopes = outgoing.slack.state.workspace.scopes
    workspace = outgoing.slack.state.workspace
    object.__setattr__(workspace, "scopes", tuple(each for each in scopes if each != "im:write"))
    outgoing.put("to a person", channel="U001")
    outgoing.put("to a channel", channel="C002")
    sender = outgoing.sender()
    await outgoing.run(sender, 5)
    assert outgoing.states() == {"held": 1, "sent": 1}
    [fault] = await outgoing.outbox.faults()
    assert "im:write" in fault.fault.word
    object.__setattr__(workspace, "scopes", scopes)
    await outgoing.run(sender, 700, step=10)
    assert outgoing.states() == {"sent": 2}


def subscribed(outgoing: Outgoing, channel: str, by: str) -> dict:
    """The content of a message to a channel that somebody subscribed."""
    row = {"subscription_id": "s1", "team_id": "T01LOCAL", "place": channel, "topic": "progress", "made_by": by}
    row |= {"weekday": 0, "minute": 540, "timezone": "UTC", "paused": False, "made_at": 0}
    outgoing.writer.write_now(lambda db, _: db.execute(table(SubscriptionRow).insert(), [row]))
    return {"subscription": "s1"}


@pytest.mark.parametrize("word", CHANNELS)
async def test_whoever_subscribed_a_channel_is_told_once_when_it_cannot_be_reached(outgoing: Outgoing, word: str):
    """Other channels get theirs; what waits is sent after the mend, in order."""
    usual = outgoing.slack.directory.channels["C001"]
    outgoing.slack.directory.change(Channel("C001", "c1", **CHANNELS[word]))
    content = subscribed(outgoing, "C001", "U001")
    outgoing.put("a", "b", content=content)
    outgoing.put("other", channel="C002")
    sender = outgoing.sender()
    outgoing.compose = composed_for(outgoing)
    sender = outgoing.sender()
    await outgoing.run(sender, 1_800, step=10)
    assert outgoing.texts("C002") == ["other"]
    assert outgoing.texts("D001") == [f"C001 {word}"]
    [fault] = await outgoing.outbox.faults()
    assert (fault.fault.word, fault.fault.is_operators) == (word, False)
    outgoing.slack.directory.change(usual)
    await outgoing.run(sender, 660, step=10)
    assert outgoing.texts("C001") == ["a", "b"]
    outgoing.slack.directory.change(Channel("C001", "c1", **CHANNELS[word]))
    outgoing.put("c", content=content)
    await outgoing.run(sender, 30)
    assert len(outgoing.texts("D001")) == 2, "the next time is told again"


def composed_for(outgoing: Outgoing):
    from scheduler.delivery import Draft

    async def compose(message) -> Draft:
        if message.content.get("kind") == "unreachable":
            return Draft({"text": f"{message.content['channel']} {message.content['word']}"})
        return Draft({"text": str(message.content["says"])})

    return compose


async def test_resending_marks_what_may_be_a_repeat_and_nothing_else(outgoing: Outgoing):
    outgoing.slack.faults.add("conversations.history", faults.refused("missing_scope"), times=99)
    outgoing.put("in doubt")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    sender = outgoing.sender()
    await outgoing.run(sender, 130, step=5)
    outgoing.slack.faults.add("chat.postMessage", faults.refused("msg_too_long"))
    outgoing.put("never sent", channel="C002")
    await outgoing.run(sender, 5)
    assert outgoing.states() == {"held": 1, "dead": 1}
    assert outgoing.rows()[0].reason.startswith(UNVERIFIED)
    assert await outgoing.outbox.resend(reason="MISSING_scope") == [1]
    outgoing.slack.faults.add("chat.postMessage", faults.rate_limited(1))
    assert await outgoing.outbox.resend() == [2]
    await outgoing.run(sender, 10)
    assert outgoing.states() == {"sent": 2}
    assert sorted(outgoing.texts()) == ["in doubt", "in doubt (may be repeated)", "never sent"]


async def test_resending_looks_first_where_the_history_can_be_read_by_then(outgoing: Outgoing):
    outgoing.slack.faults.add("conversations.history", faults.refused("missing_scope"))
    outgoing.put("in doubt")
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    sender = outgoing.sender()
    await outgoing.run(sender, 130, step=5)
    assert outgoing.states() == {"held": 1}
    await outgoing.outbox.resend([1])
    await outgoing.run(sender, 10)
    assert (outgoing.states(), outgoing.texts()) == ({"sent": 1}, ["in doubt"])
