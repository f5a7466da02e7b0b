"""A desk over a small folder of one's own, and what tests do on it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.playground.demo import DemoSetup, running_world
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.waiting import ENOUGH, ending

PARTNERS = "partner_id,name,country,currency,joined_on\nPX,Neu & Co,DE,EUR,2020-12-01\n"
ANA, BEA = "ana@example.com", "bea@example.com"


@asynccontextmanager
async def desk_over(scene: DemoSetup, folder: Path) -> AsyncIterator[tuple[PageServer, World]]:
    """A desk over a scene; its page is a stand-in in the folder, because a browser isn't needed here."""
    (folder / "built" / "assets").mkdir(parents=True)
    (folder / "built" / "index.html").write_text("<!doctype html>")
    async with running_world(scene) as world:
        made = PageServer(world, folder / "built")
        await made.start(port=0)
        yield made, world
        await made.stop()


async def do(desk: PageServer, **asked: object) -> dict:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{desk.url}do", json=asked, headers={"Origin": desk.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


class Tab:
    """What a tab was sent, its parts put together."""

    def __init__(self) -> None:
        self.seen: dict = {}
        self.raw = ""

    async def until(self, socket: aiohttp.ClientWebSocketResponse, words: str) -> None:
        async with ending(f"the page shows “{words}”"):
            while words not in json.dumps(self.seen, ensure_ascii=False):
                got = await socket.receive_str()
                self.raw += got
                self.seen |= json.loads(got)


async def drop(desk: PageServer, *files: tuple[str, str]) -> dict:
    form = aiohttp.FormData({"replace": "no"}, quote_fields=False)
    for name, text in files:
        form.add_field("file", text.encode(), filename=name, content_type="text/csv")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{desk.url}import", data=form, headers={"Origin": desk.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


def told(world: World) -> list[str]:
    """What stands in Ana's messages with the bot, besides what only she sees."""
    place = world.slack.directory.direct_message(world.people[ANA].user_id)
    return [each.text for each in world.slack.messages(place.channel_id) if not each.ephemeral]


async def ask(made: PageServer, world: World, text: str) -> None:
    """Ana types something to the bot that it does, and is told what came of it."""
    place, told_before = world.slack.directory.direct_message(world.people[ANA].user_id), done(world)
    await do(made, **{"as": ANA, "do": "command", "channel": place.channel_id, "text": text})
    assert await world.slack.until(lambda: done(world) > told_before, ENOUGH), f"nothing came of {text}"


def done(world: World) -> int:
    """How many deeds the bot has answered."""
    return len(world.slack.journal.calls("response_url"))
