"""The Bolt app, set up so that no call to Slack delays an answer."""

import secrets

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from handlers.listeners import Listeners


class TracedApp(AsyncApp):
    """Gives each request (HTTP or socket) an id, which every log line about it carries, background work included."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Bolt's answer to the request."""
        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4)):
            return await super().async_dispatch(req)


def create_bolt_app(client: AsyncWebClient, handlers: Listeners) -> AsyncApp:
    """The app over a client whose token has been checked.

    Bolt's own verification is off: RequestVerifier has checked signature and time on the raw bytes, and a socket needs
    no check. `authorize` answers from memory, because Bolt would call auth.test (slack#authorization).
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

    app = TracedApp(
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
    handlers.register(app)

    @app.error
    async def malformed(error: Exception) -> BoltResponse:
        app.logger.error("listener failed: %s", type(error).__name__, exc_info=error)
        return BoltResponse(status=400, body="malformed")

    return app
