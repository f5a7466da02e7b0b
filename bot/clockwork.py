"""The clockwork of one replica, wired: its writer, its way out, what it tells."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.composing import Composer
from bot.settings import Settings
from bot.slack.poster import SlackPoster
from bot.wiring import Core
from handlers.conversation import Conversation
from handlers.presenter import Presenter
from scheduler.alerts import AlertMonitor
from scheduler.delivery import Delivery
from scheduler.duplicates import DuplicateRemoval
from scheduler.scheduler import Scheduler
from tiercore.notifications.outbox import Outcome
from tiercore.notifications.rate_limit import SendPolicy
from tiercore.storage.engine import NOTIFICATIONS_LOCK
from tiercore.storage.transactions import Transactions

_IDLE_SECONDS = 1.0


def pace_of(settings: Settings) -> SendPolicy:
    """How fast, and with which patience, one posts."""
    return SendPolicy(
        settings.posts_a_second,
        lease=timedelta(seconds=settings.lease_seconds),
        settle=timedelta(seconds=settings.settle_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
    )


@asynccontextmanager
async def running_scheduler(
    core: Core,
    conversation: Conversation,
    presenter: Presenter,
    token: str,
    moment: Callable[[], datetime],
    on_outcome: Callable[[Outcome], None],
) -> AsyncIterator[Scheduler]:
    """The clockwork, at work; its posts have a session of their own, because they may wait longer than a question."""
    settings = core.settings
    writer = Transactions(core.engine, moment, NOTIFICATIONS_LOCK)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.post_seconds)) as session:
        client = AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        composer = Composer(conversation.answers, writer, presenter, conversation.today)
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        poster = SlackPoster(client, settings.post_seconds)
        policy = pace_of(settings)
        delivery = Delivery(writer, poster, composer.tell, owner, policy, on_outcome=on_outcome)
        sweeping = DuplicateRemoval(writer, poster, policy)
        alerting = AlertMonitor(conversation.answers, writer, conversation.today)
        scheduler = Scheduler(writer, delivery, timedelta(hours=settings.late_hours), [alerting.look, sweeping.look])
        scheduler.start(settings.tick_seconds, min(_IDLE_SECONDS, settings.tick_seconds))
        try:
            yield scheduler
        finally:
            await scheduler.stop(0)
