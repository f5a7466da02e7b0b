"""The Bolt app, set up so that no call to Slack delays an answer."""

import random
from collections.abc import Awaitable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from handlers.listeners import Listeners


class CommandsFirst(AsyncApp):
    """A Bolt app that answers slash commands itself, before it makes a context and a client for the request, authorizes
    it and looks for its listener, which takes as long as all the rest (architecture#hot-path).

    Each request (HTTP or socket) gets an id, which every log line about it carries, background work included.
    """

    handlers: Listeners

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """The answer to a request, by way of the listeners unless it is a command."""
        if self.handlers.is_command(req.body):
            return await self.answer(req.body)
        return await _traced(super().async_dispatch(req))

    async def dispatch_body(self, body: dict[str, Any], headers: Mapping[str, str]) -> BoltResponse:
        """The answer to a request whose body has been verified and parsed. In Socket Mode's form Bolt takes it as it
        is.
        """
        if self.handlers.is_command(body):
            return await self.answer(body)
        request = AsyncBoltRequest(body=body, headers=dict(headers), mode="socket_mode")
        return await _traced(super().async_dispatch(request))

    async def answer(self, command: dict[str, Any]) -> BoltResponse:
        """The answer to a slash command, "malformed" for one that can't be read."""
        try:
            return await _traced(self.handlers.on_command(command))
        except Exception as error:
            return self.malformed(error)

    def malformed(self, error: Exception) -> BoltResponse:
        """The answer to a request that can't be read; the error is logged."""
        self.logger.error("listener failed: %s", type(error).__name__, exc_info=error)
        return BoltResponse(status=400, body="malformed")


async def _traced(work: Awaitable[BoltResponse]) -> BoltResponse:
    bound = structlog.contextvars.bind_contextvars(request=f"{random.getrandbits(32):08x}")
    try:
        return await work
    finally:
        structlog.contextvars.reset_contextvars(**bound)


def create_bolt_app(client: AsyncWebClient, handlers: Listeners) -> CommandsFirst:
    """The app over a client whose token has been checked.

    Bolt's own verification is off: RequestVerifier has checked signature and time on the raw bytes, and a socket needs
    no check. `authorize` answers from memory, because Bolt would call auth.test (slack#authorization).
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    app = CommandsFirst(
        name="tierbot",  # without one, Bolt looks through the source files of everything on the stack
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.handlers = handlers
    handlers.register(app)

    @app.error
    async def malformed(error: Exception) -> BoltResponse:
        return app.malformed(error)

    return app
