"""`tierbot import --map`: an export of another form, from the file to the answer."""

import shutil
import sqlite3
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from tests.support.sample_folder import TABLE

RUN = CliRunner()
DEALS = [
    ["Abschluss", "Kunde", "Land", "Produkt", "MRR", "Art", "Währung", "Status"],
    ["05.08.2022", "Acme GmbH", "Deutschland", "Marketing Hub Professional", 900, "Neukunde", "EUR", "gewonnen"],
    ["16.08.2022", "Bolt AG", "Österreich", "Sales Hub Starter", 20, "Upsell", "EUR", "gewonnen"],
    ["17.08.2022", "Cord SE", "Schweiz", "Sales Hub Starter", 20, "Neukunde", "EUR", "verloren"],
]


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imported: Path) -> Path:
    """A working folder with the sample imported and a foreign workbook."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    (tmp_path / "rules.toml").write_text(TABLE)
    monkeypatch.setenv("TIERBOT_PROGRAM", "rules.toml")
    monkeypatch.setenv("TIERBOT_TODAY", "2022-09-05")
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.title = "Umsatz"
    for row in DEALS:
        workbook.active.append(row)
    workbook.save(tmp_path / "umsatz.xlsx")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["import", *words])
    return result.exit_code, result.output


def test_a_workbook_with_foreign_headers_goes_from_a_proposal_to_the_database(filled: Path) -> None:
    status, shown = run("umsatz.xlsx", "--map", "new")
    assert status == 0, shown
    assert "acme-gmbh" in shown
    assert "partner_id: whose sales are these?" in shown
    toml = (filled / "mapping.toml").read_text()
    for answer in ('partner_id = { value = "P001" }', 'motion = { value = "sourced" }'):
        assert f"# {answer}" in toml
        toml = toml.replace(f"# {answer}", answer.replace("P001", "PA"))
    (filled / "mapping.toml").write_text(toml)
    status, shown = run("umsatz.xlsx", "--map", "mapping.toml")
    assert status == 0, shown
    assert "umsatz.xlsx: 3 rows → 2 clients.csv, 2 sales.csv" in shown
    assert "skipped: 1 row, Status is verloren" in shown
    assert "umsatz.xlsx" in RUN.invoke(app, ["imports"]).output
    again = run("umsatz.xlsx", "--map", "mapping.toml")[1]
    assert all(" 0 " in line for line in again.splitlines() if line.startswith(("clients.csv ", "sales.csv ")))


def test_a_proposal_never_overwrites_a_file(filled: Path) -> None:
    (filled / "mapping.toml").write_text("mine")
    status, shown = run("umsatz.xlsx", "--map", "new")
    assert status == 1
    assert "mapping.toml is there and stays as it is" in shown
    assert (filled / "mapping.toml").read_text() == "mine"
    assert run("umsatz.xlsx", "--map", "new", "--to", "other.toml")[0] == 0


def test_the_ready_mappings_are_listed_and_can_be_copied(filled: Path) -> None:
    status, shown = run("--list-maps")
    assert status == 0
    assert {"hubspot-deals", "sales-list", "partner-clients"} <= {line.split(" ")[0] for line in shown.splitlines()}
    assert run("--map", "sales-list", "--to", "mine.toml")[0] == 0
    assert "[clients]" in (filled / "mine.toml").read_text()
    assert run("--map", "sales-list", "--to", "mine.toml")[0] == 1


def test_a_mistyped_mapping_or_setting_is_an_error_in_words(filled: Path) -> None:
    status, shown = run("umsatz.xlsx", "--map", "sale-list")
    assert status == 1
    assert "Did you mean sales-list?" in shown
    status, shown = run("umsatz.xlsx", "--map", "sales-list", "--set", "partner=PA")
    assert status == 1
    assert "Did you mean partner_id?" in shown
    assert run("umsatz.xlsx", "--map", "sales-list", "--set", "partner")[0] == 2
    assert run("--dry-run")[0] == 2


def test_a_file_that_is_no_table_is_an_error_in_words(filled: Path) -> None:
    (filled / "a.pdf").write_text("x")
    status, shown = run("a.pdf", "--map", "sales-list", "--set", "partner_id=PA")
    assert status == 1
    assert "Traceback" not in shown
    assert shown.startswith("a.pdf")


def test_a_value_that_a_ready_mapping_lacks_is_added_in_a_copy(filled: Path) -> None:
    (filled / "s.csv").write_text(
        "Date,Customer,Product,MRR,Type,Country,Currency,Motion\n2022-08-05,A,Hub,1,Gift,DE,EUR,DIFM\n"
    )
    status, shown = run("s.csv", "--map", "sales-list", "--set", "partner_id=PA")
    assert status == 1
    assert "s.csv:2 Type: has 1 value that the mapping doesn't translate: Gift (1 row)" in shown
    assert "tierbot import --map sales-list --to mapping.toml" in shown


def test_a_ready_mapping_that_does_not_fit_names_the_one_that_does(filled: Path) -> None:
    exports = Path(__file__).parents[2] / "tiercore" / "ingest" / "mapping" / "exports" / "line-items"
    code, said = run(str(exports), "--map", "hubspot-deals", "--set", "partner_id=PA", "--dry-run")
    assert code == 1
    assert "The ready mapping hubspot-line-items has the columns of these files" in " ".join(said.split())


def test_the_decimal_mark_is_said_once_for_an_export(filled: Path) -> None:
    (filled / "sales 2022.csv").write_text(
        "Date;Customer;Product;MRR;Type;Country\n2022-08-05;Acme;Sales Hub;1.234;net new;DE\n"
    )
    words = ["sales 2022.csv", "--map", "sales-list", "--dry-run", "--set", "partner_id=PA"]
    words += ["--set", "currency=EUR", "--set", "motion=sourced"]
    code, said = run(*words)
    assert code == 1
    assert "--decimal point or --decimal comma" in " ".join(said.split())
    code, said = run(*words, "--decimal", "comma")
    assert code == 0, said
    assert "read as 1234.00" in " ".join(said.split())


def test_a_lone_file_that_is_none_of_ours_is_told_how_to_have_its_columns_mapped(filled: Path) -> None:
    (filled / "umsatz.xlsx").rename(filled / "Umsätze 2022.xlsx")
    status, shown = run("Umsätze 2022.xlsx")
    assert status == 1
    assert "tierbot import 'Umsätze 2022.xlsx' --map new" in shown
    (filled / "kunden.csv").write_text("a,b\n1,2\n")
    assert "tierbot import kunden.csv --map new" in run("kunden.csv")[1]


def test_the_printed_command_can_be_pasted(filled: Path) -> None:
    (filled / "umsatz.xlsx").rename(filled / "Umsätze 2022.xlsx")
    shown = run("Umsätze 2022.xlsx", "--map", "new", "--to", "my map.toml")[1]
    assert "tierbot import 'Umsätze 2022.xlsx' --map 'my map.toml' --dry-run" in " ".join(shown.split())


def test_a_proposal_knows_the_partners_on_file_and_an_import_names_a_column_of_theirs_that_is_unread(
    filled: Path,
) -> None:
    header, *rows = DEALS
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    with sqlite3.connect(filled / "tierbot.db") as database:
        on_file = [name for (name,) in database.execute("select name from partner order by partner_id limit 2")]
    names = ["Agentur", on_file[0], on_file[1], on_file[0]]
    for row, name in zip([header, *rows], names, strict=True):
        workbook.active.append([*row, name])
    workbook.save(filled / "agenturen.xlsx")
    run("agenturen.xlsx", "--map", "new")
    toml = (filled / "mapping.toml").read_text()
    assert "[sales.partner_id]" in toml
    assert "#? partner_id" not in toml
    start, end = toml.index("[sales.partner_id]"), toml.index("[sales.deal_type]")
    toml = (toml[:start] + toml[end:]).replace("[sales]", '[sales]\npartner_id = { value = "PA" }')
    toml = toml.replace('# motion = { value = "sourced" }', 'motion = { value = "sourced" }')
    (filled / "one.toml").write_text(toml)
    status, shown = run("agenturen.xlsx", "--map", "one.toml", "--dry-run")
    assert status == 0, shown
    assert "'Agentur' of agenturen.xlsx has the names of 2 partners, and the mapping gives all to one" in shown


def test_a_dry_run_says_that_rows_were_checked(filled: Path) -> None:
    run("umsatz.xlsx", "--map", "new")
    toml = (filled / "mapping.toml").read_text()
    for answer in ('partner_id = { value = "P001" }', 'motion = { value = "sourced" }'):
        toml = toml.replace(f"# {answer}", answer.replace("P001", "PA"))
    (filled / "mapping.toml").write_text(toml)
    status, shown = run("umsatz.xlsx", "--map", "mapping.toml", "--dry-run")
    assert status == 0, shown
    assert "Checked 4 rows." in shown
    assert "Stored" not in shown
