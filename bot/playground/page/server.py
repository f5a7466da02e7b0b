"""The page's server, on the loopback interface: its files, one WebSocket per tab, and the actions of people."""

import asyncio
import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web

from bot.playground.page.actions import CannotDo, PageActions
from bot.playground.page.file_drop import MAX_DROP_BYTES, import_drop, share_with_bot
from bot.playground.page.state import journal_entry, page_parts
from bot.playground.world.people import Account
from bot.playground.world.world import World

Json = dict[str, Any]
BATCHING_SECONDS = 0.03
PORT = 8750
_LONG = 3_600.0
log = structlog.get_logger()
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PageServer:
    """Serves the page of a world: `url` is its address from `await start()` to `await stop()`."""

    def __init__(self, world: World, built: Path) -> None:
        self._world, self._built, self._actions = world, built, PageActions(world)
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.url, self.taken = "", False

    async def start(self, port: int = PORT) -> None:
        """Listen on the port, or on a free one if it is `taken`."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.taken = self._runner.addresses[0][1] != port != 0
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Close every tab's socket, and stop listening."""
        self._closing.set()
        self._world.slack.state.screen.notify()
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=MAX_DROP_BYTES, middlewares=[self._guard])
        app.router.add_get("/", self._page)
        app.router.add_get("/live", self._live)
        app.router.add_post("/do", self._do)
        app.router.add_post("/import", self._import)
        app.router.add_post("/share", self._share)
        app.router.add_get("/journal/{number:\\d{1,9}}", self._journal)
        app.router.add_get("/files/{file_id}", self._file)
        app.router.add_static("/assets", self._built / "assets")
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Only accept requests from this page under its own address, so that no other site can use it."""
        ours = urlsplit(self.url).port
        hosts = {f"127.0.0.1:{ours}", f"localhost:{ours}"}
        origin = request.headers.get("Origin")
        if request.host not in hosts or (origin and urlsplit(origin).netloc not in hosts):
            raise web.HTTPForbidden(text="only from this machine")
        if request.method == "POST" and not origin:
            raise web.HTTPForbidden(text="only from this page")
        answer: web.StreamResponse
        try:
            answer = await handler(request)
        except ValueError as error:  # CannotDo, or an unreadable request
            answer = web.json_response({"error": str(error)}, status=400)
        except web.HTTPException:
            raise
        except Exception as error:
            if request.method != "POST":
                raise
            log.exception("page_request_failed", path=request.path)
            what = f"the demo failed: {type(error).__name__}: {error}"
            answer = web.json_response({"error": what[:300]}, status=500)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(self._built / "index.html")

    def _account(self, key: str) -> Account:
        """The account with this key. Raises CannotDo for one that is gone since other files were imported."""
        found = self._world.account(key)
        if found is None:
            raise CannotDo(f"{key or 'nobody'} isn't in this data: choose someone else")
        return found

    def _viewer(self, key: str) -> Account:
        """The account that a tab views the page as: the first one, if there is none with this key."""
        return self._world.account(key) or next(iter(self._world.people.values()))

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """Send what the person sees, and again each part that changes."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        key = request.query.get("as", "")
        sending = asyncio.ensure_future(self._send(socket, key))
        try:
            async for message in socket:
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            sending.cancel()
            await asyncio.wait((sending,))
        return socket

    async def _send(self, socket: web.WebSocketResponse, key: str) -> None:
        """Send until the tab or the server closes; after a failure the page reconnects."""
        try:
            await self._send_changes(socket, key)
        except ConnectionError:
            pass
        except Exception:
            log.exception("page_update_failed", person=key)
        finally:
            with suppress(ConnectionError):
                await socket.close()

    async def _send_changes(self, socket: web.WebSocketResponse, key: str) -> None:
        sent: dict[str, str] = {}
        screen = self._world.slack.state.screen
        while not self._closing.is_set():
            viewer, version = self._viewer(key), screen.changes
            current = {name: json.dumps(part, ensure_ascii=False) for name, part in page_parts(self._world, viewer)}
            changed = [f"{json.dumps(name)}:{part}" for name, part in current.items() if sent.get(name) != part]
            if changed:
                await socket.send_str("{" + ",".join(changed) + "}")
                sent = current
            await screen.until(partial(self._has_changed, version), _LONG)
            await asyncio.sleep(BATCHING_SECONDS)

    def _has_changed(self, version: int) -> bool:
        return self._world.slack.state.screen.changes != version or self._closing.is_set()

    async def _do(self, request: web.Request) -> web.Response:
        try:
            action = await request.json()
        except ValueError:
            action = None
        if not isinstance(action, dict):
            raise CannotDo("the page sent something unknown: reload it")
        return web.json_response(await self._actions.do(self._account(str(action.get("as", ""))), action))

    async def _import(self, request: web.Request) -> web.Response:
        return web.json_response(await import_drop(request, self._world))

    async def _share(self, request: web.Request) -> web.Response:
        account = self._account(request.query.get("as", ""))
        return web.json_response(await share_with_bot(request, self._world, account))

    async def _journal(self, request: web.Request) -> web.Response:
        slack = self._world.slack_of(self._viewer(request.query.get("as", "")))
        entry = journal_entry(slack, int(request.match_info["number"]))
        if entry is None:
            raise web.HTTPNotFound
        return web.json_response(entry, dumps=lambda each: json.dumps(each, ensure_ascii=False, default=str))

    async def _file(self, request: web.Request) -> web.Response:
        for slack in self._world.slacks:
            with suppress(KeyError):
                file = slack.files[request.match_info["file_id"]]
                if file.data:
                    kind = "text/csv" if file.name.endswith(".csv") else "image/png"
                    return web.Response(body=file.data, content_type=kind)
        raise web.HTTPNotFound
