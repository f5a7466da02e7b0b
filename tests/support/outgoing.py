"""An outbox with its senders over a local Slack, all on one clock that stands still until a test moves it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine, select

from bot.playground.local_slack.server import Slack
from bot.slack.poster import SlackPoster
from bot.slack.slack_time import SlackTime
from scheduler.delivery import Delivery, Draft
from scheduler.duplicates import DuplicateRemoval
from tests.support.posters import for_every_workspace
from tiercore.notifications import claims, outbox
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxMessage, SendPolicy
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
TEAM = "T01LOCAL"
ANSWER_SECONDS = 30.0  # however busy the machine is
POLICY = SendPolicy(per_second=1_000)


class Time:
    """The true time. A machine's clock may be `ahead` of it; what counts seconds since boot never is."""

    def __init__(self) -> None:
        self.passed = self.ahead = 0.0

    def slack(self) -> float:
        return NOON.timestamp() + self.passed

    def steady(self) -> float:
        return self.passed

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.passed + self.ahead)


class Outgoing:
    """One machine's outbox and sender. `corrected` follows Slack's time; otherwise it uses the machine's own clock."""

    def __init__(
        self, slack: Slack, engine: Engine, session: aiohttp.ClientSession, time: Time, *, corrected: bool = True
    ) -> None:
        self.slack, self.engine, self.time = slack, engine, time
        self.slack_time = SlackTime(time.wall, time.steady)
        clock = self.slack_time.now if corrected else time.wall
        self.writer = Transactions(engine, clock, NOTIFICATIONS_LOCK)
        self.outbox = Outbox(self.writer, self.slack_time.now)
        client = AsyncWebClient("xoxb-local", base_url=slack.api_url, session=session, retry_handlers=[])
        self.poster = SlackPoster(client, ANSWER_SECONDS, slack_time=self.slack_time, steady=time.steady)
        self.removal = DuplicateRemoval(self.outbox, for_every_workspace(self.poster), POLICY)

    def sender(self, name: str = "one") -> Delivery:
        return Delivery(self.outbox, for_every_workspace(self.poster), self.compose, name, POLICY)

    async def compose(self, message: ClaimedMessage) -> Draft:
        says = str(message.content["says"])
        return Draft({"text": says}, again={"text": f"{says} (may be repeated)"})

    def put(self, *says: str, channel: str = "C001", content: dict | None = None, **more) -> None:
        """Queue messages that have been due for two days."""
        messages = [
            OutboxMessage(each, TEAM, channel, {"says": each, **(content or {})}, NOON - timedelta(days=2), **more)
            for each in says
        ]
        self.writer.write_now(lambda db, now: outbox.put(db, messages, now))

    def claim(self, owner: str, *, begin: bool) -> list[ClaimedMessage]:
        """Claim as a sender that is killed then, or just after its calls have begun."""

        def claimed(db, now: datetime) -> list[ClaimedMessage]:
            found = claims.claim(db, owner, now, 100, POLICY)
            if begin:
                claims.begin(db, owner, [each.outbox_id for each in found], now, self.slack_time.now(), POLICY)
            return found

        return self.writer.write_now(claimed)

    async def run(self, sender: Delivery, seconds: float, step: float = 1.0) -> None:
        """Let so much time pass."""
        ends = self.time.passed + seconds
        while self.time.passed < ends:
            while await sender.step():
                pass
            self.time.passed += step

    def rows(self) -> list:
        with reading(self.engine) as connection:
            return connection.execute(select(table(OutboxRow)).order_by("outbox_id")).all()

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.rows())

    def texts(self, channel: str | None = None) -> list[str]:
        """What was posted, in order."""
        shown = sorted(self.slack.state.screen.messages.values(), key=lambda each: float(each.ts))
        return [each.text for each in shown if channel in (None, each.channel)]
