"""The HTTP server: /slack/events with verification, /healthz, /readyz, /metrics (architecture#front-door)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.response import BoltResponse

from bot.metrics import Metrics
from bot.slack.connections import BACKLOG, READ_SECONDS, Connections, most_connections
from bot.slack.manifest import EVENTS_PATH
from bot.slack.verification import MAX_BODY_BYTES, InvalidRequest, RequestVerifier
from handlers.acknowledgement import JSON, Acknowledged

log = structlog.get_logger()
CONNECTIONS = web.AppKey("connections", Connections)
DRAIN_SECONDS = 10.0
NotReady = Callable[[], Awaitable[str | None]]
Complaint = Callable[[], str | None]
RenderMetrics = Callable[[], Awaitable[bytes]]
Dispatch = Callable[[dict[str, object], Mapping[str, str]], Awaitable[BoltResponse]]


@dataclass(slots=True)
class SlackEndpoint:
    """Passes verified requests on; without a verifier (Socket Mode only) it refuses all of them."""

    dispatch: Dispatch
    verifier: RequestVerifier | None
    metrics: Metrics
    draining: bool = False

    async def events(self, request: web.Request) -> web.Response:
        """Answer a request from Slack: 200; 400, 401, 408 or 413 where it isn't a genuine one; 503 while draining."""
        if self.draining:
            return web.Response(status=503, text="draining")
        if self.verifier is None:
            return web.Response(status=401, text="no_signing_secret")
        try:
            if "Content-Encoding" in request.headers:  # Slack never compresses, and aiohttp would decompress unverified
                raise InvalidRequest(400, "encoded")
            body = await _read(request)
            parsed = await self.verifier.verify(body, request.headers)
        except web.HTTPRequestEntityTooLarge:
            self.metrics.rejected.labels("too_large").inc()
            return web.Response(status=413, text="too_large")
        except (web.RequestPayloadError, ConnectionError):  # broken off, or too slow for a busy server
            self.metrics.rejected.labels("malformed").inc()
            return web.Response(status=400, text="malformed")
        except TimeoutError:
            self.metrics.rejected.labels("slow").inc()
            return web.Response(status=408, text="slow")
        except InvalidRequest as invalid:
            self.metrics.rejected.labels(invalid.word).inc()
            log.warning("request_rejected", word=invalid.word, status=invalid.status, peer=request.remote)
            return web.Response(status=invalid.status, text=invalid.word)
        if parsed.get("ssl_check") == "1":  # Slack checks the certificate
            return web.Response(text="")
        started = time.perf_counter()
        try:
            with request.app[CONNECTIONS].answering(request):
                return await self._dispatch(parsed, request)
        finally:
            self.metrics.acknowledged.observe(time.perf_counter() - started)

    async def _dispatch(self, parsed: dict[str, object], request: web.Request) -> web.Response:
        """Pass the parsed request on."""
        try:
            answer = await self.dispatch(parsed, request.headers)
        except Exception:
            log.exception("malformed_payload")
            return web.Response(status=400, text="malformed")
        if answer.status >= 500:
            return web.Response(status=400, text="malformed")
        if isinstance(answer, Acknowledged):
            return web.Response(body=answer.payload, content_type=JSON)
        kind = JSON if answer.body.startswith(("{", "[")) else "text/plain"
        return web.Response(status=answer.status, text=answer.body, content_type=kind)


def create_web_app(
    endpoint: SlackEndpoint, not_ready: NotReady, complaints: Mapping[str, Complaint], render_metrics: RenderMetrics
) -> web.Application:
    """The routes. `not_ready` gives the reason why requests can't be answered now, None when they can;
    `complaints` say by name what is wrong, such as this machine's clock, but stops nothing.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        reason = "draining" if endpoint.draining else await not_ready()
        wrong = {name: found for name, complaint in complaints.items() if (found := complaint())}
        body = {"status": reason or "ready", **wrong}
        return web.json_response(body, status=503 if reason else 200)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=await render_metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[CONNECTIONS] = Connections(most_connections())
    app.on_response_prepare.append(_in_time)
    app.router.add_post(EVENTS_PATH, endpoint.events)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app


async def _read(request: web.Request) -> bytes:
    """The body, which has READ_SECONDS to arrive. A timer is set only for one that isn't there yet."""
    if request.content.is_eof():
        return await request.read()
    async with asyncio.timeout(READ_SECONDS):
        return await request.read()


async def _in_time(request: web.Request, response: web.StreamResponse) -> None:
    await request.app[CONNECTIONS].on_response(request, response)


class HttpServer:
    """The web application on a port of its own."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app, self._host, self._port = app, host, port
        self._runner = web.AppRunner(app, access_log=None)
        self._listening: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; for port 0, on a free port. `port` is set from then on."""
        await self._runner.setup()
        assert self._runner.server is not None
        protocols, loop = self._app[CONNECTIONS].of(self._runner.server), asyncio.get_running_loop()
        self._listening = await loop.create_server(protocols, self._host, self._port, backlog=BACKLOG)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self, seconds: float = DRAIN_SECONDS) -> None:
        """Stop listening and wait up to `seconds` for the requests under way."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if self._runner.server is not None:
            await asyncio.sleep(0)  # requests that have come in begin
            self._runner.server.pre_shutdown()
            await self._runner.server.shutdown(seconds)
        await self._runner.cleanup()
