"""`tierbot verify`: a sentence where all is equal, a table and what to do next where figures differ."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.sample_folder import TABLE

RUN = CliRunner()


@pytest.fixture
def filled(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the sample folder imported."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["verify", *words])
    return result.exit_code, " ".join(result.stdout.split())


def change(folder: Path, statement: str) -> None:
    database = sqlite3.connect(folder / "tierbot.db")
    with database:
        assert database.execute(statement).rowcount
    database.close()


def test_where_all_figures_are_equal_one_sentence_says_so(filled: Path):
    exit_code, text = run()
    assert exit_code == 0
    assert text == "Verified 4 partners, 8 credits, 14 balances, 134 retention months on 2022-09-05: all equal."


def test_a_figure_that_is_off_by_a_micropoint_is_named_with_what_to_do_next(filled: Path):
    change(filled, "UPDATE credit SET micropoints = micropoints + 1 WHERE entry_id = 'S2'")
    exit_code, text = run()
    assert exit_code == 1
    assert "on 2022-09-05: 1 figure differs." in text
    assert "PA 2022-03-01 credit micropoints 90000001 90000000 sale S2" in text
    assert "Run tierbot rebuild, then tierbot verify again." in text
    assert RUN.invoke(app, ["rebuild"]).exit_code == 0
    assert run()[0] == 0


def test_many_differences_are_counted_by_figure_after_the_first(filled: Path):
    change(filled, "UPDATE retention SET kept = kept + 1")
    exit_code, text = run()
    assert exit_code == 1
    assert "These are the first 50. All of them, by figure:" in text
    assert "retention kept 134" in text


def test_a_missing_row_is_told_as_missing(filled: Path):
    change(filled, "DELETE FROM credit WHERE entry_id = 'A1'")
    text = run("--partner", "PA")[1]
    assert "credit whole row missing there agreement A1" in text


def test_one_partner_one_day_and_a_sample_are_verified_alone(filled: Path):
    assert run("--partner", "PB")[1].startswith("Verified 1 partner, ")
    assert run("--partner", "PA", "--on", "2022-09-05") == (
        0,
        "Verified 1 partner, 4 credits, 1 balance on 2022-09-05: all equal.",
    )
    exit_code, text = run("--sample", "2")
    assert exit_code == 0
    assert text.startswith("Verified 2 partners, ")
    assert text.endswith("on 2022-09-05 (a sample: partners drawn for 2022-09-05): all equal.")


@pytest.mark.parametrize(
    "words", [("--partner", "PX"), ("--sample", "0"), ("--sample", "2", "--partner", "PA"), ("--on", "someday")]
)
def test_what_cant_be_understood_exits_with_two(filled: Path, words: tuple[str, ...]):
    assert run(*words)[0] == 2


def test_figures_of_other_rules_are_not_verified_but_need_a_rebuild(filled: Path):
    (filled / "rules.toml").write_text(TABLE + "\n[rates.sourced.standard]\n2020-01-01 = { value = 4 }\n")
    result = RUN.invoke(app, ["verify"])
    assert result.exit_code == 1
    assert "tierbot rebuild" in result.stderr


def test_doctor_shows_what_the_last_verification_found(filled: Path):
    assert "figures" not in RUN.invoke(app, ["doctor"]).stdout
    run()
    assert "UTC for 4 partners: all equal" in RUN.invoke(app, ["doctor"]).stdout
    change(filled, "UPDATE timeline SET lapsed = lapsed + 1 WHERE partner_id = 'PA'")
    run()
    shown = RUN.invoke(app, ["doctor"]).stdout
    assert "differ → tierbot verify names them" in shown
    assert "✗ figures: verified on" in shown


def test_several_processes_find_the_same(filled: Path):
    assert run("--jobs", "2") == run()
    change(filled, "UPDATE timeline SET sourced = sourced + 1 WHERE partner_id = 'PB'")
    change(filled, "UPDATE credit SET partner_id = 'GHOST' WHERE entry_id = 'S4'")
    exit_code, text = run("--jobs", "2")
    assert exit_code == 1
    assert "GHOST" in text
    assert sorted(text.split()) == sorted(run()[1].split())
