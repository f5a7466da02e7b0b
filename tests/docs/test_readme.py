"""The README's commands print the output it shows."""

import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.demo import prepare

README = Path(__file__).parents[2] / "README.md"
SHOWN = re.findall(r"^```text\n\$ tierbot (ask [^\n]*)\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


def test_the_readme_shows_the_actual_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scene = prepare(tmp_path, Console(file=(tmp_path / "out").open("w")))
    scene.core.engine.dispose()
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'tierbot.db'}")
    monkeypatch.setenv("TIERBOT_PROGRAM", str(tmp_path / "data" / "program.toml"))
    assert len(SHOWN) >= 2
    for command, expected in SHOWN:
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0
        assert result.stdout.rstrip() == expected.rstrip()
