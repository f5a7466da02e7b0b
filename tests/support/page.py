"""The page over a small folder of your own data, and what tests do on it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.playground.demo import running_world
from bot.playground.demo_setup import DemoSetup
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.waiting import TIMEOUT, time_limit

PARTNERS = "partner_id,name,country,currency,joined_on\nPX,Neu & Co,DE,EUR,2020-12-01\n"
ANA, BEA = "ana@example.com", "bea@example.com"


@asynccontextmanager
async def serve_page(
    scene: DemoSetup, folder: Path, *, with_partner: bool = False
) -> AsyncIterator[tuple[PageServer, World]]:
    """Serve the page for a scene; its HTML is a placeholder, because no browser is needed here."""
    (folder / "built" / "assets").mkdir(parents=True)
    (folder / "built" / "index.html").write_text("<!doctype html>")
    async with running_world(scene, with_partner=with_partner) as world:
        server = PageServer(world, folder / "built")
        await server.start(port=0)
        yield server, world
        await server.stop()


async def post_action(server: PageServer, **action: object) -> dict:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}do", json=action, headers={"Origin": server.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


class Tab:
    """The state that a tab received, merged from its updates."""

    def __init__(self) -> None:
        self.state: dict = {}
        self.raw = ""

    async def until(self, socket: aiohttp.ClientWebSocketResponse, words: str) -> None:
        async with time_limit(f"the page shows “{words}”"):
            while words not in json.dumps(self.state, ensure_ascii=False):
                update = await socket.receive_str()
                self.raw += update
                self.state |= json.loads(update)


async def upload(server: PageServer, *files: tuple[str, str]) -> dict:
    form = aiohttp.FormData({"replace": "no"}, quote_fields=False)
    for name, text in files:
        form.add_field("file", text.encode(), filename=name, content_type="text/csv")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}import", data=form, headers={"Origin": server.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


def messages_to_ana(world: World) -> list[str]:
    """The texts in Ana's messages with the bot, without ephemeral ones."""
    channel = world.slack.directory.direct_message(world.people[ANA].user_id)
    return [each.text for each in world.slack.messages(channel.channel_id) if not each.ephemeral]


async def type_as_ana(server: PageServer, world: World, text: str) -> None:
    """Type a command as Ana and wait until the bot has answered it."""
    channel, answered_before = world.slack.directory.direct_message(world.people[ANA].user_id), answer_count(world)
    await post_action(server, **{"as": ANA, "do": "command", "channel": channel.channel_id, "text": text})
    assert await world.slack.until(lambda: answer_count(world) > answered_before, TIMEOUT), f"{text} was not answered"


def answer_count(world: World) -> int:
    """How many commands the bot has answered."""
    return len(world.slack.journal.calls("response_url"))
