"""The outbox is delivered exactly once, whatever Slack does: the local Slack's journal decides."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine, select, update

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Workspace
from bot.slack.poster import SlackPoster
from scheduler.delivery import Delivery, Draft, NoLongerWanted
from scheduler.duplicates import DuplicateRemoval
from scheduler.scheduler import Scheduler
from tests.support.posters import for_every_workspace
from tiercore.notifications import claims, outbox, outcomes
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxMessage, Outcome, Posted, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

FAST = SendPolicy(per_second=1_000, lease=timedelta(seconds=2), settle=timedelta(seconds=0.3))
CHANNELS = 40
TIMEOUT = 30  # seconds: everything that will happen happens sooner, however busy the machine is
HANG_TIMEOUT = 0.3  # seconds to wait for a response that won't come


@dataclass
class Outgoing:
    """A local Slack, an outbox and its senders."""

    slack: Slack
    engine: Engine
    session: aiohttp.ClientSession
    unwanted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.writer = Transactions(self.engine, lock=NOTIFICATIONS_LOCK)

    def poster(self, seconds: float = TIMEOUT) -> SlackPoster:
        client = AsyncWebClient(
            token=self.slack.bot_token, base_url=self.slack.api_url, session=self.session, retry_handlers=[]
        )
        return SlackPoster(client, seconds)

    def sender(self, name: str = "one", seconds: float = TIMEOUT) -> Delivery:
        return Delivery(Outbox(self.writer), for_every_workspace(self.poster(seconds)), self.compose, name, FAST)

    async def compose(self, message: ClaimedMessage) -> Draft:
        if message.key in self.unwanted:
            raise NoLongerWanted("unsubscribed")
        says = str(message.content["says"])
        return Draft({"text": says}, changes=bool(message.content.get("changes")))

    def enqueue(self, *messages: OutboxMessage) -> int:
        return self.writer.write_now(lambda connection, now: outbox.put(connection, messages, now))

    async def until_quiet(self, *senders: Delivery) -> None:
        ends = time.monotonic() + TIMEOUT
        while unfinished := self.states() & {"pending", "sending", "unknown"}:
            assert time.monotonic() < ends, f"{unfinished} after {TIMEOUT} s: {self.rows()}"
            busy = [await sender.step() for sender in senders]
            await asyncio.sleep(0 if any(busy) else 0.02)

    def states(self) -> set[str]:
        return {row.state for row in self.rows()}

    def rows(self) -> list:
        with reading(self.engine) as connection:
            return connection.execute(select(table(OutboxRow)).order_by("outbox_id")).all()

    def texts(self) -> Counter[str]:
        """The texts in the channels with their counts."""
        return Counter(message.text for message in self.slack.state.screen.messages.values())


def message(number: int, channel: str | None = None, **more) -> OutboxMessage:
    now = datetime.now(UTC) - timedelta(seconds=1)
    return OutboxMessage(f"k{number}", "T1", channel or f"C{number:03d}", {"says": f"m{number}"}, now, **more)


@pytest.fixture
async def outgoing(engine: Engine) -> AsyncIterator[Outgoing]:
    workspace = Workspace(channels=tuple(Channel(f"C{n:03d}", f"c{n}") for n in range(CHANNELS)))
    async with Slack(workspace=workspace) as slack, aiohttp.ClientSession() as session:
        yield Outgoing(slack, engine, session)


@pytest.mark.parametrize(
    "fault",
    [
        faults.rate_limited(1),
        faults.RESET,
        faults.LOST_ANSWER,
        faults.HANG,
        faults.HANG_AFTER_ACCEPTING,
        faults.server_error(),
        faults.server_error(accepted=True),
        faults.server_error(503, accepted=True),
    ],
    ids=lambda fault: f"{fault.name}{', accepted' if fault.accepted else ''}",
)
async def test_each_message_is_sent_once_whatever_slack_does(outgoing: Outgoing, fault: faults.Fault):
    outgoing.slack.faults.add("chat.postMessage", fault, times=3)
    outgoing.enqueue(*(message(number) for number in range(10)))
    await outgoing.until_quiet(outgoing.sender(seconds=HANG_TIMEOUT if fault.kind == "hang" else TIMEOUT))
    assert outgoing.texts() == Counter({f"m{number}": 1 for number in range(10)})
    assert outgoing.states() == {"sent"}


@pytest.mark.parametrize("as_reply", [False, True], ids=["a message", "a reply in a thread"])
async def test_a_late_duplicate_is_deleted(outgoing: Outgoing, as_reply: bool):
    """The post times out, is not found and is sent again; then the first one appears."""
    if as_reply:
        outgoing.enqueue(message(0, "C001"))
        await outgoing.until_quiet(outgoing.sender())
    sent_again = asyncio.Event()
    outgoing.slack.faults.add("chat.postMessage", faults.accepted_once(sent_again))
    outgoing.enqueue(message(1, "C001", root_key="k0" if as_reply else None))
    await outgoing.until_quiet(outgoing.sender("one", HANG_TIMEOUT))
    assert outgoing.texts()["m1"] == 1
    sent_again.set()
    assert await outgoing.slack.until(lambda: outgoing.texts()["m1"] == 2, TIMEOUT), "the first one didn't appear"
    removal = DuplicateRemoval(Outbox(outgoing.writer), for_every_workspace(outgoing.poster()), FAST)
    ends = time.monotonic() + TIMEOUT
    while not await removal.remove():
        assert time.monotonic() < ends, f"no duplicate was deleted within {TIMEOUT} s: {outgoing.rows()}"
        await asyncio.sleep(0.05)
    assert outgoing.texts()["m1"] == 1
    remaining = [each.ts for each in outgoing.slack.state.screen.messages.values() if each.text == "m1"]
    assert remaining == [row.ts for row in outgoing.rows() if row.key == "k1"]
    assert await removal.remove() == 0


async def test_a_message_never_in_doubt_is_not_searched_for(outgoing: Outgoing):
    outgoing.enqueue(message(1), message(2))
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await outgoing.until_quiet(outgoing.sender())
    assert sorted(row.sweep_at is not None for row in outgoing.rows()) == [False, True]


async def test_two_senders_share_the_work_and_send_nothing_twice(outgoing: Outgoing):
    outgoing.enqueue(*(message(number) for number in range(CHANNELS)))
    await outgoing.until_quiet(outgoing.sender("one"), outgoing.sender("two"))
    assert outgoing.texts() == Counter({f"m{number}": 1 for number in range(CHANNELS)})


async def test_another_sender_takes_over_from_a_lost_one(outgoing: Outgoing):
    """A sender is killed after it has posted one message and before it posts another: nothing is lost or duplicated."""
    outgoing.enqueue(message(1), message(2))
    lost = outgoing.writer.write_now(lambda connection, now: claims.claim(connection, "lost", now, 10, FAST))
    assert len(lost) == 2
    ids = [each.outbox_id for each in lost]
    outgoing.writer.write_now(lambda connection, now: claims.begin(connection, "lost", ids, now, now, FAST))
    await outgoing.poster().post("C001", {"text": "m1"}, lost[0].marker, None)
    await outgoing.until_quiet(outgoing.sender("another"))
    assert outgoing.texts() == Counter({"m1": 1, "m2": 1})


async def test_a_sender_whose_lease_has_passed_to_another_sends_nothing(outgoing: Outgoing):
    """The sender pauses between claiming a message and posting it, and another one sends it meanwhile."""

    async def pause(claimed: ClaimedMessage) -> Draft:
        outgoing.writer.write_now(
            lambda db, _: db.execute(update(table(OutboxRow)).values(leased_until=0))
        )  # the clock moves on
        await outgoing.until_quiet(outgoing.sender("another"))
        return await outgoing.compose(claimed)

    outgoing.enqueue(message(1))
    frozen = Delivery(Outbox(outgoing.writer), for_every_workspace(outgoing.poster()), pause, "frozen", FAST)
    while await frozen.step():
        pass
    assert outgoing.texts() == Counter({"m1": 1})
    assert len(outgoing.slack.journal.calls("chat.postMessage")) == 1


async def test_a_conversation_that_cant_be_opened_leaves_nothing_in_doubt(outgoing: Outgoing):
    """It is opened before the call that posts begins, so that nothing else comes between the lease and that call."""
    outgoing.slack.faults.add("conversations.open", faults.HANG)
    outgoing.enqueue(message(1, "U01ANNA"))
    ends, sender = time.monotonic() + TIMEOUT, outgoing.sender(seconds=HANG_TIMEOUT)
    while not any(row.reason for row in outgoing.rows()):
        assert time.monotonic() < ends, f"no outcome within {TIMEOUT} s: {outgoing.rows()}"
        await sender.step()
    [row] = outgoing.rows()
    assert (row.state, row.doubts, row.last_tried_at) == ("pending", 0, None)
    assert not outgoing.slack.journal.calls("chat.postMessage")


async def test_a_channel_gets_one_message_a_second_in_order(outgoing: Outgoing):
    outgoing.enqueue(*(message(number, "C001") for number in range(3)))
    await outgoing.until_quiet(outgoing.sender())
    assert [each.text for each in outgoing.slack.state.screen.in_channel("C001")] == ["m0", "m1", "m2"]
    assert outgoing.slack.journal.errors == []


async def test_a_channels_second_counts_from_when_slack_accepted_the_message(outgoing: Outgoing):
    outgoing.enqueue(message(0, "C001"), message(1, "C001"), message(2, "C002"))
    started = datetime.now(UTC)

    def claimed(seconds: float) -> list[str]:
        at, policy = started + timedelta(seconds=seconds), SendPolicy(per_second=1_000, lease=timedelta(seconds=60))
        return [
            each.key
            for each in outgoing.writer.write_now(lambda connection, _: claims.claim(connection, "x", at, 9, policy))
        ]

    assert claimed(0) == ["k0", "k2"]
    assert claimed(5) == [], "the first one is still being sent"
    accepted = [Outcome(row.outbox_id, State.SENT) for row in outgoing.rows() if row.key == "k0"]
    at = started + timedelta(seconds=5)
    outgoing.writer.write_now(lambda connection, _: outcomes.record_outcomes(connection, "x", accepted, at, FAST))
    assert claimed(5.9) == []
    assert claimed(6.1) == ["k1"]


async def test_a_lost_senders_channel_is_free_when_the_lease_ends(outgoing: Outgoing):
    outgoing.enqueue(message(0, "C001"), message(1, "C001"))
    started = datetime.now(UTC)
    assert len(outgoing.writer.write_now(lambda connection, _: claims.claim(connection, "lost", started, 9, FAST))) == 1
    later = started + FAST.lease + timedelta(seconds=1)
    [free] = outgoing.writer.write_now(lambda connection, _: claims.claim(connection, "x", later, 9, FAST))
    assert free.key == "k1"


async def test_the_workspace_rate_limit_is_respected(outgoing: Outgoing):
    slow = SendPolicy(per_second=2)
    outgoing.enqueue(*(message(number) for number in range(10)))
    claimed = outgoing.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 50, slow))
    assert len(claimed) == 2
    assert outgoing.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 50, slow)) == []


@pytest.mark.parametrize("code", ["msg_too_long", "no_text", "invalid_arguments"])
async def test_a_permanently_refused_message_is_dead_with_the_reason(outgoing: Outgoing, code: str):
    outgoing.slack.faults.add("chat.postMessage", faults.refused(code))
    outgoing.enqueue(message(1))
    await outgoing.until_quiet(outgoing.sender())
    [row] = outgoing.rows()
    assert (row.state, row.reason) == ("dead", code)


async def test_composing_leaves_the_event_loop_to_others_between_any_two_messages(outgoing: Outgoing):
    """Composing that reads SQLite never waits for anything by itself."""
    outgoing.enqueue(*(message(number) for number in range(CHANNELS)))
    passes, composed_in = 0, Counter[int]()

    async def others() -> None:
        nonlocal passes
        while True:
            passes += 1
            await asyncio.sleep(0)

    async def compose(each: ClaimedMessage) -> Draft:
        composed_in[passes] += 1
        return Draft({"text": each.key})

    running = asyncio.create_task(others())
    await outgoing.until_quiet(
        Delivery(Outbox(outgoing.writer), for_every_workspace(outgoing.poster()), compose, "one", FAST)
    )
    running.cancel()
    assert composed_in.total() == CHANNELS
    assert max(composed_in.values()) == 1


async def test_calls_to_slack_leave_the_event_loop_to_others_between_any_two_of_them(outgoing: Outgoing):
    """Making a call takes a millisecond, and all messages that are composed begin to be posted together."""
    outgoing.enqueue(*(message(number) for number in range(CHANNELS)))
    passes, called_in, poster = 0, Counter[tuple[str, int]](), outgoing.poster()

    async def others() -> None:
        nonlocal passes
        while True:
            passes += 1
            await asyncio.sleep(0)

    class Counting:
        """A poster that counts its calls by passes of the event loop."""

        def __getattr__(self, name: str) -> Any:
            return getattr(poster, name)

        async def open(self, target: str) -> None:
            called_in["open", passes] += 1
            await poster.open(target)

        async def post(self, *asked: Any) -> Posted:
            called_in["post", passes] += 1
            return await poster.post(*asked)

    running = asyncio.create_task(others())
    poster_of = for_every_workspace(Counting())
    await outgoing.until_quiet(Delivery(Outbox(outgoing.writer), poster_of, outgoing.compose, "one", FAST))
    running.cancel()
    assert called_in.total() == 2 * CHANNELS
    assert max(called_in.values()) == 1


async def test_messages_that_wait_for_slack_while_they_are_composed_wait_together(outgoing: Outgoing):
    outgoing.enqueue(*(message(number) for number in range(CHANNELS)))
    waiting, all_wait = 0, asyncio.Event()

    async def compose(each: ClaimedMessage) -> Draft:
        nonlocal waiting
        waiting += 1
        if waiting == CHANNELS:
            all_wait.set()
        await all_wait.wait()
        return Draft({"text": each.key})

    async with asyncio.timeout(TIMEOUT):
        await outgoing.until_quiet(
            Delivery(Outbox(outgoing.writer), for_every_workspace(outgoing.poster()), compose, "one", FAST)
        )
    assert outgoing.states() == {"sent"}


async def test_a_message_nobody_wants_any_more_is_dropped(outgoing: Outgoing):
    outgoing.enqueue(message(1), message(2, expires=datetime.now(UTC) - timedelta(minutes=1)))
    outgoing.unwanted.add("k1")
    await outgoing.until_quiet(outgoing.sender())
    assert [(row.state, row.reason) for row in outgoing.rows()] == [
        ("dropped", "unsubscribed"),
        ("dropped", "too late to send"),
    ]


async def test_a_follow_up_waits_for_its_root_and_is_posted_in_its_thread(outgoing: Outgoing):
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    outgoing.enqueue(message(2, "C001", root_key="k1"), message(1, "C001"))
    changed = OutboxMessage(
        "k3", "T1", "C001", {"says": "green again", "changes": True}, datetime.now(UTC), root_key="k1"
    )
    outgoing.enqueue(changed)
    await outgoing.until_quiet(outgoing.sender())
    [root, reply] = outgoing.slack.state.screen.in_channel("C001")
    assert (root.text, reply.text) == ("green again", "m2")
    assert reply.thread_ts == root.ts


async def test_a_reply_in_doubt_is_searched_for_in_its_thread(outgoing: Outgoing):
    outgoing.enqueue(message(1, "C001"))
    await outgoing.until_quiet(outgoing.sender())
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    outgoing.enqueue(message(2, "C001", root_key="k1"))
    await outgoing.until_quiet(outgoing.sender())
    assert outgoing.texts() == Counter({"m1": 1, "m2": 1})


async def test_messages_waiting_for_their_root_do_not_block_others(outgoing: Outgoing):
    """A root delayed until the morning, a hundred updates of it, and a message to someone else."""
    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    outgoing.enqueue(OutboxMessage("root", "T1", "C001", {"says": "root"}, tomorrow))
    outgoing.enqueue(*(message(number, "C001", root_key="root") for number in range(100)))
    outgoing.enqueue(message(200, "C002"))
    claimed = outgoing.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 5, FAST))
    assert [each.key for each in claimed] == ["k200"]


@pytest.mark.parametrize(
    ("status", "body", "content_type", "state"),
    [
        (200, "<html>welcome</html>", "text/html", "unknown"),
        (200, '{"ok": tru', "application/json", "unknown"),
        (502, "<html>bad gateway</html>", "application/json", "unknown"),
        (403, "<html>proxy says no</html>", "text/html", "pending"),
        (407, "", "text/plain", "pending"),
        (200, '{"ok": false, "error": "is_archived"}', "application/json", "held"),
    ],
)
async def test_a_response_that_is_not_slacks_does_not_kill_a_message(
    outgoing: Outgoing, status: int, body: str, content_type: str, state: str
):
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=content_type)

    proxy = web.Application()
    proxy.router.add_post("/api/chat.postMessage", answer)
    async with TestServer(proxy) as server:
        client = AsyncWebClient(
            token="xoxb-local", base_url=str(server.make_url("/api/")), session=outgoing.session, retry_handlers=[]
        )
        patient = SendPolicy(per_second=1_000, lease=timedelta(seconds=2 * TIMEOUT), settle=timedelta(seconds=60))
        sender = Delivery(
            Outbox(outgoing.writer), for_every_workspace(SlackPoster(client, TIMEOUT)), outgoing.compose, "one", patient
        )
        outgoing.enqueue(message(1))
        ends = time.monotonic() + TIMEOUT
        while outgoing.states() & {"sending"} or not any(row.reason for row in outgoing.rows()):
            assert time.monotonic() < ends, f"no outcome within {TIMEOUT} s: {outgoing.rows()}"
            await sender.step()
    assert outgoing.states() == {state}


async def test_a_sender_stopped_while_claiming_leaves_nothing_in_doubt(outgoing: Outgoing):
    outgoing.enqueue(*(message(number) for number in range(10)))
    writer = Transactions(outgoing.engine, lock=NOTIFICATIONS_LOCK)
    scheduler = Scheduler(writer, outgoing.sender(), timedelta(hours=4))
    scheduler.start(5, 0.01)
    await asyncio.sleep(0.01)
    assert await scheduler.stop(TIMEOUT) == 0
    assert outgoing.states() <= {"sent", "pending"}
    assert sum(outgoing.texts().values()) == len([row for row in outgoing.rows() if row.state == "sent"])


async def test_without_history_scope_a_message_in_doubt_is_held_for_the_operator(outgoing: Outgoing):
    outgoing.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    outgoing.slack.faults.add("conversations.history", faults.refused("missing_scope"))
    outgoing.enqueue(message(1))
    await outgoing.until_quiet(outgoing.sender())
    [row] = outgoing.rows()
    assert row.state == "held"
    assert "missing_scope" in row.reason


async def test_the_same_message_is_enqueued_once(outgoing: Outgoing):
    assert outgoing.enqueue(message(1), message(2)) == 2
    assert outgoing.enqueue(message(2), message(3)) == 1


async def test_a_stopping_sender_finishes_its_claimed_messages(outgoing: Outgoing):
    outgoing.enqueue(*(message(number) for number in range(10)))
    sender = outgoing.sender()
    await sender.step()
    assert await sender.finish(TIMEOUT) == 0
    sent = [row for row in outgoing.rows() if row.state == "sent"]
    assert len(sent) == 10
    assert "sending" not in outgoing.states()
