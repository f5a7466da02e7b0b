"""A small bot to talk to, and the local Slack that talks to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace

Json = dict[str, Any]
Answer = Callable[["SmallBot", Json], Awaitable[web.Response | Json | None]]
WORKSPACE = Workspace(
    people=(
        Person("U01ANNA", "anna", "Anna Alt", "anna@example.com"),
        Person("U02BEN", "ben", "Ben Berg", "ben@example.com"),
        Person("U03EVE", "eve", "Eve Extern", "eve@elsewhere.example", team_id="T02ELSE"),
    ),
    channels=(
        Channel("C01SALES", "sales"),
        Channel("C02SHARED", "acme-and-us", is_ext_shared=True),
        Channel("C03OLD", "old", is_archived=True),
        Channel("C04AWAY", "away", has_bot=False),
    ),
)


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def _quiet(_bot: "SmallBot", _payload: Json) -> None:
    return None


@dataclass
class SmallBot:
    """Records every request and answers as the test specifies."""

    answer: Answer = _quiet
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    payloads: list[Json] = field(default_factory=list)
    url: str = ""
    session: aiohttp.ClientSession | None = None

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append((dict(request.headers), body))
        payload = await _parse(request)
        self.payloads.append(payload)
        answer = await self.answer(self, payload)
        if isinstance(answer, web.Response):
            return answer
        return web.Response() if answer is None else web.json_response(answer)

    async def respond(self, payload: Json, body: Json) -> tuple[int, Json]:
        """Post to the payload's response_url."""
        assert self.session is not None
        async with self.session.post(payload["response_url"], json=body) as response:
            return response.status, await response.json()


async def _parse(request: web.Request) -> Json:
    import json

    if request.content_type == "application/json":
        return dict(await request.json())
    form = dict(await request.post())
    return dict(json.loads(str(form["payload"]))) if "payload" in form else form


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def bot() -> AsyncIterator[SmallBot]:
    server = SmallBot()
    app = web.Application()
    app.router.add_post("/slack/events", server.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    async with aiohttp.ClientSession() as server.session:
        yield server
    await runner.cleanup()


@pytest.fixture
async def slack(bot: SmallBot, clock: Clock) -> AsyncIterator[Slack]:
    async with Slack(bot.url, workspace=WORKSPACE, clock=clock) as server:
        yield server
