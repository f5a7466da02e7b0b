"""The servers to benchmark, each in its own process: tierbot, the baseline, and a conventional implementation."""

import asyncio
import os
import sys
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.load import SECRET


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-bench")


def _bolt(*, process_before_response: bool) -> AsyncApp:
    return AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=process_before_response)


def noop() -> AsyncApp:
    """The baseline: Bolt with process_before_response and its own signature check, and an empty answer."""
    app = _bolt(process_before_response=True)

    async def nothing(ack: AsyncAck) -> None:
        await ack()

    app.command("/tier")(nothing)
    return app


def usual(url: str) -> AsyncApp:
    """The conventional implementation: Bolt's defaults, entities from an AsyncSession, the SDK's block models."""
    from bench.usual import register

    app = _bolt(process_before_response=False)
    register(app, url)
    return app


async def _serve_bolt(app: AsyncApp) -> int:
    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    site = web.Application()
    site.router.add_post("/slack/events", events)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def _serve_ours(url: str, api_url: str, keep: int) -> int:
    from datetime import date

    from bot.logs import set_up_logging
    from bot.serving import Bot
    from bot.settings import Settings
    from bot.wiring import create_core

    set_up_logging("INFO")
    given: dict[str, Any] = {"slack_bot_token": "xoxb-bench", "slack_signing_secret": SECRET}
    given.update(keep_answers=keep, native_blocks="yes", watch_seconds=3600)
    given.update(slack_api_url=api_url, slack_response_url=api_url)
    settings = Settings(database_url=url, today=date(2022, 9, 5), port=0, **given)
    bot = Bot(create_core(settings))
    await bot.start()
    return bot.port


async def _serve_slack() -> int:
    """A Slack that accepts every call, so that only its caller's cost is measured."""

    async def call(request: web.Request) -> web.Response:
        user: dict[str, Any] = {
            "id": (await request.post()).get("user", "U1"),
            "team_id": "T1",
            "tz": "UTC",
            "profile": {},
        }
        known = {"team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "user": user}
        channel = "C1" if request.match_info["method"].startswith("chat.") else {"id": "D1"}
        return web.json_response({"ok": True, "channel": channel, "ts": "1.000001", **known})

    site = web.Application()
    site.router.add_post("/api/{method}", call)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def main(kind: str, url: str, api_url: str) -> None:
    """Serve until standard input ends; the port is the first line printed."""
    if kind in ("ours", "fresh"):
        port = await _serve_ours(url, api_url, keep=2_000 if kind == "ours" else 0)
    elif kind == "slack":
        port = await _serve_slack()
    else:
        port = await _serve_bolt(noop() if kind == "noop" else usual(url))
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
    os._exit(0)
