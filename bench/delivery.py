"""CPU time per delivered message: through the outbox, against the Slack client alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete

from bot.slack.poster import SlackPoster
from scheduler.delivery import Delivery, Draft
from tests.support.posters import for_every_workspace
from tiercore.notifications import outbox
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.outbox_types import ClaimedMessage, OutboxMessage, SendPolicy
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, database_url
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.notifications import OutboxRow, RateLimitRow
from tiercore.storage.transactions import Transactions

AT_ONCE = 100
BODY: dict[str, Any] = {
    "text": "Partner A: 420.00 points",
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 200}} for _ in range(8)],
}


@asynccontextmanager
async def client(api_url: str) -> AsyncIterator[AsyncWebClient]:
    """A client over its own session, without retries."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token="xoxb-bench", base_url=api_url, session=session, retry_handlers=[])


async def client_only(api_url: str, messages: int) -> float:
    """CPU seconds per message with the client alone, AT_ONCE at a time."""
    async with client(api_url) as slack:
        started = time.process_time()
        for first in range(0, messages, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, messages))
            await asyncio.gather(*(slack.chat_postMessage(channel=f"C{number:05d}", **BODY) for number in numbers))
        return (time.process_time() - started) / messages


async def through_outbox(api_url: str, messages: int, folder: Path) -> float:
    """CPU seconds per message through the outbox on SQLite."""
    engine = create_database_engine(database_url(f"sqlite:///{folder / 'outbox.db'}"))
    upgrade(engine)
    transactions, now = Transactions(engine, lock=NOTIFICATIONS_LOCK), datetime.now(UTC) - timedelta(seconds=1)
    queued = [OutboxMessage(f"k{number}", "T1", f"C{number:05d}", {}, now) for number in range(messages)]

    def refill(connection: Any, at: datetime) -> None:
        connection.execute(delete(table(OutboxRow)))
        connection.execute(delete(table(RateLimitRow)))
        outbox.put(connection, queued, at)

    transactions.write_now(refill)

    async def compose(_message: ClaimedMessage) -> Draft:
        return Draft(BODY)

    async with client(api_url) as slack:
        policy = SendPolicy(per_second=1_000_000)
        delivery = Delivery(
            Outbox(transactions), for_every_workspace(SlackPoster(slack)), compose, "bench", policy, at_once=AT_ONCE
        )
        started = time.process_time()
        while await delivery.step():
            pass
        spent = time.process_time() - started
    engine.dispose()
    return spent / messages
