"""Whole files: which are read, in which formats, and what is reported about an unreadable one."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tiercore.facts.entries import Client, Partner, Sale
from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.discovery import files_in
from tiercore.program import load_program

ReadFiles = Callable[..., Incoming]

SALES = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
ROW = "S{},P1,C1,Hub,net_new,sourced,{},USD,2024-03-01\n"


def read(folder: Path) -> Incoming:
    return read_tables(
        files_in(folder), Stored(), tiers={"gold"}, catalogue=load_program().catalogue, today=date(2026, 1, 15)
    )


def test_a_path_that_is_not_a_folder_is_a_problem(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "nowhere").problems
    assert "nowhere" in str(problem)
    assert "can't be read as a folder" in str(problem)


def test_a_folder_without_a_known_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (problem,) = read(tmp_path).problems
    assert "partners.csv" in str(problem)


@pytest.mark.parametrize("name", ["sale.csv", "salse.csv", "Sales 2.csv"])
def test_a_csv_file_with_an_unknown_name_gets_a_suggestion(read_files: ReadFiles, name: str) -> None:
    (problem,) = read_files({name: "name,amount\nAcme,5\n"}).problems
    assert (problem.file, problem.kind) == (name, "unknown file")
    assert "Did you mean sales.csv?" in problem.remedy


def test_hidden_files_are_ignored(read_files: ReadFiles) -> None:
    files = {"._sales.csv": b"\0\1", "~$book.xlsx": b"?", "program.toml": "", "sales.csv": SALES}
    incoming = read_files(files)
    assert (incoming.problems, incoming.warnings) == ([], [])


def test_a_folder_named_like_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").mkdir()
    (problem,) = read(tmp_path).problems
    assert (problem.file, problem.kind) == ("sales.csv", "no file")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_line_ending_and_byte_order_mark_are_detected(
    read_files: ReadFiles, delimiter: str, ending: str, mark: str
) -> None:
    lines = ["client_id^name^country", 'C7^"Acme, Sons; Co"^US', "C8^Zed^UK", ""]
    text = mark + ending.join(lines).replace("^", delimiter)
    incoming = read_files({"clients.csv": text})
    assert [(problem.line, problem.column) for problem in incoming.problems] == [(3, "country")]
    assert incoming.entries[Client] == [Client("C7", "Acme, Sons; Co", "US")]


def test_a_header_with_quoted_commas_is_split_at_semicolons(read_files: ReadFiles) -> None:
    text = 'client_id;name;country;"x_a,b,c,d,e"\nC7;Acme;US;\n'
    assert read_files({"clients.csv": text}).entries[Client] == [Client("C7", "Acme", "US")]


def test_column_order_and_header_case_do_not_matter(read_files: ReadFiles) -> None:
    assert read_files({"clients.csv": "Country, NAME ,client_id\nUS,Acme,C7\n"}).entries[Client] == [
        Client("C7", "Acme", "US")
    ]


def test_an_operators_own_columns_start_with_x(read_files: ReadFiles) -> None:
    text = 'client_id,name,country,x_note\nC7,Acme,US,"anything\0 at\nall"\n'
    assert read_files({"clients.csv": text}).entries[Client] == [Client("C7", "Acme", "US")]
    assert read_files({"clients.csv": f"client_id,name,country,x_note\nC7,Acme,US,{'n' * 50_000}\n"}).problems == []


def test_an_unknown_column_gets_a_suggestion_and_its_rows_are_still_read(read_files: ReadFiles) -> None:
    problems = read_files({"clients.csv": "client_id,nmae,country\nC7,Acme,UK\n"}).problems
    assert [(problem.line, problem.column) for problem in problems] == [(1, "nmae"), (2, "country")]
    assert "Did you mean name?" in problems[0].remedy


def test_an_irrelevant_column_is_reported_with_the_valid_ones(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": "client_id,name,country,favourite_colour\nC7,Acme,US,red\n"}).problems
    assert (problem.column, problem.kind) == ("favourite_colour", "unknown column")
    assert "x_" in problem.remedy


def test_a_missing_column_is_reported(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": "client_id,name\nC7,Acme\n"}).problems
    assert (problem.line, problem.column, problem.kind) == (1, "country", "missing column")


def test_duplicate_and_unnamed_columns_are_reported(read_files: ReadFiles) -> None:
    problems = read_files({"clients.csv": "client_id,name,country,name,,x_own\nC7,Acme,US,Acme,,\n"}).problems
    assert [problem.kind for problem in problems] == ["column twice", "unknown column"]


def test_optional_columns_may_be_omitted(read_files: ReadFiles) -> None:
    text = "partner_id,name,country,currency,joined_on\nP7,Acme,US,USD,2021-01-01\n"
    assert read_files({"partners.csv": text}).entries[Partner] == [Partner("P7", "Acme", "US", "USD", date(2021, 1, 1))]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n\n"])
def test_a_file_without_a_header_is_a_problem(read_files: ReadFiles, content: bytes) -> None:
    (problem,) = read_files({"clients.csv": content}).problems
    assert problem.kind == "no header"
    assert "client_id,name,country" in problem.remedy


def test_a_file_with_only_a_header_is_valid_and_empty(read_files: ReadFiles) -> None:
    incoming = read_files({"clients.csv": "client_id,name,country\n"})
    assert (incoming.problems, incoming.entries) == ([], {Client: []})


def test_a_file_that_is_neither_utf_8_nor_windows_1252_must_be_saved_as_utf_8(read_files: ReadFiles) -> None:
    content = "client_id,name,country\nC7,Acme,US\nC8,Café,FR\n".encode("latin-1").replace(b"\xe9", b"\x81")
    (problem,) = read_files({"clients.csv": content}).problems
    assert (problem.line, problem.kind) == (3, "not UTF-8")
    assert "save the file as UTF-8" in str(problem)


def test_a_lone_surrogate_is_invalid_utf_8(read_files: ReadFiles) -> None:
    content = b"client_id,name,country\nC7,\xed\xa0\x80,US\n"
    assert [(problem.line, problem.kind) for problem in read_files({"clients.csv": content}).problems] == [
        (2, "not UTF-8")
    ]


def test_a_file_that_is_utf_16_in_part_must_be_saved_as_utf_8(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": "client_id,name,country\n".encode("utf-16") + b"!"}).problems
    assert (problem.line, problem.kind) == (1, "bad encoding")


def test_invalid_utf_8_is_reported_by_column_even_in_an_operators_own_column(read_files: ReadFiles) -> None:
    content = b"client_id,name,country,x_note\nC7,Caf\xe9,US,\nC8,Zed,US,caf\xe9\nC9,Y\xc3\xa9,US,\n"
    problems = read_files({"clients.csv": content}).problems
    assert [(problem.line, problem.column, problem.kind) for problem in problems] == [
        (2, "name", "not UTF-8"),
        (3, "x_note", "not UTF-8"),
    ]
    assert "'Caf\\xe9'" in str(problems[0])


def test_a_spreadsheet_named_csv_must_be_saved_as_csv(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": b"PK\x03\x04 and so on"}).problems
    assert "spreadsheet" in problem.message


def test_empty_lines_are_skipped_and_counted(read_files: ReadFiles) -> None:
    problems = read_files({"clients.csv": "\n\nclient_id,name,country\n\nC7,Acme,US\n\n\nC8,Zed,?\n\n"}).problems
    assert [(problem.line, problem.column) for problem in problems] == [(8, "country")]


@pytest.mark.parametrize("row", [",,", " , ,", "  ", ",,,,", "\0\0\0"])
def test_a_row_of_separators_only_is_skipped_like_an_empty_line(read_files: ReadFiles, row: str) -> None:
    incoming = read_files({"clients.csv": f"client_id,name,country\n{row}\nC7,Acme,US\n{row}\n{row}\n"})
    assert (incoming.problems, incoming.warnings) == ([], [])
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]


def test_a_row_is_identified_by_its_first_line(read_files: ReadFiles) -> None:
    text = 'client_id,name,country,x_note\nC7,Acme,US,"two\nlines"\nC8,"Zed",?,"three\n\nlines"\nC9,Zed,!,\n'
    assert [problem.line for problem in read_files({"clients.csv": text}).problems] == [4, 7]


@pytest.mark.parametrize("cells", ["C7,Acme", "C7,Acme,US,x", "C7", "C7,Acme,US,,x"])
def test_a_row_with_the_wrong_number_of_cells_is_reported(read_files: ReadFiles, cells: str) -> None:
    (problem,) = read_files({"clients.csv": f"client_id,name,country\n{cells}\n"}).problems
    assert (problem.line, problem.kind) == (2, "wrong number of cells")


@pytest.mark.parametrize("row", ["C7,Acme,US", "C7,Acme,US,", "C7,Acme,US,,", "C7,Acme,US,,,, "])
def test_empty_columns_at_the_end_are_ignored(read_files: ReadFiles, row: str) -> None:
    incoming = read_files({"clients.csv": f"client_id,name,country,,\n{row}\n"})
    assert (incoming.problems, incoming.warnings) == ([], [])
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]


def test_a_value_under_an_unnamed_column_at_the_end_is_reported(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": "client_id,name,country,\nC7,Acme,US,red\n"}).problems
    assert (problem.line, problem.kind) == (2, "wrong number of cells")


def test_rows_after_one_with_broken_quotes_are_read(read_files: ReadFiles) -> None:
    text = SALES + ROW.format(1, '"1"2') + ROW.format(2, "-1") + ROW.format(3, '"5') + ROW.format(4, "6")
    problems = read_files({"sales.csv": text}).problems
    assert [(problem.line, problem.kind) for problem in problems] == [
        (2, "not CSV"),
        (3, "negative amount"),
        (4, "not CSV"),
    ]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_an_unclosed_quote_swallows_no_other_row(read_files: ReadFiles, rows: int) -> None:
    text = SALES + ROW.format(0, '"1') + "".join(ROW.format(n, n) for n in range(1, rows)) + ROW.format(rows, "-1")
    incoming = read_files({"sales.csv": text})
    assert [(problem.line, problem.kind) for problem in incoming.problems] == [
        (2, "not CSV"),
        (rows + 2, "negative amount"),
    ]
    assert len(incoming.entries[Sale]) == rows - 1


def test_an_oversized_line_is_a_problem_and_the_next_one_is_read(read_files: ReadFiles) -> None:
    incoming = read_files({"sales.csv": SALES + "x" * 2_000_000 + "\n" + ROW.format(1, 1)})
    assert [(problem.line, problem.kind) for problem in incoming.problems] == [(2, "not CSV")]
    assert len(incoming.entries[Sale]) == 1


def test_progress_reports_the_file_and_ends_at_the_total(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES + "".join(ROW.format(n, n) for n in range(12_000)))
    progress: list[tuple[str, int, int]] = []
    stored = Stored(frozenset({"P1"}), frozenset({"C1"}))
    incoming = read_tables(
        files_in(tmp_path),
        stored,
        tiers=(),
        catalogue=load_program().catalogue,
        today=date(2026, 1, 15),
        progress=lambda name, done, total: progress.append((name, done, total)),
    )
    assert len(incoming.entries[Sale]) == 12_000
    assert {name for name, _, _ in progress} == {"sales.csv"}
    assert [done for _, done, _ in progress] == sorted(done for _, done, _ in progress)
    assert len(progress) >= 3
    assert progress[-1][1] == progress[-1][2]


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").symlink_to(tmp_path / "gone")
    (problem,) = read(tmp_path).problems
    assert problem.file == "sales.csv"
