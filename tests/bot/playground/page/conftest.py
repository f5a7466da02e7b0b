"""The page, serving a small folder of your own data."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo_setup import DemoSetup, prepare_own
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.page import serve_page
from tests.support.sample_folder import TABLE, write_folder


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[DemoSetup]:
    """A small folder of your own data, imported."""
    program = tmp_path / "program.toml"
    program.write_text(TABLE)
    with (tmp_path / "out").open("w") as out:
        prepared = prepare_own(
            tmp_path / "demo", write_folder(tmp_path / "data"), program, Console(file=out), date(2022, 9, 5)
        )
    yield prepared
    prepared.core.engine.dispose()


@pytest.fixture
async def page(scene: DemoSetup, tmp_path: Path) -> AsyncIterator[tuple[PageServer, World]]:
    """The page, serving a small folder of your own data."""
    async with serve_page(scene, tmp_path) as prepared:
        yield prepared
