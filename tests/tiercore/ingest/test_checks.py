"""Checks across rows: references, keys, order of dates, spelling of product lines, names of people."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tiercore.facts.entries import Client, Person, Role, Sale
from tiercore.ingest import Incoming, Stored, report
from tiercore.ingest.problems import IN_FULL
from tiercore.program import ProductLine, load_program

ReadFiles = Callable[..., Incoming]

PARTNERS = "partner_id,name,country,currency,joined_on,elite_invited_on,membership_until\n"
CLIENTS = "client_id,name,country\n"
SALES = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
SUBSCRIPTIONS = "client_id,product_line,mrr,currency,effective_on,renews_on\n"
PEOPLE = "email,name,role,partner_id\n"


def sales(*lines: str, client: str = "C1") -> str:
    rows = (f"S{n},P1,{client},{line},net_new,sourced,1,USD,2024-03-01\n" for n, line in enumerate(lines))
    return SALES + "".join(rows)


def warned(incoming: Incoming) -> list[str]:
    assert incoming.problems == []
    return [f"{warning.file}:{warning.line} {warning.value}" for warning in incoming.warnings]


def spelled_alike(incoming: Incoming) -> list[str]:
    return [warning.value for warning in incoming.warnings if warning.kind == "product line"]


def test_a_reference_is_resolved_in_the_folder_or_the_database(read_files: ReadFiles) -> None:
    files = {"clients.csv": CLIENTS + "C7,Acme,US\n", "sales.csv": sales("Hub", client="C7")}
    assert read_files(files).problems == []
    assert len(read_files({"sales.csv": sales("Hub")}).entries[Sale]) == 1


def test_a_broken_reference_is_reported(read_files: ReadFiles) -> None:
    (problem,) = read_files({"sales.csv": sales("Hub", client="C99")}).problems
    assert (problem.line, problem.column, problem.value, problem.kind) == (2, "client_id", "C99", "unknown client")
    assert "clients.csv" in problem.remedy


def test_rare_problems_are_listed_despite_many_of_another_kind(read_files: ReadFiles) -> None:
    rows = "".join(f"S{n},P1,C99,Hub,net_new,sourced,1,USD,2024-03-01\n" for n in range(100))
    bad = "S100,P1,C1,Hub,net_new,sourced,abc,USD,2024-03-01\n"
    output = report(read_files({"sales.csv": SALES + rows + bad}).problems)
    assert len(output) == 51
    assert "abc" in output[49]
    assert output[50] == "… and 51 more: unknown client"


def test_a_reference_and_its_target_may_differ_in_unicode_composition(read_files: ReadFiles) -> None:
    files = {"clients.csv": CLIENTS + "Cafe\u0301,Acme,US\n", "sales.csv": sales("Hub", client="Caf\u00e9")}
    incoming = read_files(files)
    assert incoming.problems == []
    assert incoming.entries[Client] == [Client("Caf\u00e9", "Acme", "US")]


@pytest.mark.parametrize("row", ["C7,Acme,UK\n", "C7,,US\n", "C7,Acme\n", 'C7,"Acme"!,US\n', 'C7,"Acme,US\n'])
def test_rows_referring_to_an_invalid_row_are_not_reported(read_files: ReadFiles, row: str) -> None:
    problems = read_files({"clients.csv": CLIENTS + row, "sales.csv": sales("Hub", client="C7")}).problems
    assert [problem.file for problem in problems] == ["clients.csv"]


def test_an_unreadable_clients_file_causes_no_problems_for_sales(read_files: ReadFiles) -> None:
    sale = sales("Hub", client="C7")
    for name, content in (("clients.csv", b"\xff"), ("clients.csv", b"id\nC7\n"), ("client.csv", b"id\nC7\n")):
        problems = read_files({name: content, "sales.csv": sale}).problems
        assert {problem.file for problem in problems} == {name}


def test_an_unknown_reference_suggests_the_nearest_id(read_files: ReadFiles) -> None:
    files = {"clients.csv": CLIENTS + "ACME-77,Acme,US\n", "sales.csv": sales("Hub", client="acme-77")}
    (problem,) = read_files(files).problems
    assert "Did you mean ACME-77?" in problem.remedy


def test_references_are_checked_despite_an_invalid_clients_row(read_files: ReadFiles) -> None:
    files = {"clients.csv": CLIENTS + "C7,Acme\nC8,Zed,US\n", "sales.csv": sales("Hub", client="C99")}
    assert [problem.kind for problem in read_files(files).problems] == ["wrong number of cells", "unknown client"]


def test_a_duplicate_key_names_both_lines(read_files: ReadFiles) -> None:
    (problem,) = read_files({"clients.csv": CLIENTS + "C7,Acme,US\nC8,Zed,US\nC7,Acme,US\n"}).problems
    assert (problem.line, problem.value, problem.kind) == (4, "C7", "duplicate key")
    assert "line 2" in str(problem)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("subscriptions.csv", SUBSCRIPTIONS + "C1,Hub,1,USD,2024-03-01,\n C1 ,Hub,2,EUR,2024-03-01,\n"),
        ("usage.csv", "client_id,month,tools_used\nC1,2024-01,1\nC1,2024-01,2\n"),
        ("tiers.csv", "partner_id,tier,credited_on\nP1,gold,2024-01-15\nP1,elite,2024-01-15\n"),
        ("people.csv", PEOPLE + "ann@x.example,Ann,partner,P1\nANN@x.example,Ann,cam,P1\n"),
        ("people.csv", PEOPLE + "ann@x.example,Ann,admin,\nann@X.example,Ann,admin,\n"),
        ("clients.csv", CLIENTS + "Cafe\u0301,Acme,US\nCaf\u00e9,Acme,US\n"),
    ],
)
def test_keys_are_compared_in_their_stored_form(read_files: ReadFiles, file: str, text: str) -> None:
    assert [(problem.line, problem.kind) for problem in read_files({file: text}).problems] == [(3, "duplicate key")]


def test_rows_without_an_id_are_not_duplicates(read_files: ReadFiles) -> None:
    problems = read_files({"clients.csv": CLIENTS + ",Acme,US\n,Zed,US\n"}).problems
    assert [problem.kind for problem in problems] == ["missing value", "missing value"]


def test_rows_that_differ_in_part_of_the_key_are_distinct(read_files: ReadFiles) -> None:
    text = SUBSCRIPTIONS + "C1,Hub,1,USD,2024-03-01,\nC1,Hub,1,USD,2024-03-02,\nC2,Hub,1,USD,2024-03-01,\n"
    assert read_files({"subscriptions.csv": text}).problems == []


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("agreements.csv", "agreement_id,partner_id,client_id,starts_on,ends_on\nA1,P1,C1,2024-03-02,{}\n", "ends_on"),
        ("certifications.csv", "partner_id,certification,valid_from,valid_until\nP1,S,2024-03-02,{}\n", "valid_until"),
    ],
)
def test_an_end_before_its_start_is_reported_and_the_same_day_is_valid(
    read_files: ReadFiles, file: str, text: str, column: str
) -> None:
    (problem,) = read_files({file: text.format("2024-03-01")}).problems
    assert (problem.line, problem.column, problem.value) == (2, column, "2024-03-01")
    assert "2024-03-02" in str(problem)
    assert read_files({file: text.format("2024-03-02")}).problems == []


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("subscriptions.csv", SUBSCRIPTIONS + "C1,Sales Hub,1,USD,2024-03-02,{}\n", "renews_on"),
        ("partners.csv", PARTNERS + "P7,Acme,US,USD,2024-03-02,,{}\n", "membership_until"),
        ("partners.csv", PARTNERS + "P7,Acme,US,USD,2024-03-02,{},\n", "elite_invited_on"),
    ],
)
def test_dates_in_an_odd_order_are_a_warning(read_files: ReadFiles, file: str, text: str, column: str) -> None:
    incoming = read_files({file: text.format("2024-03-01")})
    assert [(warning.line, warning.column, warning.kind) for warning in incoming.warnings] == [(2, column, "odd day")]
    assert warned(read_files({file: text.format("2024-03-02")})) == []


def test_only_an_admin_has_no_partner(read_files: ReadFiles) -> None:
    text = PEOPLE + "a@x.example,Ann,admin,\nb@x.example,Bob,cam,\nc@x.example,Cid,partner,\nd@x.example,Dee,CC,\n"
    incoming = read_files({"people.csv": text})
    assert [(problem.line, problem.column) for problem in incoming.problems] == [
        (3, "partner_id"),
        (4, "partner_id"),
        (5, "partner_id"),
    ]
    assert incoming.entries[Person] == [Person("a@x.example", "Ann", Role.ADMIN)]


def test_people_csv_may_omit_partners_if_all_are_admins(read_files: ReadFiles) -> None:
    assert read_files({"people.csv": "email,name,role\na@x.example,Ann,admin\n"}).problems == []
    (problem,) = read_files({"people.csv": "email,name,role\na@x.example,Ann,cam\n"}).problems
    assert problem.column == "partner_id"


def test_one_person_with_two_names_is_a_warning(read_files: ReadFiles) -> None:
    text = PEOPLE + "a@x.example,Ann,cam,P1\na@x.example,Anne,cam,P2\n"
    assert warned(read_files({"people.csv": text})) == ["people.csv:3 Anne"]


def test_one_person_inside_and_outside_the_program_is_a_warning(read_files: ReadFiles) -> None:
    text = PEOPLE + "a@x.example,Ann,partner,P1\na@x.example,Ann,cam,P2\n"
    assert warned(read_files({"people.csv": text})) == ["people.csv:3 cam"]
    assert warned(read_files({"people.csv": PEOPLE + "a@x.example,Ann,cc,P1\na@x.example,Ann,cam,P2\n"})) == []


def test_a_product_line_close_to_a_stored_one_is_a_warning(read_files: ReadFiles) -> None:
    stored = Stored(frozenset({"P1"}), frozenset({"C1"}), frozenset({"Marketing Hub Professional", "Sales Hub"}))
    incoming = read_files({"sales.csv": sales("Marketing Hub Profesional", "Sales Hub", "sales  hub")}, stored)
    assert warned(incoming) == ["sales.csv:2 Marketing Hub Profesional"]
    assert "Did you mean Marketing Hub Professional?" in str(incoming.warnings[0])


def test_a_name_that_is_nearly_one_of_the_catalogue_is_a_warning_though_nothing_is_held(read_files: ReadFiles) -> None:
    incoming = read_files({"sales.csv": sales("Contnet Hub Enterprise")})
    assert "Did you mean Content Hub Enterprise?" in str(incoming.warnings[0])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Marketting Hub Pro", "Marketing Hub Professional"),
        ("Slaes Hub Ent", "Sales Hub Enterprise"),
        ("Pro Servce Hub", "Service Hub Professional"),
        ("Marketing Hubb", "Marketing Hub"),
    ],
)
def test_a_misspelled_name_is_recognized_in_each_way_to_write_it(read_files: ReadFiles, typed: str, meant: str) -> None:
    (warning,) = read_files({"sales.csv": sales(typed)}).warnings
    assert warning.remedy == f"Did you mean {meant}?"


def test_a_sale_after_today_is_a_warning_and_one_of_today_is_not(read_files: ReadFiles) -> None:
    content = sales("Sales Hub", "Marketing Hub").splitlines(keepends=True)
    days = [content[0], content[1].replace("2024-03-01", "2026-01-15"), content[2].replace("2024-03-01", "2026-01-16")]
    incoming = read_files({"sales.csv": "".join(days)})
    (warning,) = incoming.warnings
    assert (warning.line, warning.column, warning.value) == (3, "sold_on", "2026-01-16")
    assert warning.message == "is in the future: the sale counts from that day on"


def test_any_spelling_of_the_catalogue_is_no_warning(read_files: ReadFiles) -> None:
    names = ("marketing hub pro", "HubSpot CMS Hub - Enterprise", "Ops Hub", "Data Hub Starter", "Ads add-on")
    assert warned(read_files({"sales.csv": sales(*names)})) == []


def test_a_name_that_no_catalogue_has_is_a_warning_that_says_how_to_add_it(
    read_files: ReadFiles, tmp_path: Path
) -> None:
    (warning,) = read_files({"sales.csv": sales("Onboarding Plus", "Onboarding Plus")}).warnings
    assert (warning.line, warning.kind) == (2, "unknown product line")
    assert "counts as a line of its own (this and 1 more)" in warning.message
    assert warning.remedy.startswith("if it is misspelled, correct the name;")
    name, rest = warning.remedy[warning.remedy.index("[lines.") :].split("] ", 1)
    table = tmp_path / "program.toml"
    table.write_text(f"{name}]\n{rest[: rest.index(';')]}\n")
    assert load_program(table).catalogue.line_of("onboarding-plus") == ProductLine(
        "Onboarding Plus", None, "Onboarding Plus"
    )


def test_two_editions_of_one_line_on_one_day_are_a_warning_with_both_figures(read_files: ReadFiles) -> None:
    rows = "C1,Marketing Hub Starter,50,USD,2024-03-01,\nC1,Marketing Hub Enterprise,2000,USD,2024-03-01,\n"
    (warning,) = read_files({"subscriptions.csv": SUBSCRIPTIONS + rows}).warnings
    assert (warning.line, warning.kind) == (2, "two editions at once")
    assert "50.00 USD" in warning.message
    assert "Marketing Hub Enterprise of the same client pays 2000.00 USD" in warning.message
    told_apart = "client_id,product_line,mrr,currency,effective_on,account\n" + rows.replace(",\n", ",{}\n")
    assert warned(read_files({"subscriptions.csv": told_apart.format("Paris", "Lyon")})) == []


def test_an_edition_that_ends_on_the_day_of_the_next_is_no_warning(read_files: ReadFiles) -> None:
    rows = "C1,CMS Hub Professional,0,USD,2024-04-03,\nC1,Content Hub Professional,900,USD,2024-04-03,\n"
    assert warned(read_files({"subscriptions.csv": SUBSCRIPTIONS + rows})) == []


def test_a_product_line_close_to_a_commoner_one_is_a_warning(read_files: ReadFiles) -> None:
    files = {
        "sales.csv": sales("Onboarding", "Onboarding", "Onboardingg"),
        "subscriptions.csv": SUBSCRIPTIONS + "C1,onboarding,1,USD,2024-03-01,\n",
    }
    assert spelled_alike(read_files(files)) == ["Onboardingg", "onboarding"]


def test_lines_differing_in_case_or_spaces_warn_about_the_rarer_or_later_one(read_files: ReadFiles) -> None:
    assert spelled_alike(read_files({"sales.csv": sales("Web Chat", "web chat")})) == ["web chat"]
    assert spelled_alike(read_files({"sales.csv": sales("Web-Chat", "Web Chat", "Web Chat")})) == ["Web-Chat"]


@pytest.mark.parametrize(
    "other", ["Marketing Hub Pro", "Sales Hub", "Marketing Hub 2", "Service Hub", "Content Hub", "Ops"]
)
def test_product_lines_differing_by_more_than_a_typo_cause_no_warning(read_files: ReadFiles, other: str) -> None:
    found = spelled_alike(read_files({"sales.csv": sales("Marketing Hub 1", "Marketing Hub 1", "Training", other)}))
    assert found == []


def test_a_product_line_causes_one_warning_however_many_rows_have_it(read_files: ReadFiles) -> None:
    stored = Stored(frozenset({"P1"}), frozenset({"C1"}), frozenset({"Marketing Hub"}))
    incoming = read_files({"sales.csv": sales(*["Marketing Hbu"] * 50)}, stored)
    assert warned(incoming) == ["sales.csv:2 Marketing Hbu"]


def test_future_dates_are_limited_from_the_day_of_the_import(read_files: ReadFiles) -> None:
    text = SUBSCRIPTIONS + "C1,Hub,1,USD,2024-03-01,2036-01-15\nC1,Hub,1,USD,2024-03-02,2036-01-16\n"
    (problem,) = read_files({"subscriptions.csv": text}).problems
    assert (problem.line, problem.column, problem.kind) == (3, "renews_on", "far future")
    assert str(date(2036, 1, 15)) in problem.remedy


def test_very_many_unknown_product_lines_are_a_few_warnings_and_a_count(read_files: ReadFiles):
    rows = "".join(f"C1,Line {n},10.00,USD,2024-01-01\n" for n in range(700))
    incoming = read_files({"subscriptions.csv": "client_id,product_line,mrr,currency,effective_on\n" + rows})
    assert [each.kind for each in incoming.warnings] == ["unknown product line"] * IN_FULL
    assert incoming.more["unknown product line"] == 700 - IN_FULL
