"""Which files and sheets of a folder are read, and what is said of the others (data#which-files)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.workbooks import write_workbook
from tiercore.facts.entries import Client, Partner, Person
from tiercore.ingest import Incoming
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.discovery import Files
from tiercore.ingest.files import FILES, FORMATS

ReadFiles = Callable[..., Incoming]
CLIENTS = "client_id,name,country\nC7,Acme,US\n"
CLIENT_ROWS = [["client_id", "name", "country"], ["C7", "Acme", "US"]]
PARTNER_ROWS = [
    ["partner_id", "name", "country", "currency", "joined_on"],
    ["P7", "Partner", "US", "USD", date(2021, 1, 1)],
]


@pytest.mark.parametrize("name", ["clients.csv", "Clients.csv", "clients.CSV", "CLIENTS.TXT", "clients.tsv"])
def test_a_text_file_is_taken_whatever_its_capitals(read_files: ReadFiles, name: str):
    incoming = read_files({name: CLIENTS})
    assert (incoming.problems, incoming.warnings) == ([], [])
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]
    assert incoming.name_of(Client) == name


@pytest.mark.parametrize("sheet", ["clients", "Clients", "CLIENTS.CSV", " clients "])
def test_a_workbook_has_sheets_named_like_files(read_files: ReadFiles, tmp_path: Path, sheet: str):
    path = write_workbook(tmp_path / "book.xlsx", {"Partners": PARTNER_ROWS, sheet: CLIENT_ROWS})
    incoming = read_files({"book.xlsx": path.read_bytes()})
    assert (incoming.problems, incoming.warnings) == ([], [])
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]
    assert incoming.entries[Partner] == [Partner("P7", "Partner", "US", "USD", date(2021, 1, 1))]
    assert incoming.name_of(Client) == f"book.xlsx ({sheet})"


def test_a_workbook_named_like_a_file_has_one_sheet_of_any_name(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "Clients.xlsx", {"Sheet1": CLIENT_ROWS})
    incoming = read_files({"Clients.xlsx": path.read_bytes(), "partners.csv": "partner_id\n"})
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]
    assert incoming.name_of(Client) == "Clients.xlsx"


def test_a_workbook_named_like_a_file_with_several_sheets_is_a_problem(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "clients.xlsx", {"March": CLIENT_ROWS, "April": CLIENT_ROWS})
    (problem,) = read_files({"clients.xlsx": path.read_bytes()}).problems
    assert "(March, April)" in problem.message
    assert problem.remedy == "name the one to read clients"


def test_a_workbook_named_otherwise_than_its_sheet_is_a_problem(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "sales.xlsx", {"clients": CLIENT_ROWS})
    (problem,) = read_files({"sales.xlsx": path.read_bytes()}).problems
    assert problem.message == "is named sales, and its sheets clients"


def test_a_file_filled_twice_is_an_error_that_names_both(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "book.xlsx", {"clients": CLIENT_ROWS, "Clients.csv": CLIENT_ROWS})
    problems = read_files({"book.xlsx": path.read_bytes(), "clients.csv": CLIENTS}).problems
    assert [(each.file, each.message) for each in problems] == [
        ("book.xlsx (Clients.csv)", "fills clients.csv, and so does book.xlsx (clients)"),
        ("clients.csv", "fills clients.csv, and so does book.xlsx (clients)"),
    ]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", ["export (1).csv", "Sales-2022.csv", "data.tsv"])
def test_a_file_with_another_name_is_known_by_its_header_with_a_note(tmp_path: Path, file: str, name: str):
    for columns in (FORMATS[file].columns, [each for each in FORMATS[file].columns if not each.optional]):
        header = ",".join(each.name.upper() for each in reversed(columns))
        (tmp_path / name).write_text(f"{header}\n")
        found = Files(tmp_path).tables()
        assert [(each.file, each.name) for each in found.tables] == [(file, name)]
        (note,) = found.warnings
        assert str(note).startswith(f"{name}: isn't named like one of the files: it was read as {file}")
        assert found.problems == []


def test_a_sheet_with_another_name_is_known_by_its_header_with_a_note(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "book.xlsx", {"Sheet1": CLIENT_ROWS, "Pivot": [["?"]]})
    incoming = read_files({"book.xlsx": path.read_bytes()})
    assert incoming.problems == []
    assert {each.file: each.kind for each in incoming.warnings} == {
        "book.xlsx (Sheet1)": "read as clients.csv",
        "book.xlsx (Pivot)": "passed over",
    }
    assert len(incoming.entries[Client]) == len(CLIENT_ROWS) - 1


@pytest.mark.parametrize("header", ["client_id,name", "client_id,name,country,region", "client_id", "", '"', "\0"])
def test_a_file_with_another_header_is_not_taken_for_one_of_ours(tmp_path: Path, header: str):
    (tmp_path / "list.csv").write_text(f"{header}\n")
    found = Files(tmp_path).tables()
    assert (found.tables, [each.kind for each in found.problems]) == ([], ["unknown file"])


def test_two_files_with_the_header_of_one_are_an_error_that_names_both(read_files: ReadFiles):
    (problem,) = read_files({"clients.csv": CLIENTS, "clients (1).csv": CLIENTS}).problems
    assert (problem.file, problem.message) == ("clients.csv", "fills clients.csv, and so does clients (1).csv")


def test_every_file_and_sheet_that_is_passed_over_is_named(read_files: ReadFiles, tmp_path: Path):
    path = write_workbook(tmp_path / "book.xlsx", {"clients": CLIENT_ROWS, "Pivot": [["?"]], "Partnrs": []})
    others = ["clients.xls", "old.numbers", "list.ods", "notes.txt", "more.tsv", "all.zip", "readme", "picture.png"]
    incoming = read_files({"book.xlsx": path.read_bytes(), **dict.fromkeys(others, "?")})
    assert incoming.problems == []
    passed_over = [each for each in incoming.warnings if each.kind == "passed over"]
    assert {each.file for each in passed_over} == {*others, "book.xlsx (Pivot)", "book.xlsx (Partnrs)"}
    said = {each.file: each.remedy for each in passed_over}
    assert said["clients.xls"] == "save it as .xlsx or CSV, named clients"
    assert "Did you mean partners?" in said["book.xlsx (Partnrs)"]
    assert said["all.zip"] == "unpack it"


def test_a_folder_in_the_folder_is_passed_over_and_named(tmp_path: Path):
    (tmp_path / "2021").mkdir()
    (tmp_path / "clients.csv").write_text(CLIENTS)
    (warning,) = Files(tmp_path).tables().warnings
    assert (warning.file, warning.kind) == ("2021", "passed over")


def test_a_source_is_a_folder_or_a_single_file(tmp_path: Path):
    for name in ("clients.csv", "partners.csv"):
        (tmp_path / name).write_text(CLIENTS)
    folder = Files(tmp_path)
    assert [each.name for each in folder.tables().tables] == ["partners.csv", "clients.csv"]
    file = Files(tmp_path / "clients.csv", dates=DateOrder.DAY_FIRST)
    assert [each.name for each in file.tables().tables] == ["clients.csv"]
    assert file.tables().dates is DateOrder.DAY_FIRST
    (problem,) = Files(tmp_path / "nowhere.xlsx").tables().problems
    assert "can't be read as a folder" in problem.message


def test_a_single_file_that_is_not_one_of_the_files_is_a_problem(tmp_path: Path):
    path = write_workbook(tmp_path / "deals.xlsx", {"Export": [["Deal", "Amount"]]})
    listing = Files(path).tables()
    assert [each.kind for each in listing.problems] == ["empty folder"]
    assert [each.file for each in listing.warnings] == ["deals.xlsx (Export)"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("start", ["", "sep=;\r\n", '"sep=;"\n', "People of March\n\n;;;\n"])
def test_a_file_in_any_usual_encoding_is_read(read_files: ReadFiles, encoding: str, start: str):
    text = f"{start}email;name;role;partner_id;\r\nana@example.com;André €;partner;P1;\r\n;;;;\r\n"
    incoming = read_files({"people.csv": text.encode(encoding)})
    assert incoming.problems == []
    (person,) = incoming.entries[Person]
    assert isinstance(person, Person)
    assert person.name == "André €"
    kinds = [each.kind for each in incoming.warnings]
    assert kinds == ["encoding"] * (encoding == "cp1252") + ["header"] * start.startswith("People")


def test_a_guessed_encoding_is_said_once_with_an_example(read_files: ReadFiles):
    text = "client_id,name,country\n" + "".join(f"C{n},Café {n},FR\n" for n in range(9))
    (note,) = read_files({"clients.csv": text.encode("cp1252")}).warnings
    assert "read as Windows-1252, such as: Café 0" in note.message
    assert "save the file as UTF-8" in note.remedy


@pytest.mark.parametrize("bad", [b"\x81", b"\xe9 \xc3\xa9", b"\xed\xa0\x80"])
def test_an_encoding_in_doubt_is_not_guessed(read_files: ReadFiles, bad: bytes):
    problems = read_files({"clients.csv": b"client_id,name,country\nC7," + bad + b"\xe9,FR\n"}).problems
    assert [(each.line, each.kind) for each in problems] == [(2, "not UTF-8")]


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Summe", "Grand Total", "Gesamtsumme", "Sum"])
def test_totals_at_the_end_are_passed_over_with_a_warning(read_files: ReadFiles, word: str):
    rows = f"C1,Hub,100,USD,2024-03-01\n{word},,100.00,USD,\n,,,,\n"
    incoming = read_files({"subscriptions.csv": f"client_id,product_line,mrr,currency,effective_on\n{rows}"})
    assert incoming.problems == []
    (warning,) = [each for each in incoming.warnings if each.kind == "totals"]
    assert (warning.line, warning.value) == (3, f"{word}, 100.00, USD")


@pytest.mark.parametrize("row", ["Total,Hub,100,USD,2024-03-01", "C1,Total,100,USD,", ",,100,USD,", "Total,,100,,soon"])
def test_a_row_that_may_be_an_entry_is_never_taken_for_totals(read_files: ReadFiles, row: str):
    incoming = read_files({"subscriptions.csv": f"client_id,product_line,mrr,currency,effective_on\n{row}\n"})
    assert incoming.problems


def test_totals_in_the_middle_are_reported(read_files: ReadFiles):
    rows = "Total,,100,USD,\nC1,Hub,100,USD,2024-03-01\nTotal,,100,USD,\n"
    incoming = read_files({"subscriptions.csv": f"client_id,product_line,mrr,currency,effective_on\n{rows}"})
    assert {each.line for each in incoming.problems} == {2}
