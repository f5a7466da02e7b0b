"""Copies of a demo that is prepared once per day and test process: most of what preparing costs is the import."""

import shutil
from datetime import date
from functools import lru_cache
from io import StringIO
from pathlib import Path

from rich.console import Console

from bot.playground.demo_setup import ANA, DemoSetup, SampleOfDay, prepare
from bot.playground.sample import DEMO_DAY
from bot.playground.world.people import load_accounts
from bot.settings import Settings
from bot.wiring import create_core
from tests.support.in_memory import temporary_folder


def prepared_demo(folder: Path, day: date | None = None) -> DemoSetup:
    """What `prepare` makes in the folder, which must not exist yet."""
    day = day or DEMO_DAY
    shutil.copytree(_master(day), folder)
    settings = Settings(
        database_url=f"sqlite:///{folder / 'tierbot.db'}", program=folder / "data" / "program.toml", port=0
    )
    core = create_core(settings)
    return DemoSetup(core, load_accounts(core, ANA), day, SampleOfDay(core, day))


@lru_cache
def _master(day: date) -> Path:
    folder = temporary_folder("tierbot-demo-")
    prepare(folder, Console(file=StringIO()), day).core.engine.dispose()
    return folder
