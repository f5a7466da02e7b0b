"""The running scheduler: what it sends, and what it does on every tick."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from bot.settings import Settings
from bot.slack.connection import Connection
from bot.wiring import Core
from bot.workspaces import ServedWorkspaces
from handlers.conversation import Conversation
from handlers.services import Services
from scheduler.alerts import AlertMonitor
from scheduler.audiences import Audiences
from scheduler.credit_days import CreditDayMonitor
from scheduler.delivery import Delivery
from scheduler.duplicates import DuplicateRemoval
from scheduler.periodic import PeriodicTask
from scheduler.scheduler import Scheduler
from scheduler.verification import NightlyVerification
from tiercore.notifications.outbox_types import Outcome, SendPolicy

_IDLE_SECONDS = 1.0


@asynccontextmanager
async def running_scheduler(
    core: Core,
    services: Services,
    conversation: Conversation,
    workspaces: ServedWorkspaces,
    connection: Connection,
    on_outcome: Callable[[Outcome], None],
) -> AsyncIterator[Scheduler]:
    """The scheduler, started, and stopped at the end."""
    settings, answers, today = core.settings, conversation.answers, conversation.today
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    policy = _send_policy(settings)
    delivery = Delivery(services.outbox, workspaces.poster_of, workspaces.compose, owner, policy, on_outcome=on_outcome)
    duplicates = DuplicateRemoval(services.outbox, workspaces.poster_of, policy)
    audiences = Audiences(answers, services.notifications)
    alerts = AlertMonitor(answers, services.notifications, today, audiences)
    credit_days = CreditDayMonitor(answers, services.notifications, today, audiences)
    late = timedelta(hours=settings.late_hours)
    nightly = NightlyVerification(services.verifications)
    sync = PeriodicTask("hubspot_sync", services.syncs.is_due, partial(_run_sync, core))
    ticks = [connection.check, alerts.check, credit_days.check, duplicates.remove, nightly.check, sync.check]
    ticks += [services.uploads.forget, services.approvals.settle_due, services.typed.ask_about_matches]
    ticks += [services.pipeline.ask_about_past, services.workspaces.purge_due]
    scheduler = Scheduler(services.notifications, delivery, late, ticks)
    scheduler.start(settings.tick_seconds, min(_IDLE_SECONDS, settings.tick_seconds))
    try:
        yield scheduler
    finally:
        await scheduler.stop(0)
        await sync.stop()
        await nightly.stop()


async def _run_sync(core: Core) -> None:
    """Sync with HubSpot, whose client is imported by the first sync that is due."""
    from bot.syncing import run_sync

    await run_sync(core)


def _send_policy(settings: Settings) -> SendPolicy:
    """The pace and the time limits of sending, from the settings."""
    return SendPolicy(
        settings.posts_a_second,
        lease=timedelta(seconds=settings.lease_seconds),
        settle=timedelta(seconds=settings.settle_seconds),
        sweep=timedelta(seconds=settings.sweep_seconds),
    )
