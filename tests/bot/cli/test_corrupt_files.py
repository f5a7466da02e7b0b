"""A file that can't be used is one clear line, in every command, and never a traceback."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app

USER = ("--team", "T1", "--user", "U1")
COMMANDS = (
    ("import", "data"),
    ("import", "data", "--dry-run"),
    ("ask", "/tier", "--as", "ana@example.com"),
    ("ask", "/clients", "--as", "admin@example.com"),
    ("rebuild",),
    ("migrate",),
    ("serve",),
    ("doctor",),
    ("outbox",),
    ("outbox", "resend", "1"),
    ("digest", "--dry-run"),
    ("backup", "copy.db"),
    ("link", *USER, "--email", "ana@example.com"),
    ("unlink", *USER),
    ("invite", "--email", "ana@example.com"),
    ("hold", "expiry", "--reason", "being corrected"),
    ("lift", "expiry"),
    ("holds",),
    ("audit",),
    ("verify",),
)
NEEDS_RULES = ("import", "ask", "rebuild", "serve", "doctor", "digest", "backup", "outbox", "link", "holds")


@pytest.fixture
def filled(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The imported sample folder as the working folder."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    monkeypatch.setattr("bot.logs.set_up_logging", lambda *_: None)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def assert_said_in_a_line(result: Result, *named: str) -> None:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    lines = [line for line in result.output.splitlines() if any(name in line for name in named)]
    assert lines, result.output
    assert all(len(line) < 300 for line in lines)


def damaged(file: Path, how: str) -> None:
    """The file, damaged: not a database at all, or pages of noise behind a valid header."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()
    match how:
        case "text":
            file.write_bytes(b"partner_id,name\n" * 500)
        case "noise":
            file.write_bytes(content[:4_096] + b"\xa5" * (len(content) - 4_096))


@pytest.mark.parametrize("how", ["text", "noise"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_corrupt_database_is_one_line(filled: Path, words: tuple[str, ...], how: str):
    damaged(filled / "tierbot.db", how)
    assert_said_in_a_line(run(*words), "database", "revision")


@pytest.mark.parametrize("content", [b"[thresholds", b"\xff\xfe\x00", b"\x00" * 64], ids=["cut", "not UTF-8", "NUL"])
@pytest.mark.parametrize("words", [each for each in COMMANDS if each[0] in NEEDS_RULES], ids=" ".join)
def test_a_corrupt_table_of_rules_is_one_line(filled: Path, words: tuple[str, ...], content: bytes):
    (filled / "rules.toml").write_bytes(content)
    assert_said_in_a_line(run(*words), "rules.toml")


def test_a_backup_into_a_file_that_is_there_is_refused_in_a_line(filled: Path):
    (filled / "copy.db").write_bytes(b"something else")
    assert_said_in_a_line(run("backup", "copy.db"), "copy.db", "database")
    assert (filled / "copy.db").read_bytes() == b"something else"
