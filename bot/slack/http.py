"""The HTTP server: /slack/events behind the front door, /healthz, /readyz, /metrics (architecture#front-door)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.metrics import Metrics
from bot.slack.manifest import EVENTS_PATH
from bot.slack.verification import LARGEST_BODY, InvalidRequest, RequestVerifier

log = structlog.get_logger()
NotReady = Callable[[], Awaitable[str | None]]
Figures = Callable[[], Awaitable[bytes]]


@dataclass(slots=True)
class SlackEndpoint:
    """Lets genuine requests through to Bolt; without a front door (Socket Mode alone) none."""

    app: AsyncApp
    verifier: RequestVerifier | None
    metrics: Metrics
    draining: bool = False

    async def events(self, request: web.Request) -> web.Response:
        """One request from Slack: 200, or 400, 401, 413 for what is not one; 503 while the server drains."""
        if self.draining:
            return web.Response(status=503, text="draining")
        if self.verifier is None:
            return web.Response(status=401, text="no_signing_secret")
        try:
            if "Content-Encoding" in request.headers:  # Slack sends none; unpacking would come before the check
                raise InvalidRequest(400, "encoded")
            body = await request.read()
            parsed = self.verifier.admit(body, request.headers)
        except web.HTTPRequestEntityTooLarge:
            self.metrics.rejected.labels("too_large").inc()
            return web.Response(status=413, text="too_large")
        except web.RequestPayloadError:
            self.metrics.rejected.labels("malformed").inc()
            return web.Response(status=400, text="malformed")
        except InvalidRequest as invalid:
            self.metrics.rejected.labels(invalid.word).inc()
            log.warning("rejected", word=invalid.word, status=invalid.status, peer=request.remote)
            return web.Response(status=invalid.status, text=invalid.word)
        with self.metrics.acknowledged.time():
            return await self._dispatch(parsed, request)

    async def _dispatch(self, parsed: dict[str, object], request: web.Request) -> web.Response:
        """Hand on what the front door parsed: in this mode Bolt takes it as it is and does not check again."""
        try:
            bolt_request = AsyncBoltRequest(body=parsed, headers=dict(request.headers), mode="socket_mode")
            answer = await self.app.async_dispatch(bolt_request)
        except Exception:
            log.exception("malformed_payload")
            return web.Response(status=400, text="malformed")
        if answer.status >= 500:
            return web.Response(status=400, text="malformed")
        kind = "application/json" if answer.body.startswith(("{", "[")) else "text/plain"
        return web.Response(status=answer.status, text=answer.body, content_type=kind)


def create_web_app(door: SlackEndpoint, not_ready: NotReady, figures: Figures) -> web.Application:
    """The routes. `not_ready` says why requests can't be answered now, None when they can; /metrics tells `figures`."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        reason = "draining" if door.draining else await not_ready()
        return web.json_response({"status": reason or "ready"}, status=503 if reason else 200)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await figures(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_post(EVENTS_PATH, door.events)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app


class HttpServer:
    """The web application on a port of its own."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=10)
        self._host, self._port = host, port
        self.port = 0

    async def start(self) -> None:
        """Listen; port 0 takes a free one, which `port` then tells."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and wait for the requests under way."""
        await self._runner.cleanup()
