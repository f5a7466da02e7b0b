"""A desk over one's own small folder."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo import prepare_own, running_world
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.sample_folder import TABLE, write_folder


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[tuple[PageServer, World]]:
    """A desk over one's own small folder; its page is a stand-in, because a browser isn't needed here."""
    (tmp_path / "built" / "assets").mkdir(parents=True)
    (tmp_path / "built" / "index.html").write_text("<!doctype html>")
    program = tmp_path / "program.toml"
    program.write_text(TABLE)
    said = Console(file=(tmp_path / "out").open("w"))
    scene = prepare_own(tmp_path / "demo", write_folder(tmp_path / "data"), program, said, date(2022, 9, 5))
    async with running_world(scene) as world:
        made = PageServer(world, tmp_path / "built")
        await made.start(port=0)
        yield made, world
        await made.stop()
    scene.core.engine.dispose()
