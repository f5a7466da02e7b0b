"""tierbot's files are private to the user it runs as, whatever the umask, and never in git."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot.cli.main import app
from bot.single_process import single_process
from tiercore.storage.engine import back_up, create_database_engine, database_url, writing
from tiercore.storage.schema import upgrade

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _an_open_umask() -> Iterator[None]:
    """A umask that gives everybody full access."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_databases_their_side_files_and_backups_are_private_to_the_user(tmp_path: Path):
    url = database_url(f"sqlite:///{tmp_path / 'tierbot.db'}")
    engine = create_database_engine(url)
    upgrade(engine)
    with single_process(url), writing(engine) as connection:
        connection.execute(text("CREATE TABLE kept_open (n INTEGER)"))
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["tierbot.db", "tierbot.db-shm", "tierbot.db-wal", "tierbot.db.serving"]
        assert {mode(tmp_path / name) for name in names} == {"0o600"}
    back_up(engine, tmp_path / "backups" / "monday.db")
    engine.dispose()
    assert mode(tmp_path / "backups") == "0o700"
    assert mode(tmp_path / "backups" / "monday.db") == "0o600"


def test_a_deliberately_shared_database_stays_shared(tmp_path: Path):
    file = tmp_path / "tierbot.db"
    file.touch(mode=0o640)
    engine = create_database_engine(database_url(f"sqlite:///{file}"))
    upgrade(engine)
    engine.dispose()
    assert mode(file) == "0o640"


@pytest.mark.slow
def test_the_demo_folder_is_private_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.playground.demo.set_up_logging", lambda _: None)
    assert CliRunner().invoke(app, ["demo", "--no-page"], input="quit\n").exit_code == 0
    assert mode(tmp_path / ".demo") == "0o700"
    assert mode(tmp_path / ".demo" / "tierbot.db") == "0o600"


def test_git_ignores_secrets_databases_backups_and_the_demo():
    private = (
        *(".env", "docs/deploy/tierbot.env", ".demo/tierbot.db", "backups/monday.db", "backups/monday.sqlite"),
        *("tierbot.db", "tierbot.db-wal", "tierbot.db-shm", "tierbot.db.serving"),
    )
    result = subprocess.run(
        ["git", "check-ignore", "--no-index", *private], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stdout.split() == [*private]
