"""`tierbot demo`: the real bot in the local Slack, on sample data or your own, with a page and a terminal."""

import asyncio
import os
import secrets
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from rich.console import Console

from bot.logs import set_up_logging
from bot.playground.demo_setup import DemoSetup
from bot.playground.local_slack.consent import AUTHORIZE_PATH
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Workspace
from bot.playground.page.server import PORT, PageServer
from bot.playground.prompt import next_line, terminal_restored
from bot.playground.terminal import TerminalSession
from bot.playground.world.clock import Clock
from bot.playground.world.partner_workspace import add_workspace, install_programs
from bot.playground.world.people import TEAM
from bot.playground.world.world import World
from bot.serving import Bot
from bot.settings import Settings
from bot.slack.token_keys import TokenKeys, new_key
from bot.wiring import Core

SHOWN_FIRST = (
    ("ana@example.com", "/tier"),
    ("ana@example.com", "/gap platinum"),
    ("ana@example.com", "/expiring"),
    ("ana@example.com", "/progress"),
    ("carla@example.com", "/tier"),
    ("carla@example.com", '/gap "Partner A"'),
    ("carla@example.com", '/expiring 30d "Partner A"'),
)
_CHANNELS = (Channel("C01GENERAL", "general"), Channel("C01PARTNERS", "partners"))


@asynccontextmanager
async def running_world(scene: DemoSetup, *, with_partner: bool = False) -> AsyncIterator[World]:
    """The running bot in a local Slack with all the people; `with_partner` also has a workspace of its own, in which
    the bot isn't installed yet.

    Raises CannotServe where the data has nobody of a partner.
    """
    clock, workspace = Clock(scene.day), Workspace(channels=_CHANNELS, people=(), team_id=TEAM, name="Partner program")
    token, secret = f"xoxb-{secrets.token_hex(16)}", secrets.token_hex(16)  # they may protect the user's own data
    async with Slack(workspace=workspace, clock=clock, bot_token=token, signing_secret=secret) as slack:
        core, world = scene.core, World(slack, scene.core, scene.people, scene.day, scene.load_day, clock)
        given: dict[str, object] = {
            "host": "127.0.0.1",
            "slack_bot_token": token,
            "slack_signing_secret": secret,
            "slack_app_token": None,
            "slack_api_url": slack.api_url,
            "slack_response_url": slack.response_prefix,
            "tick_seconds": 0.2,
            "posts_a_second": 50,
        }
        if with_partner:
            given |= await _with_partner(world)
        settings = Settings(**{**core.settings.model_dump(), **given})
        world.bot = Bot(Core(settings, core.program, core.engine), clock, world.today, clock.moment)
        await world.bot.start()
        for each in world.slacks:
            each.bot_url = f"http://127.0.0.1:{world.bot.port}/slack/events"
        clock_task = asyncio.create_task(world.roll_over_days())
        try:
            yield world
        finally:
            clock_task.cancel()
            await world.bot.stop()


async def _with_partner(world: World) -> dict[str, object]:
    """Add a partner's workspace; the settings of a bot that is installed by a click."""
    slack, core, key = world.slack, world.core, new_key()
    slack.app.client_secret = secrets.token_hex(16)
    slack.app.rotates = False  # the clock passes weeks at a time, in which a token would end while it is used
    port = _free_port()
    public_url = f"http://127.0.0.1:{port}"
    world.add_partner(add_workspace(slack, core, world.people.values(), public_url, world.moment))
    await install_programs(slack, core, TokenKeys([key]), world.moment)
    return {
        "port": port,
        "public_url": public_url,
        "token_keys": key,
        "slack_bot_token": None,
        "slack_client_id": slack.app.client_id,
        "slack_client_secret": slack.app.client_secret,
        "slack_authorize_url": f"{slack.url.rstrip('/')}{AUTHORIZE_PATH}",
    }


def _free_port() -> int:
    """A port of the loopback interface that nothing listens on: the bot's address is known before it starts."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def run_demo(
    scene: DemoSetup,
    out: Console,
    built: Path | None = None,
    *,
    port: int = PORT,
    stay: bool = False,
    with_partner: bool = False,
) -> None:
    """Open the page, if it is built, and read commands from the terminal; with `stay`, keep running after its end."""
    set_up_logging("ERROR")
    async with running_world(scene, with_partner=with_partner) as world, AsyncExitStack() as stack:
        session = TerminalSession(world, out)
        if built:
            desk = PageServer(world, built)
            stack.push_async_callback(desk.stop)
            await desk.start(port)
            out.print(f"\nPort {port} is taken, so the page is on another one:" if desk.taken else "")
            out.print(f"  [bold]{desk.url}[/]  ← a local Slack: open it in your browser\n")
            if world.partner:
                company = world.partner.slack.state.workspace.name
                out.print(f"Choose the workspace of {company} at the top to add tierbot there.\n", markup=False)
            _open(desk.url, out)
        out.print(f"It is {world.day.day} {world.day:%b %Y} here.\n")
        if not (built and out.is_terminal) and scene.load_day:
            for email, line in SHOWN_FIRST:
                session.email = email
                await session.type(line)
        session.email, session.front = next(iter(world.people)), None
        session.explain()
        stack.enter_context(terminal_restored())
        typed = await next_line(session.prompt)
        while typed is not None and await session.run(typed):
            typed = await next_line(session.prompt)
        if stay and typed is None:
            await asyncio.Event().wait()


def _open(url: str, out: Console) -> None:
    """Open the page in the browser, if there is a screen and an interactive terminal."""
    has_screen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if out.is_terminal and has_screen:
        webbrowser.open(url)
