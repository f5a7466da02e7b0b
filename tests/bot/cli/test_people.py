"""The operator's changes on the command line, and every question as JSON."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from handlers.typed_command import QUESTIONS

RUN = CliRunner()
ANA = ["--as", "ana@example.com", "--on", "2022-09-05"]
TYPED = {"convert": "/convert 225 points", "whatif": "/whatif lose Acme"}
LINK = ["--team", "T01", "--user", "U01"]


@pytest.fixture
def filled(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample folder, imported by the command."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'tierbot.db'}")
    monkeypatch.setenv("TIERBOT_PROGRAM", str(tmp_path / "rules.toml"))
    return tmp_path


def ask_json(question: str, email: str = "ana@example.com") -> dict:
    result = RUN.invoke(app, ["ask", question, "--as", email, "--on", "2022-09-05", "--json"])
    assert result.exit_code == 0, result.stdout
    return json.loads(result.stdout)


@pytest.mark.parametrize("word", sorted(QUESTIONS.keys() - {"portfolio"}))  # which takes several partners
def test_every_question_is_answered_as_one_json_object(filled: Path, word: str):
    record = ask_json(TYPED.get(word, f"/{word}"))
    assert record["question"] == word
    assert record["partner"] == {"id": "PA", "name": "Partner A"}
    assert record["as_of"] == "2022-09-05"
    assert "table of the tests" in record["notes"]


def test_a_portfolio_is_answered_as_one_json_object(filled: Path):
    record = ask_json("/portfolio", "carla@example.com")
    assert record["question"] == "portfolio"
    assert "PA" in [each["id"] for each in record["partners"]]
    assert record["as_of"] == "2022-09-05"
    assert "table of the tests" in record["notes"]


def test_different_questions_give_the_same_figures(filled: Path):
    points = ask_json("/tier")["points"]
    clients = ask_json("/clients")["clients"]
    assert points["combined"] == "420.00" == clients[0]["points"]
    assert ask_json("/why sold")["total"] == points["sold"]
    client = ask_json("/clients Acme")
    assert (client["sold"], client["managed"]) == (points["sold"], points["managed"])
    assert [sale["lapses_on"] for sale in client["sales"]] == ["2023-03-01", "2022-10-05"]


def test_a_hold_hides_the_figure_until_lifted(filled: Path):
    result = RUN.invoke(app, ["hold", "expiry", "--reason", "being [bold]corrected", "--partner", "PA"])
    assert result.exit_code == 0, result.output
    record = ask_json("/expiring")
    assert record["total"] is None
    assert "being [bold]corrected" in record["held"]
    assert "being [bold]corrected" in RUN.invoke(app, ["holds"]).stdout
    assert RUN.invoke(app, ["lift", "expiry", "--partner", "PA"]).exit_code == 0
    assert ask_json("/expiring")["held"] is None
    assert RUN.invoke(app, ["holds"]).stdout.strip() == "No figure is under correction."


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (["hold", "nothing", "--reason", "x"], "Choose from: expiry, retention, tool_usage"),
        (["hold", "expiry", "--reason", " "], "A hold needs a reason"),
        (["hold", "expiry", "--reason", "x", "--partner", "PX"], "There's no partner with the ID 'PX'"),
        (["lift", "expiry"], "expiry isn't held for every partner"),
        (["invite", "--email", "nobody@example.com"], "nobody@example.com isn't on file"),
        (["unlink", *LINK], "isn't linked to anyone"),
        (["link", *LINK, "--email", "nobody@example.com"], "nobody@example.com isn't on file"),
    ],
)
def test_an_impossible_change_is_reported_in_one_line_with_status_1(filled: Path, command: list[str], what: str):
    refused = RUN.invoke(app, command)
    assert refused.exit_code == 1
    assert what in refused.stderr


def test_links_and_invitations_are_audited_but_no_code_is(filled: Path):
    assert RUN.invoke(app, ["audit"]).stdout.strip() == "Nobody has changed anything yet."
    assert "is now Ana <ana@example.com>" in RUN.invoke(app, ["link", *LINK, "--email", "Ana@Example.com"]).stdout
    code = RUN.invoke(app, ["invite", "--email", "bea@example.com"]).stdout.split()[0]
    assert "is no longer ana@example.com" in RUN.invoke(app, ["unlink", *LINK]).stdout
    audit = RUN.invoke(app, ["audit"]).stdout
    for change in ("linked", "made a code for", "unlinked", "bea@example.com"):
        assert change in audit
    assert code not in audit
    assert len(RUN.invoke(app, ["audit", "--limit", "1"]).stdout.splitlines()) == 2


def test_slack_only_features_name_the_command_to_use_instead(filled: Path):
    refused = RUN.invoke(app, ["ask", "/tier link ana@example.com", *ANA])
    assert refused.exit_code == 1
    assert "tierbot link" in refused.stdout


def test_everyone_who_is_not_linked_can_be_invited_at_once(filled: Path):
    RUN.invoke(app, ["link", *LINK, "--email", "ana@example.com"])
    result = RUN.invoke(app, ["invite", "--all"])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("/tier link ") == 3
    assert "ana@example.com" not in result.stdout
    assert RUN.invoke(app, ["invite"]).exit_code == 2
    assert RUN.invoke(app, ["invite", "--all", "--email", "bea@example.com"]).exit_code == 2


def test_the_first_admin_is_led_on_before_there_is_any_partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'tierbot.db'}")
    assert RUN.invoke(app, ["link", *LINK, "--email", "admin@example.com", "--admin"]).exit_code == 0
    asked = RUN.invoke(app, ["ask", "/tier", "--as", "admin@example.com"])
    assert asked.exit_code == 1
    assert "Set up tierbot. Next: bring your data." in asked.stdout
    record = json.loads(RUN.invoke(app, ["ask", "/tier", "--as", "admin@example.com", "--json"]).stdout)
    assert record["error"]["code"] == "first_steps"
    assert (
        "people.csv has no one with that e-mail." in RUN.invoke(app, ["ask", "/tier", "--as", "x@example.com"]).stdout
    )
