"""Ids that a spreadsheet has changed, and ids that are written almost alike (data#contradictions)."""

from collections.abc import Callable

import pytest

from tiercore.ingest import Incoming, Stored, report

ReadFiles = Callable[..., Incoming]

CLIENTS = "client_id,name,country\n"
SALES = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"


def sales(*ids: str) -> str:
    rows = (f"{each},P1,C1,Marketing Hub,net_new,sourced,{n}.00,USD,2024-03-01\n" for n, each in enumerate(ids, 1))
    return SALES + "".join(rows)


def warned(incoming: Incoming, kind: str) -> list[tuple[str, int, str, str]]:
    assert incoming.problems == []
    return [(each.file, each.line, each.column, each.value) for each in incoming.warnings if each.kind == kind]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("8.12E+09", "scientific notation"),
        ("8,12e+09", "scientific notation"),
        ("1E+15", "scientific notation"),
        ('="S1"', "formula"),
        ("=S1", "formula"),
        ("'00123", "mark of text"),
        ("#REF!", "error"),
        ("#N/A", "error"),
        ("#NAME?", "error"),
        ("#DIV/0!", "error"),
        ("########", "error"),
        ("12345.0", "decimals"),
        ("12345.00", "decimals"),
        ("8,120,000", "thousands separators"),
        ("12345678901234500", "16th digit"),
        ("2024-03-01", "day"),
        ("2024-03-01 00:00:00", "day"),
        ("03/01/2024", "day"),
        ("3-Jan", "day"),
        ("Mar-24", "day"),
        ("TRUE", "no id"),
        ("NaN", "no id"),
        ("-", "no id"),
        ("S\u00a01", "spaces"),
        ("S  1", "spaces"),
    ],
)
def test_an_id_that_a_spreadsheet_has_changed_is_warned_of(read_files: ReadFiles, value: str, said: str) -> None:
    cell = '"' + value.replace('"', '""') + '"'
    incoming = read_files({"sales.csv": sales("S1", cell)})
    assert warned(incoming, "mangled id") == [("sales.csv", 3, "sale_id", value)]
    [warning] = [each for each in incoming.warnings if each.kind == "mangled id"]
    assert said in warning.message
    assert warning.remedy


@pytest.mark.parametrize(
    "value",
    ["S1", "00123", "12345678901", "P-USMALL-17", "S 1", "a3e5", "12e5", "1.5", "Q4-2024", "4f9a-11", "Maria-1", "#12"],
)
def test_an_id_as_its_source_has_it_is_in_order(read_files: ReadFiles, value: str) -> None:
    incoming = read_files({"sales.csv": sales(value)})
    assert (incoming.warnings, incoming.problems) == ([], [])


@pytest.mark.parametrize(
    ("ids", "almost"),
    [
        (["S1", "s1"], "s1"),
        (["ab1", "AB1"], "AB1"),
        (["S 1", "S1"], "S 1"),
        (["00123", "123"], "00123"),
        (["123", "0123"], "0123"),
        (["123", "123.0"], "123.0"),
    ],
)
def test_ids_that_are_written_almost_alike_are_warned_of(read_files: ReadFiles, ids: list[str], almost: str) -> None:
    incoming = read_files({"sales.csv": sales(*ids)})
    assert [each[3] for each in warned(incoming, "almost the same id")] == [almost]


@pytest.mark.parametrize(("stored", "value"), [("C7", "c7"), ("00123", "123"), ("123", "00123"), ("c 7", "C7")])
def test_an_id_that_is_almost_one_in_the_database_is_warned_of(read_files: ReadFiles, stored: str, value: str) -> None:
    files = {"clients.csv": f"{CLIENTS}{value},Acme,US\n"}
    before = Stored(frozenset({"P1"}), frozenset({stored}), frozenset())
    incoming = read_files(files, before)
    assert warned(incoming, "almost the same id") == [("clients.csv", 2, "client_id", value)]
    [warning] = incoming.warnings
    assert f"differs from {stored} only in" in warning.message


def test_the_same_ids_again_are_in_order(read_files: ReadFiles) -> None:
    stored = Stored(frozenset({"P1"}), frozenset({"C7", "00123", "c 8"}), frozenset())
    files = {"clients.csv": f"{CLIENTS}C7,Acme,US\n00123,Beta,US\nc 8,Gamma,US\n"}
    assert read_files(files, stored).warnings == []


def test_a_whole_column_of_mangled_ids_is_counted(read_files: ReadFiles) -> None:
    incoming = read_files({"sales.csv": sales(*(f"{number}.0" for number in range(1000, 3000)))})
    assert len(incoming.warnings) == 50
    assert incoming.more == {"mangled id": 1950}
    assert report(incoming.warnings, incoming.more)[-1] == "… and 1,950 more: mangled id"


def test_a_reference_that_has_lost_its_zeros_names_the_id_that_was_meant(read_files: ReadFiles) -> None:
    files = {"clients.csv": f"{CLIENTS}00123,Acme,US\n", "sales.csv": sales("S1").replace("C1", "123")}
    [problem] = read_files(files).problems
    assert (problem.kind, problem.value) == ("unknown client", "123")
    assert problem.remedy.startswith("Did you mean 00123? A spreadsheet drops leading zeros.")


def test_a_mangled_reference_says_what_happened(read_files: ReadFiles) -> None:
    [problem] = read_files({"sales.csv": sales("S1").replace("C1", "8.12E+09")}).problems
    assert "scientific notation" in problem.message


def test_a_client_without_a_country_names_what_would_be_right(read_files: ReadFiles) -> None:
    [problem] = read_files({"clients.csv": f"{CLIENTS}C7,Acme,\n"}).problems
    assert (problem.file, problem.line, problem.column, problem.kind) == ("clients.csv", 2, "country", "missing value")
    assert "two capital letters, such as DE" in problem.remedy
