"""Starting the demo: your own data, real tokens, a folder in use, no Node."""

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.demo import running_world
from bot.playground.demo_setup import BadData, alone, prepare_own
from bot.playground.page.build import NotBuilt, built_page
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.sample_folder import write_folder


async def test_the_page_cannot_be_reached_from_elsewhere_or_guessed(
    monkeypatch: pytest.MonkeyPatch, page: tuple[PageServer, World], tmp_path: Path
):
    """Each run has its own secrets and listens on localhost only, because real data may be behind it."""
    _, world = page
    monkeypatch.setenv("TIERBOT_HOST", "0.0.0.0")
    program = tmp_path / "program.toml"
    console = Console(file=(tmp_path / "more").open("w"))
    scene = prepare_own(tmp_path / "second", write_folder(tmp_path / "data2"), program, console, date(2022, 9, 5))
    async with running_world(scene) as other:
        assert other.slack.signing_secret != world.slack.signing_secret
        assert other.slack.bot_token != world.slack.bot_token
        assert other.bot is not None
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", other.bot.port)
    scene.core.engine.dispose()


async def test_a_taken_port_is_replaced_by_a_free_one(page: tuple[PageServer, World], tmp_path: Path):
    server, world = page
    second = PageServer(world, tmp_path / "built")
    await second.start(port=int(server.url.rstrip("/").rpartition(":")[2]))
    assert second.taken
    assert not server.taken
    assert second.url != server.url
    await second.stop()


def test_missing_parts_of_your_own_data_are_reported(tmp_path: Path):
    data = write_folder(tmp_path / "data")
    (data / "people.csv").unlink()
    with (tmp_path / "out").open("w") as out:
        scene = prepare_own(tmp_path / "demo", data, None, Console(file=out, width=200), date(2022, 9, 5))
    scene.core.engine.dispose()
    output = (tmp_path / "out").read_text()
    assert "Thresholds that aren't public are not set" in output
    assert "people.csv is empty" in output
    assert "None" not in output


def test_invalid_files_are_reported_and_the_demo_does_not_start(tmp_path: Path):
    data = write_folder(tmp_path / "data", clients="client_id,name,country\nC1,Acme,Atlantis\n")
    with pytest.raises(BadData, match="Atlantis"):
        prepare_own(tmp_path / "demo", data, None, Console(file=(tmp_path / "out").open("w")), date(2022, 9, 5))


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "TIERBOT_SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"])
def test_the_demo_does_not_start_with_real_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, "xoxb-real-one")
    result = CliRunner().invoke(app, ["demo", "--no-page"], input="quit\n")
    assert result.exit_code == 1
    assert "the demo isn't for a real workspace" in result.output
    assert not (tmp_path / ".demo").exists()


def test_a_second_demo_in_the_same_folder_leaves_the_firsts_data_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with alone(Path(".demo")):
        (tmp_path / ".demo" / "tierbot.db").write_text("the first one's")
        result = CliRunner().invoke(app, ["demo", "--no-page"], input="quit\n")
        assert result.exit_code == 1
        assert "another demo is running in .demo" in result.output
        assert (tmp_path / ".demo" / "tierbot.db").read_text() == "the first one's"


def test_a_failed_build_of_the_page_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, does in {"node": "echo v22.1.0", "npm": "echo npm error network unreachable >&2; exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("bot.playground.page.build.is_current", lambda: False)
    with pytest.raises(NotBuilt, match=r"(?s)npm ci failed in .*network unreachable"):
        built_page()


@pytest.mark.slow
def test_without_node_the_demo_runs_in_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.playground.demo.set_up_logging", lambda _: None)
    monkeypatch.setattr("bot.playground.page.build.is_current", lambda: False)
    monkeypatch.setattr("bot.playground.page.build.shutil.which", lambda _: None)
    result = CliRunner().invoke(app, ["demo"], input="/tier\nquit\n")
    assert result.exit_code == 0, result.output
    assert "Node isn't installed. Install Node 20 to build the page. Here is the terminal's version." in result.output
    assert "225 points to Platinum" in result.output
