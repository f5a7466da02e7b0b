"""A plan and a what-if as JSON: the keys that other programs rely on."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app

COMMON = {"question", "partner", "as_of", "program_version", "notes"}


@pytest.fixture(autouse=True)
def _in_the_imported_folder(imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """These questions write nothing, so all of them ask the same database."""
    monkeypatch.chdir(imported)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")


def asked(question: str, on: str = "2022-09-05") -> dict:
    result = CliRunner().invoke(app, ["ask", question, "--as", "ana@example.com", "--on", on, "--json"])
    assert result.exit_code == 0, result.output
    found: dict = json.loads(result.stdout)
    assert found.keys() >= COMMON
    return found


def test_a_plan_has_its_goal_its_cost_and_its_steps():
    plan = asked("/plan platinum by 15 jan")
    assert (plan["goal"], plan["by"], plan["feasible"], plan["margin"]) == ("platinum", "2023-01-15", True, "0.00")
    assert plan["cost"] == {"mrr": "26499.84", "currency": "USD"}
    acme = {"id": "C1", "name": "Acme"}
    assert plan["steps"] == [
        {
            "kind": kind,
            "client": client,
            "line": line,
            "source": source,
            "points": points,
            "mrr": mrr,
            "last_day": last_day,
        }
        for kind, client, line, source, points, mrr, last_day in (
            ("upsell", acme, "Marketing Hub", "sourced", "180.00", "6000.00", "2023-01-15"),
            ("new_clients", None, "Marketing Hub", "sourced", "165.00", "5499.84", "2023-01-15"),
            ("extend", acme, None, "managed", "150.00", "15000.00", "2022-10-31"),
        )
    ]


def test_a_plan_that_is_impossible_has_the_same_keys_and_no_cost():
    possible, impossible = asked("/plan platinum by 15 jan"), asked("/plan elite by 15 jan")
    assert possible.keys() == impossible.keys()
    assert (impossible["feasible"], impossible["cost"], impossible["steps"]) == (False, None, [])
    assert "elite_invitation" in impossible["blocked_by"]


def test_a_what_if_has_the_standing_before_and_after_as_tier_gives_it_on_that_day():
    found = asked("/whatif sell 7,500 sourced Acme 20 Sep and lose Acme")
    standing = asked("/tier", on="2022-09-20")
    assert found["before"] == standing
    assert found["after"].keys() == standing.keys()
    sold, lost = found["changes"]
    assert sold["points"] == {"sourced": "225.00", "assisted": "0.00", "managed": "75.00", "combined": "300.00"}
    assert (sold["client"], sold["source"], sold["mrr"], sold["currency"]) == (
        {"id": "C1", "name": "Acme"},
        "sourced",
        "7500.00",
        "USD",
    )
    assert lost["client"] == {"id": "C1", "name": "Acme"}
    assert sold.keys() == lost.keys()


def test_a_what_if_of_a_later_day_calls_no_other_day_today():
    found = asked("/whatif sell 7,500 sourced Acme 20 Sep and lose Acme")
    assert found["day"] == "2022-09-20"
    assert "its numbers are too low on 20 Sep 2022" in found["headline"]
    assert "today" not in found["headline"]
