"""The sample folder, imported once by the command itself; every test gets a copy."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.sample_folder import TABLE, write_folder


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with rules.toml, data, and tierbot.db."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "rules.toml").write_text(TABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TIERBOT_DATABASE_URL", "sqlite:///tierbot.db")
        patch.setenv("TIERBOT_PROGRAM", "rules.toml")
        patch.setenv("TIERBOT_TODAY", "2022-09-05")
        result = CliRunner().invoke(app, ["import", str(write_folder(folder / "data"))])
    assert result.exit_code == 0, result.output
    return folder
