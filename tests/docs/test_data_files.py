"""The sample rows in docs/data.md can be imported, and its table names every column."""

import re
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from tests.support.exports import read, records, source_of
from tiercore.facts.entries import Agreement
from tiercore.ingest.files import FORMATS
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r"^```csv\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _file_with(header: str) -> str:
    """The file with exactly these columns, in any order."""
    [name] = [name for name, form in FORMATS.items() if header == ",".join(column.name for column in form.columns)]
    return name


def test_the_sample_rows_of_every_file_can_be_imported(tmp_path: Path, sqlite_engine: Engine):
    samples = {_file_with(sample.splitlines()[0]): sample for sample in SAMPLES}
    assert samples.keys() == FORMATS.keys()
    for name, sample in samples.items():
        (tmp_path / name).write_text(sample, encoding="utf-8")
    imported = import_folder(sqlite_engine, load_program(), tmp_path, today=date(2022, 9, 5))
    assert (imported.problems, imported.warnings) == ([], [])
    assert {name: count.added for name, count in imported.counts.items()} == {
        name: len(sample.splitlines()) - 1 for name, sample in samples.items()
    }


def test_the_table_of_files_names_every_column_and_key():
    for name, form in FORMATS.items():
        columns = ", ".join(f"[{each.name}]" if each.optional else each.name for each in form.columns)
        assert f"| `{name}` | {columns} | {', '.join(form.key)} |" in PAGE, name


def test_the_sample_of_filters_leaves_out_the_clients_that_are_not_managed():
    sample = next(each for each in re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S) if "agreements.rows" in each)
    table = records(
        "list", "Company | Managed since | Agency\nAcme | 2026-03-01 | Nordwind\nBolt | | Ostlicht", ending=".csv"
    )
    clients = '[clients]\nclient_id = { id_from = "Company" }\nname = "Company"\ncountry = { value = "DE" }\n'
    incoming = read(source_of(f"{sample}\n{clients}", table))
    assert incoming.problems == []
    assert [(each.client_id, each.partner_id) for each in incoming.entries[Agreement]] == [("acme", "P001")]
