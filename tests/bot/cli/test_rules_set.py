"""`tierbot rules set`: a table from a file, checked, and proposed or applied."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from tests.support.sample_folder import write_folder

RUN = CliRunner()
PASTED = "Tier\tSold\tManaged\tTotal\nGold\t90\t60\t300\nPlatinum\t270\t150\t700"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a table, beside a database with the sample folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    assert RUN.invoke(app, ["import", str(write_folder(tmp_path / "data"))]).exit_code == 0
    (tmp_path / "table.txt").write_text(PASTED)
    return tmp_path / "table.txt"


def rules_set(table: Path, *words: str) -> Result:
    return RUN.invoke(app, ["rules", "set", "--from", str(table), *words])


def test_a_dry_run_shows_what_it_would_change_and_stores_nothing(table: Path):
    shown = rules_set(table, "--dry-run")
    assert shown.exit_code == 0
    assert "Platinum  total            700  645" in shown.stdout
    assert "Nothing was stored" in shown.stdout
    assert "Portal" not in RUN.invoke(app, ["rules"]).stdout


def test_alone_it_is_in_force_and_rules_names_who_entered_it(table: Path):
    assert "In force from 2022-09-05 on." in rules_set(table, "--alone", "--source", "Portal").stdout
    shown = " ".join(RUN.invoke(app, ["rules"]).stdout.split())
    assert "thresholds.platinum.combined 700 points 2022-09-05 operator Portal (entered by operator on" in shown
    assert "700" in RUN.invoke(app, ["ask", "gap platinum", "--as", "ana@example.com"]).stdout


def test_what_was_entered_counts_for_every_command_that_names_thresholds(table: Path):
    assert "thresholds.gold.combined is not set" in RUN.invoke(app, ["doctor"]).stdout
    rules_set(table, "--alone")
    assert "thresholds.gold.combined is not set" not in RUN.invoke(app, ["doctor"]).stdout
    assert "thresholds.gold.combined" not in RUN.invoke(app, ["rules", "--template"]).stdout


def test_without_alone_the_admins_decide(table: Path):
    assert "Proposed. An admin approves it in Slack" in rules_set(table).stdout
    assert "645 points" in RUN.invoke(app, ["rules"]).stdout


def test_without_an_admin_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.txt").write_text(PASTED)
    refused = rules_set(tmp_path / "table.txt")
    assert refused.exit_code == 1
    assert "--alone applies the table without an approval." in refused.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Tier\tTotal\nGold\t1.234", "can be 1,234 or 1.234"),
        (b"\xff\xfe\xff", "not UTF-8 text"),
        (b"\x80abc", "not UTF-8 text"),
        (b"x" * 70_000, "larger than 64 KiB"),
        (b"hello", "I found no tier table"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(table: Path, content: bytes, said: str):
    table.write_bytes(content)
    refused = rules_set(table)
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_the_operators_table_wins_and_rules_says_so(table: Path, monkeypatch: pytest.MonkeyPatch):
    rules_set(table, "--alone")
    program = table.with_name("program.toml")
    program.write_text("[thresholds.platinum.combined]\n2022-07-18 = { value = 680 }\n")
    monkeypatch.setenv("TIERBOT_PROGRAM", str(program))
    shown = " ".join(RUN.invoke(app, ["rules"]).stdout.split())
    assert "thresholds.platinum.combined 680 points" in shown
    assert "note: thresholds.platinum.combined: TIERBOT_PROGRAM sets it from 2022-07-18 on" in shown
