"""The running bot: started in order, stopped in reverse order, finishing everything that it has acknowledged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import date, datetime
from functools import partial
from typing import TypeVar

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, text

from bot.disk import MINIMUM_FREE_BYTES, free_bytes
from bot.loop_watch import freeze_garbage_collector, give_way_to_the_loop, watch_loop
from bot.many_workspaces import many_workspaces
from bot.metrics import Metrics
from bot.scheduling import running_scheduler
from bot.slack.client import answering_session, installation_of, posting_session, web_client
from bot.slack.connection import Connection
from bot.slack.http import HttpServer, NotReady, SlackEndpoint, create_web_app
from bot.slack.slack_time import SlackTime
from bot.slack.verification import WINDOW_SECONDS, RequestVerifier
from bot.wiring import Core, create_services, open_conversation
from bot.workspaces import OneWorkspace, ServedWorkspace, ServedWorkspaces, Shared
from handlers.background import BackgroundTasks
from handlers.conversation import Conversation
from handlers.parsing.times import as_timezone
from handlers.read_log import ReadLog
from handlers.services import Services
from scheduler.scheduler import Scheduler
from scheduler.watch import watch
from tiercore.storage.answered import create_answered_requests
from tiercore.storage.reader import Reader, standby_status
from tiercore.turns import Turns, in_background

DRAIN_SECONDS = 8.0  # for everything that was acknowledged
_PING = select(text("1"))
Answer = TypeVar("Answer")
log = structlog.get_logger()


class CannotServe(RuntimeError):
    """The bot can't start; the message says what is missing and where to find it."""


class Bot:
    """One replica: after `await start()` it listens on `port` and answers until `await stop()`.

    `clock` gives the seconds for verifying requests, `today` the day that questions are about, `moment` the time for
    notifications; all three follow Slack's time by default.
    """

    def __init__(
        self,
        core: Core,
        clock: Callable[[], float] | None = None,
        today: Callable[[], date] | None = None,
        moment: Callable[[], datetime] | None = None,
    ) -> None:
        self.slack_time = SlackTime()
        self._core, self._clock, self.moment = core, clock or self.slack_time.seconds, moment or self.slack_time.now
        self._today = today or (lambda: core.settings.today_is(self.moment()))
        self._stack = AsyncExitStack()
        self._background = BackgroundTasks()
        self._endpoint: SlackEndpoint | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._server: HttpServer | None = None
        self.scheduler: Scheduler | None = None
        self.workspaces: ServedWorkspaces | None = None
        self._refused: str | None = None  # what Slack refuses in one workspace of several
        self.port = 0

    async def start(self) -> None:
        """Connect, check the token, listen. Raises CannotServe, NotReadyToRun."""
        settings = self._core.settings
        tokens = (settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token)
        token, secret, app_token = (each.get_secret_value() if each else "" for each in tokens)
        if not token and not settings.slack_client_id:
            raise CannotServe(
                "neither SLACK_BOT_TOKEN nor SLACK_CLIENT_ID is set. For one workspace set the first: it is under "
                "OAuth & Permissions of your Slack app (xoxb-…). To be installed by a click in many, set the second, "
                "which is under Basic Information (docs/slack.md#install)"
            )
        if not secret and not app_token:
            how = "set SLACK_SIGNING_SECRET (HTTP, under Basic Information) or SLACK_APP_TOKEN (Socket Mode)"
            raise CannotServe(how)
        try:
            await self._start(token, secret, app_token)
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self, token: str, secret: str, app_token: str) -> None:
        settings = self._core.settings
        conversation, reader = await self._stack.enter_async_context(open_conversation(self._core, self._today))
        await asyncio.to_thread(as_timezone, settings.timezone)  # reads the list of zones
        metrics = Metrics()
        services = create_services(self._core, self.moment, self.slack_time.now, self._today)
        read_log = ReadLog(services.people)
        shared = Shared(
            settings,
            conversation,
            services,
            self._background,
            read_log,
            self.slack_time,
            metrics.on_question,
            await self._stack.enter_async_context(answering_session()),
            await self._stack.enter_async_context(posting_session(settings.post_seconds)),
        )
        only = await self._only_workspace(shared, token) if token else None
        client = only.poster.client if only else web_client(None, settings.slack_api_url, shared.posting)
        workspaces, pages = (OneWorkspace(only), []) if only else many_workspaces(shared, client)
        self.workspaces = workspaces
        self._endpoint = SlackEndpoint(workspaces.dispatch, await self._verifier(secret) if secret else None, metrics)
        site = create_web_app(
            self._endpoint,
            self._not_ready(reader, services),
            {
                "clock": self.slack_time.complaint,
                "standby": partial(_standby_complaint, reader),
                "workspaces": lambda: self._refused,
            },
            lambda: metrics.render(services, standby_status(reader)),
        )
        site.router.add_routes(pages)
        self._server = HttpServer(site, settings.host, settings.port)
        self._stack.push_async_callback(self._server.stop)
        await self._server.start()
        self.port = self._server.port
        if only and app_token:
            await _check("app-level token", client, client.apps_connections_open(app_token=app_token))
            await self._connect_socket(only.app, app_token, client)
        self._stack.push_async_callback(read_log.close)
        for work in (watch_loop(metrics.on_hold), read_log.run(), self._watch(conversation, workspaces)):
            self._stack.push_async_callback(_cancelled, asyncio.ensure_future(work))
        self.scheduler = await self._stack.enter_async_context(
            running_scheduler(
                self._core,
                services,
                conversation,
                workspaces,
                Connection(client, self.slack_time),
                metrics.on_outcome,
            )
        )
        freeze_garbage_collector()
        give_way_to_the_loop()
        log.info("serving", port=self.port, socket_mode=bool(app_token))

    async def _only_workspace(self, shared: Shared, token: str) -> ServedWorkspace:
        """The workspace that the token is of. Raises CannotServe."""
        client = web_client(token, shared.settings.slack_api_url, shared.answering)
        asked = self.slack_time.started()
        answer = await _check("bot token", client, client.auth_test())
        self.slack_time.heard(asked, answer.headers)
        served = shared.serve(installation_of(answer), token)
        await served.listeners.enterprise.start()
        return served

    async def _verifier(self, secret: str) -> RequestVerifier:
        """Verifies requests, and remembers those that any replica has answered."""
        answered = create_answered_requests(self._core.engine, 2 * WINDOW_SECONDS)
        self._stack.push_async_callback(answered.close)
        verifier = RequestVerifier(secret.encode(), self._clock, answered)
        verifier.remember(await answered.open(self._clock()))
        return verifier

    async def _watch(self, conversation: Conversation, workspaces: ServedWorkspaces) -> None:
        """Refresh recently opened Home tabs whenever the data or the day changes."""

        async def version_and_day() -> tuple[int, date]:
            return await conversation.answers.version(), conversation.today()

        with in_background(Turns()):
            await watch(version_and_day, workspaces.refresh_homes, self._core.settings.watch_seconds)

    async def _connect_socket(self, app: AsyncApp, app_token: str, client: AsyncWebClient) -> None:
        self._socket = AsyncSocketModeHandler(app, app_token, web_client=client)
        await self._socket.connect_async()  # type: ignore[no-untyped-call]
        self._stack.push_async_callback(self._socket.close_async)

    def _not_ready(self, reader: Reader, services: Services) -> NotReady:
        async def reason() -> str | None:
            try:
                await asyncio.wait_for(reader.fetch((_PING, {})), timeout=2)
            except Exception as error:
                return f"database: {type(error).__name__}"
            if (free := free_bytes(self._core.url)) < MINIMUM_FREE_BYTES:
                return f"disk: {free >> 20} MiB are left"
            if removed := self.workspaces and self.workspaces.removed:
                return f"slack: {removed}"
            if self._socket is not None and not await self._socket.client.is_connected():
                return "socket mode: not connected"
            refused = [each for each in await services.outbox.faults() if each.fault.is_operators]
            self._refused = next((str(each) for each in refused if each.team_id), None)
            return next((str(each) for each in refused if not each.team_id), None)

        return reason

    def drain(self) -> None:
        """Accept no more requests: /readyz reports it, and Slack gets a 503."""
        if self._endpoint is not None:
            self._endpoint.draining = True

    async def stop(self) -> None:
        """Accept no more requests, finish what was acknowledged (DRAIN_SECONDS at most), close everything."""
        self.drain()
        ends = time.monotonic() + DRAIN_SECONDS

        def left() -> float:
            return max(0.1, ends - time.monotonic())

        if self._socket is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._socket.client.disconnect(), left())  # type: ignore[no-untyped-call]
        if self._server is not None:
            await self._server.stop(left())
        if self.scheduler is not None:
            await self.scheduler.stop(left())
        lost = await self._background.finish(left())
        await self._stack.aclose()
        log.info("stopped", unfinished=lost)


def _standby_complaint(reader: Reader) -> str | None:
    """Why answers aren't read from the standby; None where they are, or there is none."""
    status = standby_status(reader)
    return status.why or None if status else None


async def _cancelled(task: asyncio.Future[None]) -> None:
    """Cancel a task that would run forever, and wait for it."""
    task.cancel()
    await asyncio.wait((task,))


async def _check(what: str, client: AsyncWebClient, call: Awaitable[Answer]) -> Answer:
    """The call's answer. Raises CannotServe where Slack refuses its token or can't be reached."""
    try:
        return await call
    except SlackApiError as error:
        raise CannotServe(f"Slack refused the {what}: {error.response.get('error')}") from error
    except (OSError, TimeoutError) as error:
        raise CannotServe(f"Slack can't be reached at {client.base_url}: {error}") from error
