"""The README's commands print the output it shows."""

import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.demo_setup import prepare
from handlers.typed_command import QUESTIONS

README = Path(__file__).parents[2] / "README.md"
SHOWN = re.findall(r"^```text\n\$ tierbot (ask [^\n]*)\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's database and program."""
    folder = tmp_path_factory.mktemp("sample")
    scene = prepare(folder, Console(file=(folder / "out").open("w")))
    scene.core.engine.dispose()
    return folder


@pytest.fixture(autouse=True)
def in_the_demo(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are asked of the demo's data."""
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{sample / 'tierbot.db'}")
    monkeypatch.setenv("TIERBOT_PROGRAM", str(sample / "data" / "program.toml"))


def test_the_readme_shows_the_actual_answers():
    assert len(SHOWN) >= 2
    for command, expected in SHOWN:
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0
        assert result.stdout.rstrip() == expected.rstrip()


@pytest.mark.parametrize("example", [each for word in ("whatif", "plan") for each, _ in QUESTIONS[word].examples])
def test_the_examples_of_the_help_are_answered_in_the_demo(example: str):
    result = CliRunner().invoke(app, ["ask", example, "--as", "ana@example.com", "--on", "2022-09-05"])
    assert result.exit_code == 0
    assert "Partner A: " in result.stdout.splitlines()[0]
