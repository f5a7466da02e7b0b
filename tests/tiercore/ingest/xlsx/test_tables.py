"""Sheets as tables: what each kind of cell is read as (data#spreadsheets)."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from tests.support.workbooks import row, write_parts, write_workbook
from tiercore.facts.entries import Client, Sale
from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.discovery import files_in
from tiercore.ingest.plain_numbers import DecimalMark, PlainNumber
from tiercore.ingest.problems import BadCell
from tiercore.ingest.raw_tables import raw_tables
from tiercore.program import load_program

ReadFiles = Callable[..., Incoming]
HEADER = ["sale_id", "partner_id", "client_id", "product_line", "deal_type", "motion", "mrr", "currency", "sold_on"]


def cells_of(path: Path) -> list[list[str]]:
    """The rows below the header of the file's only sheet."""
    (table,) = raw_tables(path)
    return [cells for _, cells in table.rows()]


def read_cell(folder: Path, value: Any, number_format: str = "General") -> str:
    """What a cell is read as."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("any")
    sheet.append(["one", "two"])
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    sheet.append([cell])
    book.save(folder / "any.xlsx")
    ((text, _),) = cells_of(folder / "any.xlsx")
    return text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234, "General", "1234"),
        (1234.5, "#,##0.00 [$€-407]", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e21, "General", "1000000000000000000000"),
        (0.000001, "General", "0.000001"),
        (-5, "0.00;[Red]-0.00", "-5"),
        (0.5, "0%", "50%"),
        (True, "General", "TRUE"),
        (False, "General", "FALSE"),
        (date(2022, 9, 5), "yyyy-mm-dd", "2022-09-05"),
        (datetime.fromisoformat("2022-09-05T14:30:00"), "dd/mm/yyyy hh:mm", "2022-09-05 14:30:00"),
        (44809, "d. mmmm yyyy", "2022-09-05"),
        (44809, '[$-409]mmm" of "yy;@', "2022-09-05"),
        (44809, "General", "44809"),
        (44809, '0" days"', "44809"),
        (time(14, 30), "hh:mm", "0.604166666666667"),
        ("007", "General", "007"),
        ("a_x000D_b_x005F_", "General", "a\rb_"),
        ("=1+1", "General", "#FORMULA!"),
        ("#REF!", "General", "#REF!"),
    ],
)
def test_a_cell_is_read_as_what_it_is(tmp_path: Path, value: Any, number_format: str, text: str):
    assert str(read_cell(tmp_path, value, number_format)) == text


_values = st.one_of(
    st.none(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.booleans(),
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
        lambda text: text.strip() and text[0] not in "=#" and "_x" not in text
    ),
)


@given(rows=st.lists(st.lists(_values, min_size=1, max_size=6), max_size=8))
def test_openpyxl_reads_the_same_cells(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]):
    path = write_workbook(tmp_path_factory.mktemp("same") / "any.xlsx", {"any": [["one", "two"], *rows]})
    sheet = load_workbook(path, read_only=True).worksheets[0]
    expected = [[_text(value) for value in values] for values in sheet.iter_rows(min_row=2, values_only=True)]
    found = cells_of(path)
    assert [_trimmed(cells) for cells in found] == [cells for cells in map(_trimmed, expected) if cells]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return value.date().isoformat() if isinstance(value, datetime) else "" if value is None else str(value)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def test_days_of_a_workbook_that_counts_from_1904_are_right(read_files: ReadFiles, tmp_path: Path):
    sale = ["S1", "P1", "C1", "Hub", "net_new", "sourced", 100, "USD"]
    rows = [HEADER, [*sale, date(2022, 9, 5)], ["S2", *sale[1:], 43347]]
    path = write_workbook(tmp_path / "sales.xlsx", {"any": rows}, since_1904=True)
    incoming = read_files({"sales.xlsx": path.read_bytes()})
    assert incoming.problems == []
    assert [each.sold_on for each in incoming.entries[Sale] if isinstance(each, Sale)] == [date(2022, 9, 5)] * 2
    (table,) = raw_tables(path)
    assert table.since_1904


def test_a_formula_without_a_saved_result_and_an_error_are_refused(read_files: ReadFiles, tmp_path: Path):
    rows = [["client_id", "name", "country"], ["C7", "=A1&B1", "US"], ["C8", "#REF!", "US"], ["=A1", "Zed", "US"]]
    path = write_workbook(tmp_path / "clients.xlsx", {"clients": rows})
    problems = read_files({"clients.xlsx": path.read_bytes()}).problems
    assert [(each.file, each.line, each.column) for each in problems] == [
        ("clients.xlsx (clients)", 2, "name"),
        ("clients.xlsx (clients)", 3, "name"),
        ("clients.xlsx (clients)", 4, "client_id"),
    ]
    assert "save it, and import it again" in problems[0].remedy


def test_rows_may_have_gaps_and_titles_and_totals(read_files: ReadFiles, tmp_path: Path):
    sale = ["S1", "P1", "C1", "Hub", "net_new", "sourced", 100, "USD", date(2022, 9, 5)]
    rows = [["Sales 2022"], [], HEADER, sale, [], ["S2", *sale[1:]], ["Total", *[None] * 5, 200], []]
    path = write_workbook(tmp_path / "sales.xlsx", {"Sheet1": rows})
    incoming = read_files({"sales.xlsx": path.read_bytes()})
    assert incoming.problems == []
    assert list(incoming.lines[Sale]) == [4, 6]
    notes = {each.kind: (each.file, each.line, each.value) for each in incoming.warnings}
    assert notes["header"] == ("sales.xlsx", 3, "Sales 2022")
    assert notes["totals"] == ("sales.xlsx", 7, "Total, 200")


def test_merged_cells_have_their_value_in_the_first_row_only(read_files: ReadFiles, tmp_path: Path):
    book = Workbook()
    book.active.title = "clients"
    for values in (["client_id", "name", "country"], ["C7", "Acme", "US"], ["C8", None, "US"]):
        book.active.append(values)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "clients.xlsx")
    (problem,) = read_files({"clients.xlsx": (tmp_path / "clients.xlsx").read_bytes()}).problems
    assert (problem.line, problem.column, problem.kind) == (3, "name", "missing value")


def test_a_declared_size_is_not_believed(read_files: ReadFiles, tmp_path: Path):
    path = write_parts(
        tmp_path / "clients.xlsx", [row(1, ["client_id", "name", "country"]), row(9, ["C7", "Acme", "US"])]
    )
    incoming = read_files({"clients.xlsx": path.read_bytes()})
    assert incoming.entries[Client] == [Client("C7", "Acme", "US")]
    assert list(incoming.lines[Client]) == [9]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no .xlsx file inside"),
        (b"client_id,name,country\n", "no .xlsx file inside"),
        (b"PK\x03\x04 and so on", "cut short"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "without a password"),
    ],
)
def test_what_is_no_spreadsheet_is_one_clear_problem(read_files: ReadFiles, content: bytes, said: str):
    (problem,) = read_files({"clients.xlsx": content}).problems
    assert problem.file == "clients.xlsx"
    assert said in str(problem)


def test_raw_tables_are_every_sheet_with_its_header_and_rows(tmp_path: Path):
    sheets = {"Deals": [["Export"], ["Deal", "Amount"], ["A", 1.5], [None, 2, None, "x"]], "Empty": []}
    tables = raw_tables(write_workbook(tmp_path / "crm.xlsx", sheets))
    assert [(each.name, each.sheet, each.header, each.header_line) for each in tables] == [
        ("crm.xlsx (Deals)", "Deals", ("Deal", "Amount"), 2)
    ]
    assert list(tables[0].rows()) == [(3, ["A", PlainNumber("1.5")]), (4, ["", "2", "", "x"])]
    with pytest.raises(BadCell):
        raw_tables(tmp_path / "crm.pdf")


def _sales_with(folder: Path, *amounts: Any, decimal: DecimalMark | None = None) -> Incoming:
    rows = [
        [f"S{n}", "P1", "C1", "Hub", "net_new", "sourced", each, "USD", date(2022, 9, 5)]
        for n, each in enumerate(amounts)
    ]
    write_workbook(folder / "sales.xlsx", {"sales": [HEADER, *rows]})
    return _read(folder, decimal)


def _read(folder: Path, decimal: DecimalMark | None) -> Incoming:
    stored = Stored(frozenset({"P1"}), frozenset({"C1"}), frozenset())
    return read_tables(
        files_in(folder, decimal=decimal), stored, tiers=(), catalogue=load_program().catalogue, today=date(2026, 1, 15)
    )


def test_computed_numbers_with_more_decimals_than_the_currency_are_rounded_with_one_note(tmp_path: Path):
    incoming = _sales_with(tmp_path, 1000 / 12, 0.125, 1.234, 99.5)
    assert incoming.problems == []
    assert [each.mrr.minor for each in incoming.entries[Sale] if isinstance(each, Sale)] == [8_333, 13, 123, 9_950]
    assert ["rounded half up" in each.message for each in incoming.warnings if each.kind.startswith("read")] == [True]


def test_a_text_beside_a_number_of_the_same_digits_stays_a_text_with_two_readings(tmp_path: Path):
    incoming = _sales_with(tmp_path, 1.234, "1.234", "83.33333")
    assert [(each.line, each.message) for each in incoming.problems] == [
        (3, "has two readings"),
        (4, "has more decimals than USD, which has 2"),
    ]
    comma = _sales_with(tmp_path, 1.234, "1.234", decimal=DecimalMark.COMMA)
    assert [each.mrr.minor for each in comma.entries[Sale] if isinstance(each, Sale)] == [123, 123_400]


def test_hidden_sheets_and_rows_are_read_with_a_warning(tmp_path: Path):
    book = Workbook()
    sheet = book.create_sheet("clients")
    for cells in (["client_id", "name", "country"], ["C8", "Eight", "DE"], ["C9", "Nine", "DE"]):
        sheet.append(cells)
    sheet.row_dimensions[3].hidden, sheet.sheet_state = True, "hidden"
    book.save(tmp_path / "book.xlsx")
    incoming = _read(tmp_path, None)
    assert len(incoming.entries[Client]) == 2
    assert [str(each) for each in incoming.warnings if each.kind == "hidden"] == [
        "book.xlsx (clients): is a hidden sheet: it was read, too; delete it if it isn't meant",
        "book.xlsx (clients):3: 1 row is hidden: it was read, too; delete what isn't meant",
    ]
