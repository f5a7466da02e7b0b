"""The page's server: files, one socket a tab, what people do; on the loopback interface, for this machine's browser."""

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
from bot.playground.page.file_drop import LARGEST_DROP, taken
from bot.playground.page.state import parts, whole_entry
from bot.playground.world.people import Account
from bot.playground.world.world import World

Json = dict[str, Any]
GATHERING_SECONDS = 0.03
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
    """The page over a world: `await start()`, then `url` is its address until `await stop()`."""

    def __init__(self, world: World, built: Path) -> None:
        self._world, self._built, self._doings = world, built, PageActions(world)
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.url, self.taken = "", False

    async def start(self, port: int = PORT) -> None:
        """Listen on the port, or a free one where it is `taken`."""
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
        app = web.Application(client_max_size=LARGEST_DROP, middlewares=[self._guard])
        app.router.add_get("/", self._page)
        app.router.add_get("/live", self._live)
        app.router.add_post("/do", self._do)
        app.router.add_post("/import", self._import)
        app.router.add_get("/journal/{number:\\d{1,9}}", self._journal)
        app.router.add_get("/files/{file_id}", self._file)
        app.router.add_static("/assets", self._built / "assets")
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Only this page, asked for by its own address: no other site may speak to it through the browser."""
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
        except ValueError as error:  # CannotDo, and what can't be read
            answer = web.json_response({"error": str(error)}, status=400)
        except web.HTTPException:
            raise
        except Exception as error:
            if request.method != "POST":
                raise
            log.exception("not_done", path=request.path)
            what = f"the demo failed at this: {type(error).__name__}: {error}"
            answer = web.json_response({"error": what[:300]}, status=500)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(self._built / "index.html")

    def _somebody(self, email: str) -> Account:
        """Raises CannotDo for one who isn't there any more, since other files were imported."""
        found = self._world.people.get(email)
        if found is None:
            raise CannotDo(f"{email or 'nobody'} isn't in this data: choose someone else")
        return found

    def _seen_by(self, email: str) -> Account:
        """Whose eyes a tab has: the first one's where it names nobody who is there; the page tells which."""
        return self._world.people.get(email) or next(iter(self._world.people.values()))

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """What the person sees, sent again in parts whenever it changes."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        email = request.query.get("as", "")
        sending = asyncio.ensure_future(self._send(socket, email))
        try:
            async for message in socket:
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            sending.cancel()
            await asyncio.wait((sending,))
        return socket

    async def _send(self, socket: web.WebSocketResponse, email: str) -> None:
        """Until the page or the desk closes; where it fails, the page connects anew."""
        try:
            await self._send_changes(socket, email)
        except ConnectionError:
            pass
        except Exception:
            log.exception("page_not_told", person=email)
        finally:
            with suppress(ConnectionError):
                await socket.close()

    async def _send_changes(self, socket: web.WebSocketResponse, email: str) -> None:
        sent: dict[str, str] = {}
        screen = self._world.slack.state.screen
        while not self._closing.is_set():
            who, seen = self._seen_by(email), screen.changes
            now = {name: json.dumps(part, ensure_ascii=False) for name, part in parts(self._world, who)}
            changed = [f"{json.dumps(name)}:{part}" for name, part in now.items() if sent.get(name) != part]
            if changed:
                await socket.send_str("{" + ",".join(changed) + "}")
                sent = now
            await screen.until(partial(self._is_other, seen), _LONG)
            await asyncio.sleep(GATHERING_SECONDS)

    def _is_other(self, seen: int) -> bool:
        return self._world.slack.state.screen.changes != seen or self._closing.is_set()

    async def _do(self, request: web.Request) -> web.Response:
        try:
            asked = await request.json()
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise CannotDo("what is to be done?")
        return web.json_response(await self._doings.do(self._somebody(str(asked.get("as", ""))), asked))

    async def _import(self, request: web.Request) -> web.Response:
        return web.json_response(await taken(request, self._world))

    async def _journal(self, request: web.Request) -> web.Response:
        entry = whole_entry(self._world, int(request.match_info["number"]))
        if entry is None:
            raise web.HTTPNotFound
        return web.json_response(entry, dumps=lambda each: json.dumps(each, ensure_ascii=False, default=str))

    async def _file(self, request: web.Request) -> web.Response:
        with suppress(KeyError):
            data = self._world.slack.files[request.match_info["file_id"]].data
            if data:
                return web.Response(body=data, content_type="image/png")
        raise web.HTTPNotFound
