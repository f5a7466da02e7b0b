"""The sample folder, imported once by the command itself; and the operator of many workspaces."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.databases import Databases
from tests.support.operator import PARTNERS, PROGRAMS, Operator
from tests.support.sample_folder import TABLE, write_folder
from tests.support.two_partners import fill
from tiercore.storage.engine import create_database_engine
from tiercore.workspaces.types import WorkspaceRole


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


@pytest.fixture
def operator(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """The operator of the app in the program's workspace T01, and in T77 of partner PB, on each engine in turn."""
    engine = create_database_engine(databases.filled(fill))
    operator = Operator(engine, monkeypatch)
    operator.install(PROGRAMS, WorkspaceRole.PROGRAM)
    operator.install(PARTNERS, WorkspaceRole.PARTNER, "PB")
    yield operator
    engine.dispose()
