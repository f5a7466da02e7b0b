"""The outbox is delivered exactly once, whatever Slack does: the local Slack's journal decides."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine, select

from bot.playground.local_slack import faults
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Workspace
from bot.slack.poster import SlackPoster
from scheduler.delivery import Delivery, Draft, NoLongerWanted
from scheduler.duplicates import DuplicateRemoval
from scheduler.scheduler import Scheduler
from tiercore.notifications import claims, outbox
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.types import ClaimedMessage, OutboxMessage, Outcome, SendPolicy, State
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions, utc_now

FAST = SendPolicy(a_second=1_000, lease=timedelta(seconds=2), settle=timedelta(seconds=0.3))
CHANNELS = 40
TIMEOUT = 30  # seconds: everything that will happen happens sooner, however busy the machine is
HANG_TIMEOUT = 0.3  # seconds to wait for a response that won't come


@dataclass
class Post:
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
        return Delivery(Outbox(self.writer), self.poster(seconds), self.tell, name, FAST)

    async def tell(self, letter: ClaimedMessage) -> Draft:
        if letter.key in self.unwanted:
            raise NoLongerWanted("unsubscribed")
        says = str(letter.content["says"])
        return Draft({"text": says}, changes=bool(letter.content.get("changes")))

    def put(self, *letters: OutboxMessage) -> int:
        return self.writer.write_now(lambda connection, now: outbox.put(connection, letters, now))

    async def until_quiet(self, *senders: Delivery) -> None:
        ends = time.monotonic() + TIMEOUT
        while left := self.states() & {"pending", "sending", "unknown"}:
            assert time.monotonic() < ends, f"{left} after {TIMEOUT} s: {self.rows()}"
            busy = [await sender.step() for sender in senders]
            await asyncio.sleep(0 if any(busy) else 0.02)

    def states(self) -> set[str]:
        return {row.state for row in self.rows()}

    def rows(self) -> list:
        with reading(self.engine) as connection:
            return connection.execute(select(table(OutboxRow)).order_by("outbox_id")).all()

    def told(self) -> Counter[str]:
        """The texts in the channels with their counts."""
        return Counter(message.text for message in self.slack.state.screen.messages.values())


def letter(number: int, place: str | None = None, **more) -> OutboxMessage:
    now = datetime.now(UTC) - timedelta(seconds=1)
    return OutboxMessage(f"k{number}", "T1", place or f"C{number:03d}", {"says": f"m{number}"}, now, **more)


@pytest.fixture
async def post(engine: Engine) -> AsyncIterator[Post]:
    workspace = Workspace(channels=tuple(Channel(f"C{n:03d}", f"c{n}") for n in range(CHANNELS)))
    async with Slack(workspace=workspace) as slack, aiohttp.ClientSession() as session:
        yield Post(slack, engine, session)


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
async def test_each_message_is_sent_once_whatever_slack_does(post: Post, fault: faults.Fault):
    post.slack.faults.add("chat.postMessage", fault, times=3)
    post.put(*(letter(number) for number in range(10)))
    await post.until_quiet(post.sender(seconds=HANG_TIMEOUT if fault.kind == "hang" else TIMEOUT))
    assert post.told() == Counter({f"m{number}": 1 for number in range(10)})
    assert post.states() == {"sent"}


@pytest.mark.parametrize("below", [False, True], ids=["a message", "a reply in a thread"])
async def test_a_late_duplicate_is_deleted(post: Post, below: bool):
    """The post times out, is not found and is sent again; then the first one appears."""
    if below:
        post.put(letter(0, "C001"))
        await post.until_quiet(post.sender())
    sent_again = asyncio.Event()
    post.slack.faults.add("chat.postMessage", faults.accepted_once(sent_again))
    post.put(letter(1, "C001", root_key="k0" if below else None))
    await post.until_quiet(post.sender("one", HANG_TIMEOUT))
    assert post.told()["m1"] == 1
    sent_again.set()
    assert await post.slack.until(lambda: post.told()["m1"] == 2, TIMEOUT), "the first one didn't appear"
    sweeping = DuplicateRemoval(Outbox(post.writer), post.poster(), FAST)
    ends = time.monotonic() + TIMEOUT
    while not await sweeping.look():
        assert time.monotonic() < ends, f"nothing was taken away within {TIMEOUT} s: {post.rows()}"
        await asyncio.sleep(0.05)
    assert post.told()["m1"] == 1
    kept = [each.ts for each in post.slack.state.screen.messages.values() if each.text == "m1"]
    assert kept == [row.ts for row in post.rows() if row.key == "k1"]
    assert await sweeping.look() == 0


async def test_a_message_never_in_doubt_is_not_searched_for(post: Post):
    post.put(letter(1), letter(2))
    post.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await post.until_quiet(post.sender())
    assert sorted(row.sweep_at is not None for row in post.rows()) == [False, True]


async def test_two_senders_share_the_work_and_send_nothing_twice(post: Post):
    post.put(*(letter(number) for number in range(CHANNELS)))
    await post.until_quiet(post.sender("one"), post.sender("two"))
    assert post.told() == Counter({f"m{number}": 1 for number in range(CHANNELS)})


async def test_another_sender_takes_over_from_a_lost_one(post: Post):
    """One sender is killed before it posts, another after: nothing is lost or duplicated."""
    post.put(letter(1), letter(2))
    lost = post.writer.write_now(lambda connection, now: claims.claim(connection, "lost", now, 10, FAST))
    assert len(lost) == 2
    await post.poster().post("C001", {"text": "m1"}, lost[0].marker, None)
    await post.until_quiet(post.sender("another"))
    assert post.told() == Counter({"m1": 1, "m2": 1})


async def test_a_sender_with_an_expired_lease_sends_nothing(post: Post):
    """The sender pauses between claiming a message and posting it."""
    stood_still = timedelta()
    writer = Transactions(post.engine, lambda: utc_now() + stood_still, NOTIFICATIONS_LOCK)

    async def stand_still(claimed: ClaimedMessage) -> Draft:
        nonlocal stood_still
        stood_still = FAST.lease
        return await post.tell(claimed)

    post.put(letter(1))
    frozen = Delivery(Outbox(writer), post.poster(), stand_still, "frozen", FAST)
    ends = time.monotonic() + TIMEOUT
    while not any(row.reason for row in post.rows()):
        assert time.monotonic() < ends, f"nothing came of it within {TIMEOUT} s"
        await frozen.step()
    [row] = post.rows()
    assert (row.state, row.reason) == ("unknown", "sending was interrupted")
    assert not post.told()
    post.writer = writer
    await post.until_quiet(post.sender("another"))
    assert post.told() == Counter({"m1": 1})


async def test_a_channel_gets_one_message_a_second_in_order(post: Post):
    post.put(*(letter(number, "C001") for number in range(3)))
    await post.until_quiet(post.sender())
    assert [each.text for each in post.slack.state.screen.in_channel("C001")] == ["m0", "m1", "m2"]
    assert post.slack.journal.errors == []


async def test_a_channels_second_counts_from_when_slack_accepted_the_message(post: Post):
    post.put(letter(0, "C001"), letter(1, "C001"), letter(2, "C002"))
    began = datetime.now(UTC)

    def claimed(seconds: float) -> list[str]:
        at, policy = began + timedelta(seconds=seconds), SendPolicy(a_second=1_000, lease=timedelta(seconds=60))
        return [
            each.key
            for each in post.writer.write_now(lambda connection, _: claims.claim(connection, "x", at, 9, policy))
        ]

    assert claimed(0) == ["k0", "k2"]
    assert claimed(5) == [], "the first one is still on its way"
    taken = [Outcome(row.outbox_id, State.SENT) for row in post.rows() if row.key == "k0"]
    at = began + timedelta(seconds=5)
    post.writer.write_now(lambda connection, _: claims.settle(connection, "x", taken, at, FAST))
    assert claimed(5.9) == []
    assert claimed(6.1) == ["k1"]


async def test_a_lost_senders_channel_is_free_when_the_lease_ends(post: Post):
    post.put(letter(0, "C001"), letter(1, "C001"))
    began = datetime.now(UTC)
    assert len(post.writer.write_now(lambda connection, _: claims.claim(connection, "lost", began, 9, FAST))) == 1
    later = began + FAST.lease + timedelta(seconds=1)
    [free] = post.writer.write_now(lambda connection, _: claims.claim(connection, "x", later, 9, FAST))
    assert free.key == "k1"


async def test_the_workspace_rate_limit_is_respected(post: Post):
    slow = SendPolicy(a_second=2)
    post.put(*(letter(number) for number in range(10)))
    claimed = post.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 50, slow))
    assert len(claimed) == 2
    assert post.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 50, slow)) == []


@pytest.mark.parametrize(
    "word", ["channel_not_found", "is_archived", "not_in_channel", "token_revoked", "account_inactive"]
)
async def test_a_permanently_refused_message_is_dead_with_the_reason(post: Post, word: str):
    post.slack.faults.add("chat.postMessage", faults.refused(word))
    post.put(letter(1))
    await post.until_quiet(post.sender())
    [row] = post.rows()
    assert (row.state, row.reason) == ("dead", word)


async def test_a_message_nobody_wants_any_more_is_dropped(post: Post):
    post.put(letter(1), letter(2, expires=datetime.now(UTC) - timedelta(minutes=1)))
    post.unwanted.add("k1")
    await post.until_quiet(post.sender())
    assert [(row.state, row.reason) for row in post.rows()] == [
        ("dropped", "unsubscribed"),
        ("dropped", "too late to send"),
    ]


async def test_a_follow_up_waits_for_its_root_and_is_posted_in_its_thread(post: Post):
    post.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    post.put(letter(2, "C001", root_key="k1"), letter(1, "C001"))
    changed = OutboxMessage(
        "k3", "T1", "C001", {"says": "green again", "changes": True}, datetime.now(UTC), root_key="k1"
    )
    post.put(changed)
    await post.until_quiet(post.sender())
    [root, below] = post.slack.state.screen.in_channel("C001")
    assert (root.text, below.text) == ("green again", "m2")
    assert below.thread_ts == root.ts


async def test_a_reply_in_doubt_is_searched_for_in_its_thread(post: Post):
    post.put(letter(1, "C001"))
    await post.until_quiet(post.sender())
    post.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    post.put(letter(2, "C001", root_key="k1"))
    await post.until_quiet(post.sender())
    assert post.told() == Counter({"m1": 1, "m2": 1})


async def test_messages_waiting_for_their_root_do_not_block_others(post: Post):
    """A root delayed until the morning, a hundred updates of it, and a message to someone else."""
    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    post.put(OutboxMessage("root", "T1", "C001", {"says": "root"}, tomorrow))
    post.put(*(letter(number, "C001", root_key="root") for number in range(100)))
    post.put(letter(200, "C002"))
    claimed = post.writer.write_now(lambda connection, now: claims.claim(connection, "x", now, 5, FAST))
    assert [each.key for each in claimed] == ["k200"]


@pytest.mark.parametrize(
    ("status", "body", "content_type", "state"),
    [
        (200, "<html>welcome</html>", "text/html", "unknown"),
        (200, '{"ok": tru', "application/json", "unknown"),
        (502, "<html>bad gateway</html>", "application/json", "unknown"),
        (403, "<html>proxy says no</html>", "text/html", "pending"),
        (407, "", "text/plain", "pending"),
        (200, '{"ok": false, "error": "is_archived"}', "application/json", "dead"),
    ],
)
async def test_a_response_that_is_not_slacks_does_not_kill_a_message(
    post: Post, status: int, body: str, content_type: str, state: str
):
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=content_type)

    proxy = web.Application()
    proxy.router.add_post("/api/chat.postMessage", answer)
    async with TestServer(proxy) as server:
        client = AsyncWebClient(
            token="xoxb-local", base_url=str(server.make_url("/api/")), session=post.session, retry_handlers=[]
        )
        patient = SendPolicy(a_second=1_000, lease=timedelta(seconds=2 * TIMEOUT), settle=timedelta(seconds=60))
        sender = Delivery(Outbox(post.writer), SlackPoster(client, TIMEOUT), post.tell, "one", patient)
        post.put(letter(1))
        ends = time.monotonic() + TIMEOUT
        while post.states() & {"sending"} or not any(row.reason for row in post.rows()):
            assert time.monotonic() < ends, f"nothing came of it within {TIMEOUT} s: {post.rows()}"
            await sender.step()
    assert post.states() == {state}


async def test_a_sender_stopped_while_claiming_leaves_nothing_in_doubt(post: Post):
    post.put(*(letter(number) for number in range(10)))
    writer = Transactions(post.engine, lock=NOTIFICATIONS_LOCK)
    scheduler = Scheduler(writer, post.sender(), timedelta(hours=4))
    scheduler.start(5, 0.01)
    await asyncio.sleep(0.01)
    assert await scheduler.stop(TIMEOUT) == 0
    assert post.states() <= {"sent", "pending"}
    assert sum(post.told().values()) == len([row for row in post.rows() if row.state == "sent"])


async def test_without_history_scope_a_message_in_doubt_is_held_for_the_operator(post: Post):
    post.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    post.slack.faults.add("conversations.history", faults.refused("missing_scope"))
    post.put(letter(1))
    await post.until_quiet(post.sender())
    [row] = post.rows()
    assert row.state == "held"
    assert "missing_scope" in row.reason


async def test_the_same_message_is_enqueued_once(post: Post):
    assert post.put(letter(1), letter(2)) == 2
    assert post.put(letter(2), letter(3)) == 1


async def test_a_stopping_sender_finishes_its_claimed_messages(post: Post):
    post.put(*(letter(number) for number in range(10)))
    sender = post.sender()
    await sender.step()
    assert await sender.finish(TIMEOUT) == 0
    sent = [row for row in post.rows() if row.state == "sent"]
    assert len(sent) == 10
    assert "sending" not in post.states()
