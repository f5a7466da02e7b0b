"""`tierbot rebuild` says what it did, and its progress how fast it is and how long it takes."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli.importing import progress_bar
from bot.cli.main import app

RUN = CliRunner()


@pytest.fixture
def filled(imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the sample folder imported."""
    monkeypatch.chdir(shutil.copytree(imported, tmp_path / "work"))
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    return tmp_path / "work"


@pytest.mark.parametrize("workers", [(), ("--workers", "1"), ("--workers", "3")])
def test_a_rebuild_that_finds_everything_as_it_was_says_so(filled: Path, workers: tuple[str, ...]):
    result = RUN.invoke(app, ["rebuild", *workers])
    assert result.exit_code == 0, result.output
    assert "Rated 4 clients again: nothing changed." in result.stdout


def test_a_rebuild_by_no_process_is_refused(filled: Path):
    assert RUN.invoke(app, ["rebuild", "--workers", "0"]).exit_code == 2


def test_progress_shows_the_rate_and_the_time_left():
    console = Console(file=StringIO(), force_terminal=True, width=120)
    with progress_bar(console) as progress:
        for done in range(0, 1001, 250):
            progress("rating clients", done, 1000)
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert "/s" in shown
    assert "left" in shown
