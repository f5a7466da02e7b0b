"""The HTTP server: /slack/events with verification, /healthz, /readyz, /metrics (architecture#front-door)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.metrics import Metrics
from bot.slack.manifest import EVENTS_PATH
from bot.slack.verification import MAX_BODY_BYTES, InvalidRequest, RequestVerifier

log = structlog.get_logger()
NotReady = Callable[[], Awaitable[str | None]]
Complaint = Callable[[], str | None]
RenderMetrics = Callable[[], Awaitable[bytes]]


@dataclass(slots=True)
class SlackEndpoint:
    """Passes verified requests on to Bolt; without a verifier (Socket Mode only) it refuses all of them."""

    app: AsyncApp
    verifier: RequestVerifier | None
    metrics: Metrics
    draining: bool = False

    async def events(self, request: web.Request) -> web.Response:
        """Answer a request from Slack: 200; 400, 401 or 413 where it isn't a genuine one; 503 while draining."""
        if self.draining:
            return web.Response(status=503, text="draining")
        if self.verifier is None:
            return web.Response(status=401, text="no_signing_secret")
        try:
            if "Content-Encoding" in request.headers:  # Slack never compresses, and aiohttp would decompress unverified
                raise InvalidRequest(400, "encoded")
            body = await request.read()
            parsed = await self.verifier.verify(body, request.headers)
        except web.HTTPRequestEntityTooLarge:
            self.metrics.rejected.labels("too_large").inc()
            return web.Response(status=413, text="too_large")
        except web.RequestPayloadError:
            self.metrics.rejected.labels("malformed").inc()
            return web.Response(status=400, text="malformed")
        except InvalidRequest as invalid:
            self.metrics.rejected.labels(invalid.word).inc()
            log.warning("request_rejected", word=invalid.word, status=invalid.status, peer=request.remote)
            return web.Response(status=invalid.status, text=invalid.word)
        with self.metrics.acknowledged.time():
            return await self._dispatch(parsed, request)

    async def _dispatch(self, parsed: dict[str, object], request: web.Request) -> web.Response:
        """Pass the parsed request on. In Socket Mode's form Bolt takes it as it is, without parsing or verifying."""
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


def create_web_app(
    endpoint: SlackEndpoint, not_ready: NotReady, clock_complaint: Complaint, render_metrics: RenderMetrics
) -> web.Application:
    """The routes. `not_ready` gives the reason why requests can't be answered now, None when they can;
    `clock_complaint` what is wrong with this machine's clock, which stops nothing.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        reason = "draining" if endpoint.draining else await not_ready()
        complaint = clock_complaint()
        body = {"status": reason or "ready", **({"clock": complaint} if complaint else {})}
        return web.json_response(body, status=503 if reason else 200)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await render_metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post(EVENTS_PATH, endpoint.events)
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
        """Listen; for port 0, on a free port. `port` is set from then on."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and wait for the requests under way."""
        await self._runner.cleanup()
