"""The operator's command line: the same answers as in Slack, a fixed JSON shape, one-line errors, exit status 1."""

import json
import shutil
from decimal import Decimal
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.old_schema import step_back
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.tables.history import FirstImportRow, ImportRow

RUN = CliRunner()
ANA = ("--as", "ana@example.com", "--on", "2022-09-05")


@pytest.fixture
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a program table and its own database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.toml").write_text(TABLE)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    return tmp_path


@pytest.fixture
def filled(work_folder: Path, imported: Path) -> Path:
    """The same, with the sample folder imported."""
    shutil.copytree(imported, work_folder, dirs_exist_ok=True)
    return work_folder


def ask_json(*words: str) -> dict:
    result = RUN.invoke(app, ["ask", *words, "--json"])
    return {**json.loads(result.stdout), "exit": result.exit_code}


def test_a_standing_as_json(filled: Path):
    answer = ask_json("/tier", *ANA)
    assert answer["exit"] == 0
    assert answer["question"] == "tier"
    assert answer["partner"] == {"id": "PA", "name": "Partner A"}
    assert answer["as_of"] == "2022-09-05"
    assert answer["program_version"] == "2022"
    assert "table of the tests" in answer["notes"]
    assert (answer["credited_tier"], answer["performing_tier"], answer["next_tier"]) == ("gold", "gold", "platinum")
    assert answer["points"] == {
        "sold": "270.00",
        "sourced": "90.00",
        "assisted": "180.00",
        "managed": "150.00",
        "combined": "420.00",
    }
    by_name = {each["name"]: each for each in answer["requirements"]}
    total = by_name["combined_threshold"]
    assert (total["have"], total["need"], total["short"], total["state"]) == ("420.00", "645.00", "225.00", "red")
    assert by_name["sold_minimum"]["state"] == "green"
    retention = by_name["customer_dollar_retention"]
    assert (retention["need"], retention["short"], retention["state"]) == (None, None, "not_configured")
    assert (retention["have"], retention["unit"]) == ("100.00", "percent")
    assert answer["next_recalibration"] == "2023-01-15"


def test_a_gap_as_json(filled: Path):
    answer = ask_json("/gap platinum", *ANA)
    assert answer["tier"] == "platinum"
    remainder = answer["remainder"]
    assert remainder["points"] == "225.00"
    for source, mrr in (("only_sourced", "7500.00"), ("only_assisted", "7500.00"), ("only_managed", "22500.00")):
        assert (remainder[source]["points"], remainder[source]["mrr"], remainder[source]["currency"]) == (
            "225.00",
            mrr,
            "USD",
        )


def test_expiring_points_as_json_add_up(filled: Path):
    answer = ask_json("/expiring 90d", *ANA)
    assert answer["days"] == 90
    assert answer["total"] == "330.00"
    assert sum(Decimal(item["points"]) for item in answer["items"]) == Decimal(answer["total"])
    assert answer["items"][0] == {
        "client": "Acme",
        "product_line": "Marketing Hub",
        "edition": None,
        "account": None,
        "source": "assisted",
        "points": "180.00",
        "lapses_on": "2022-10-05",
        "cause": "sale_aged_out",
    }
    assert answer["unknown"] == []
    bea = ask_json("/expiring", "--as", "bea@example.com", "--on", "2022-09-05")
    assert [(each["client"], each["product_line"]) for each in bea["unknown"]] == [("Unklar AG", "Service Hub")]


def test_changes_as_json_add_up(filled: Path):
    answer = ask_json("/changes 2022-02-01", *ANA)
    assert (answer["since"], answer["days"]) == ("2022-02-01", 216)
    assert (answer["before"]["combined"], answer["after"]["combined"]) == ("300.00", "420.00")
    assert answer["combined"] == {"gained": "120.00", "lost": "0.00", "net": "120.00", "net_micropoints": 120_000_000}
    [client] = answer["clients"]
    assert sum(item["micropoints"] for item in client["items"]) == answer["combined"]["net_micropoints"]
    assert client["items"][0] == {
        "product_line": "Sales Hub",
        "edition": None,
        "account": None,
        "source": "sourced",
        "points": "90.00",
        "micropoints": 90_000_000,
        "on": "2022-03-01",
        "cause": "sale",
    }
    assert set(answer["causes"]) == {"sale", "subscription_started"}


def test_a_conversion_as_json(filled: Path):
    answer = ask_json("/convert 225 points", *ANA)
    assert (answer["points"], answer["mrr"], answer["currency"]) == ("225.00", None, "USD")
    assert answer["worth"]["managed"]["mrr"] == "22500.00"
    euros = ask_json("/convert €5,000", "--as", "carla@example.com", "--on", "2022-09-05")
    assert euros["partner"] is None
    assert (euros["worth"]["assisted"]["points"], euros["approximate"]) == ("200.00", True)
    none = ask_json("/convert 500 BRL", *ANA)
    assert (none["worth"], none["not_configured"]) == ({}, "currencies.BRL")


@pytest.mark.parametrize(
    ("question", "email", "code"),
    [
        ("/gap silver", "ana@example.com", "no_such_tier"),
        ("/tier Geheim", "ana@example.com", "no_such_partner"),
        ("/tier", "carla@example.com", "which_partner"),
        ("/tier", "nobody@example.com", "not_bound"),
        ("/expiring 5000", "ana@example.com", "bad_words"),
        ("/changes 2030-01-01", "ana@example.com", "bad_words"),
        ("/convert 5.000 €", "ana@example.com", "bad_words"),
        ("/convert 5 points", "nobody@example.com", "not_bound"),
        ("/teir", "ana@example.com", "no_such_question"),
    ],
)
def test_an_error_is_one_json_object_with_a_code_and_exit_status_1(filled: Path, question: str, email: str, code: str):
    answer = ask_json(question, "--as", email)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert answer["exit"] == 1


def test_an_answer_as_text_is_what_slack_shows(filled: Path):
    result = RUN.invoke(app, ["ask", "gap platinum", *ANA])
    assert result.exit_code == 0
    assert "225 points to Platinum" in result.stdout
    assert "[ Share ]" in result.stdout
    assert "More questions ▾ Standing · Plan · Expiring" in result.stdout.replace("\xa0", " ")


def test_without_data_a_question_is_refused_with_an_explanation(work_folder: Path):
    result = RUN.invoke(app, ["ask", "/tier", *ANA])
    assert result.exit_code == 1
    assert "nothing has been imported into" in result.stderr
    assert not (work_folder / "tierbot.db").exists()


def test_an_import_prints_its_counts(work_folder: Path):
    folder = str(write_folder(work_folder / "data"))
    first = RUN.invoke(app, ["import", folder])
    assert first.stdout.splitlines()[3].split() == ["sales.csv", "6", "0", "0", "0"]
    assert RUN.invoke(app, ["import", folder]).stdout.splitlines()[3].split() == ["sales.csv", "0", "0", "6", "0"]
    write_folder(work_folder / "data", sales=FOLDER["sales.csv"].replace("3000.00", "3001.00"))
    dry = RUN.invoke(app, ["import", folder, "--dry-run"])
    assert dry.stdout.splitlines()[3].split() == ["sales.csv", "0", "1", "5", "0"]
    assert "Dry run: nothing was stored." in dry.stdout
    assert ask_json("/tier", *ANA)["points"]["sold"] == "270.00"


def test_a_failed_import_names_the_cell_and_exits_with_1(work_folder: Path):
    folder = write_folder(work_folder / "data", sales=FOLDER["sales.csv"].replace("6000.00", '"6,000"'))
    result = RUN.invoke(app, ["import", str(folder)])
    assert result.exit_code == 1
    assert "sales.csv:2" in result.stderr
    assert "mrr" in result.stderr
    assert "1 problem. Nothing was stored." in result.stderr


def test_rules_show_a_days_values_with_sources_and_what_is_not_set(work_folder: Path):
    shown = RUN.invoke(app, ["rules", "--on", "2022-09-05"]).stdout
    assert "version 2022, points model" in shown
    assert "thresholds.platinum.combined" in shown
    assert "stated" in shown
    assert "table of the tests" in shown
    missing = shown[shown.index("Not configured on 2022-09-05") :]
    assert "thresholds.diamond.combined" in missing
    assert "thresholds.gold.combined" not in missing


def test_rules_show_whether_deal_based_credit_is_on_and_since_when(work_folder: Path):
    def applies() -> list[str]:
        shown = RUN.invoke(app, ["rules", "--on", "2026-03-01"]).stdout
        return next(line.split()[1:3] for line in shown.splitlines() if line.startswith("deal_based.applies"))

    assert applies() == ["no", "always"]
    (work_folder / "rules.toml").write_text("[deal_based.applies]\n2026-01-15 = { value = true }\n")
    assert applies() == ["yes", "2026-01-15"]


def test_the_template_of_missing_rules_is_written_to_standard_output(work_folder: Path):
    text = RUN.invoke(app, ["rules", "--template", "--on", "2022-09-05"]).stdout
    assert "# [thresholds.diamond.combined]   # in points\n# 2022-07-18 = " in text
    assert "thresholds.gold.combined" not in text


def test_an_ended_threshold_causes_a_warning(work_folder: Path, monkeypatch: pytest.MonkeyPatch):
    (work_folder / "rules.toml").write_text("[thresholds.platinum.sold_minimum]\n2022-07-18 = { value = 270 }\n")
    ended = (
        "warning: your thresholds.platinum.sold_minimum (270 points) ended on 2025-07-15: sourced_minimum replaces it"
    )
    folder = str(write_folder(work_folder / "data"))
    for command in (["rules"], ["rules", "--template"], ["import", folder, "--dry-run"]):
        assert ended not in RUN.invoke(app, command).stderr
    monkeypatch.setenv("TIERBOT_TODAY", "2026-11-28")
    for command in (["rules"], ["rules", "--template"], ["import", folder, "--dry-run"]):
        result = RUN.invoke(app, command)
        assert ended in result.stderr
        assert ended not in result.stdout


def test_a_slack_user_can_be_linked(filled: Path):
    def link_user(team: str, user: str, email: str):
        return RUN.invoke(app, ["link", "--team", team, "--user", user, "--email", email])

    done = link_user("T1", "U1", "Ana@Example.com")
    assert done.exit_code == 0
    assert "U1 of T1 is now Ana <ana@example.com>." in done.stdout
    assert "(was ana@example.com)" in link_user("T1", "U1", "bea@example.com").stdout
    assert link_user("T1", "U1", "nobody@example.com").exit_code == 1
    assert link_user("team", "U1", "ana@example.com").exit_code == 1


def test_rules_that_change_the_rating_ask_for_a_rebuild(filled: Path):
    (filled / "rules.toml").write_text(
        TABLE + '[rates.assisted.standard]\nunit = "points per US$100 of MRR"\n2021-01-01 = { value = 4 }\n'
    )
    refused = RUN.invoke(app, ["ask", "/tier", *ANA])
    assert refused.exit_code == 1
    assert "tierbot rebuild" in refused.stderr
    assert RUN.invoke(app, ["rebuild"]).exit_code == 0
    assert ask_json("/tier", *ANA)["points"]["assisted"] == "240.00"


def test_a_database_of_the_previous_version_is_migrated_rebuilt_and_answers(filled: Path):
    before = ask_json("/tier", *ANA)
    step_back(create_database_engine(database_url(f"sqlite:///{filled / 'tierbot.db'}")), "0001")
    assert "tierbot migrate" in RUN.invoke(app, ["ask", "/tier", *ANA]).stderr
    migrated = RUN.invoke(app, ["migrate"]).stdout
    assert "Migrated to revision" in migrated
    assert "tierbot rebuild" in migrated
    refused = RUN.invoke(app, ["ask", "/tier", *ANA])
    assert refused.exit_code == 1
    assert "the database was migrated, and what is new in it has to be computed: tierbot rebuild" in refused.stderr
    assert RUN.invoke(app, ["rebuild"]).exit_code == 0
    assert RUN.invoke(app, ["migrate"]).stdout.startswith("Already at revision")
    assert ask_json("/tier", *ANA) == before


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TIERBOT_DATABASE_URL", "mysql://x/y", "mysql is not supported"),
        ("TIERBOT_DATABASE_URL", "sqlite:////no/such/folder/x.db", "can't be used"),
        ("TIERBOT_DATABASE_URL", "postgresql://127.0.0.1:1/x", "can't be used"),
        ("TIERBOT_PROGRAM", "missing.toml", "missing.toml"),
        ("TIERBOT_TODAY", "yesterday", "TIERBOT_TODAY"),
        ("TIERBOT_TIMEZONE", "Mars/Olympus", "no time zone"),
    ],
)
def test_an_invalid_setting_is_reported_in_one_line(
    work_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
):
    monkeypatch.setenv(name, value)
    result = RUN.invoke(app, ["ask", "/tier", *ANA])
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_serving_without_tokens_says_what_is_missing(filled: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.logs.set_up_logging", lambda *_: None)
    result = RUN.invoke(app, ["serve"])
    assert result.exit_code == 1
    assert "neither SLACK_BOT_TOKEN nor SLACK_CLIENT_ID is set" in result.stderr


def test_a_sqlite_file_of_another_revision_is_changed_only_on_request(filled: Path):
    import sqlite3

    with sqlite3.connect("tierbot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    for command in (["ask", "/tier", *ANA], ["migrate"]):
        refused = RUN.invoke(app, command)
        assert refused.exit_code == 1
        assert "made by a newer tierbot" in refused.stderr


def test_an_empty_setting_counts_as_not_set(filled: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_PROGRAM", "")
    assert "table of the tests" not in ask_json("/tier", *ANA)["notes"]


def test_an_invalid_database_is_reported_in_words_and_as_json(work_folder: Path):
    (work_folder / "tierbot.db").write_bytes(b"this is no database" * 100)
    answer = ask_json("/tier", *ANA)
    assert answer["error"]["code"] == "not_usable"
    assert "can't be used" in answer["error"]["message"]
    assert answer["exit"] == 1


def test_an_impossible_date_is_refused(filled: Path):
    assert RUN.invoke(app, ["ask", "/tier", "--as", "ana@example.com", "--on", "9999-12-31"]).exit_code == 2


def test_help_shows_every_question(filled: Path):
    for question in ("help", "/help", ""):
        shown = RUN.invoke(app, ["ask", question, *ANA])
        assert shown.exit_code == 0
        assert all(command in shown.stdout for command in ("/tier [model]", "/gap [tier]", "/expiring [days]"))


def test_an_operators_notes_are_shown_as_written(work_folder: Path):
    (work_folder / "rules.toml").write_text(
        '[thresholds.gold.combined]\nunit = "points"\n2022-07-18 = { value = 200, source = "p. 3 [/oops] [bold]" }\n'
    )
    assert "p. 3 [/oops] [bold]" in RUN.invoke(app, ["rules"]).stdout


@pytest.mark.slow
def test_a_postgresql_database_can_be_migrated(postgres, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_DATABASE_URL", postgres.url(postgres.create_database()))
    assert "tierbot migrate" in RUN.invoke(app, ["ask", "/tier", *ANA]).stderr
    assert "Migrated to revision" in RUN.invoke(app, ["migrate"]).stdout
    assert "Already at revision" in RUN.invoke(app, ["migrate"]).stdout
    assert "The large tables have 4 partitions." in RUN.invoke(app, ["migrate", "--partitions", "4"]).stdout
    assert "No table has partitions." in RUN.invoke(app, ["migrate", "--partitions", "0"]).stdout
    assert "use 2 to 1024 partitions, or 0 for none" in RUN.invoke(app, ["migrate", "--partitions", "1"]).stderr


def test_sqlite_cannot_be_partitioned(filled: Path):
    refused = RUN.invoke(app, ["migrate", "--partitions", "4"])
    assert refused.exit_code == 1
    assert "SQLite has no partitions: set TIERBOT_DATABASE_URL to a PostgreSQL database" in refused.stderr


def test_the_json_for_an_ambiguous_partner_lists_the_choices(filled: Path):
    choices = ask_json("/tier", "--as", "carla@example.com")["error"]["choices"]
    assert {each["id"] for each in choices} == {"PA", "PB", "PD"}


def test_a_currency_without_a_points_table_is_named_in_a_warning(work_folder: Path):
    folder = write_folder(work_folder / "data", sales=FOLDER["sales.csv"].replace("100.00,USD", "100.00,SEK"))
    result = RUN.invoke(app, ["import", str(folder), "--dry-run"])
    assert result.exit_code == 0
    assert "currencies.SEK isn't set" in result.stderr


def test_the_version_is_the_installed_one(work_folder: Path):
    assert RUN.invoke(app, ["--version"]).stdout == f"tierbot {metadata.version('tierbot')}\n"


def test_every_question_works_behind_tier(filled: Path):
    assert ask_json("/tier why sold", *ANA) == ask_json("/why sold", *ANA)
    assert ask_json("tier convert 225 points", *ANA)["question"] == "convert"


def test_suggestions_use_the_commands_of_the_installation(filled: Path, monkeypatch: pytest.MonkeyPatch):
    assert "/clients lists them all." in ask_json("/clients Nobodys", *ANA)["error"]["message"]
    monkeypatch.setenv("TIERBOT_COMMANDS", "core")
    assert "/tier clients lists them all." in ask_json("/clients Nobodys", *ANA)["error"]["message"]
    assert "/tier clients lists them all." in RUN.invoke(app, ["ask", "/tier clients Nobodys", *ANA]).stdout
    monkeypatch.setenv("TIERBOT_COMMANDS", "some")
    assert "TIERBOT_COMMANDS" in RUN.invoke(app, ["ask", "/tier", *ANA]).stderr


def test_fewer_than_one_day_is_refused(filled: Path):
    for text in ("-5", "0", "-3 months"):
        assert ask_json(f"/expiring {text}", *ANA)["error"]["code"] == "bad_words"


def test_without_configured_thresholds_nothing_is_called_green(filled: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TIERBOT_PROGRAM", "")
    shown = RUN.invoke(app, ["ask", "/expiring", *ANA]).stdout
    assert "Not set, so not checked" in shown
    assert "🟢" not in shown


LATE = "S77,PA,C2,Service Hub,net_new,sourced,500.00,USD,2022-08-20"


def import_late_deal(folder: Path, *options: str) -> str:
    """Import a deal of August after the sample folder, on the Monday after it; what the command prints."""
    (folder / "late").mkdir(exist_ok=True)
    (folder / "late" / "sales.csv").write_text(f"{FOLDER['sales.csv'].splitlines()[0]}\n{LATE}\n")
    result = RUN.invoke(app, ["import", "late", *options], env={"TIERBOT_TODAY": "2022-09-12"})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_import_says_what_it_changed_in_the_past_before_it_is_stored_too(filled: Path, options: tuple[str, ...]):
    printed = import_late_deal(filled, *options)
    assert "Changed in the past: 1 partner." in printed
    assert "Partner A: +30 on 16 days from 20 Aug 2022 to 4 Sep 2022 (now 450) through sales.csv S77 (added)" in printed


def test_the_first_import_on_record_into_a_filled_database_says_that_the_record_begins(filled: Path):
    engine = create_database_engine(database_url("sqlite:///tierbot.db"))
    with engine.begin() as connection:
        for model in (ImportRow, FirstImportRow):
            connection.execute(table(model).delete())
    engine.dispose()
    printed = import_late_deal(filled)
    assert "The record begins now: later imports say what they change in the past." in printed
    assert "Changed in the past" not in printed
    asked = RUN.invoke(app, ["ask", "/changes since 1 Aug", "--as", "ana@example.com", "--on", "2022-09-12"])
    assert asked.exit_code == 0
    assert "orrect" not in asked.stdout


def test_imports_are_listed_with_what_each_changed_in_the_past(filled: Path):
    import_late_deal(filled)
    result = RUN.invoke(app, ["imports"])
    assert result.exit_code == 0
    assert "Import 2 changed in the past:" in result.stdout
    assert "Partner A: +30 on 16 days from 20 Aug 2022 to 4 Sep 2022 through sales.csv S77 (added)" in result.stdout
    assert "Import 1 changed" not in result.stdout
    one = [json.loads(line) for line in RUN.invoke(app, ["imports", "--json", "--limit", "1"]).stdout.splitlines()]
    assert [(each["import"], each["on"], each["files"]["sales.csv"]["added"]) for each in one] == [(2, "2022-09-12", 1)]
    [corrected] = one[0]["corrected"]
    assert (corrected["partner"]["id"], corrected["points"], corrected["days"]) == ("PA", "30.00", 16)
    assert corrected["rows"][0]["key"] == "S77"


def test_the_imports_that_changed_a_partners_past_can_be_listed_alone(filled: Path):
    assert RUN.invoke(app, ["imports", "--partner", "PA"]).stdout == "No import on record changed the past of PA.\n"
    import_late_deal(filled)
    rows = RUN.invoke(app, ["imports", "--partner", "PA", "--json"]).stdout.splitlines()
    assert [json.loads(row)["import"] for row in rows] == [2]
    assert "No import on record" in RUN.invoke(app, ["imports", "--partner", "PB"]).stdout


def test_without_an_import_the_list_of_imports_says_so(work_folder: Path):
    assert RUN.invoke(app, ["migrate"]).exit_code == 0
    assert RUN.invoke(app, ["imports"]).stdout == "No import is on record yet.\n"
