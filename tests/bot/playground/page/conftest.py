"""A desk over one's own small folder."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo import DemoSetup, prepare_own
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.page import desk_over
from tests.support.sample_folder import TABLE, write_folder


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[DemoSetup]:
    """One's own small folder, imported."""
    program = tmp_path / "program.toml"
    program.write_text(TABLE)
    with (tmp_path / "out").open("w") as out:
        made = prepare_own(
            tmp_path / "demo", write_folder(tmp_path / "data"), program, Console(file=out), date(2022, 9, 5)
        )
    yield made
    made.core.engine.dispose()


@pytest.fixture
async def desk(scene: DemoSetup, tmp_path: Path) -> AsyncIterator[tuple[PageServer, World]]:
    """A desk over one's own small folder."""
    async with desk_over(scene, tmp_path) as made:
        yield made
