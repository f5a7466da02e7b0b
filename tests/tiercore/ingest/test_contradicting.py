"""Warnings about entries that contradict each other, in the files and in the database (data#contradictions)."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tiercore.ingest import report
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ingest.problems import Problem
from tiercore.program import load_program

PROGRAM = load_program()
HEADERS = {
    "partners": "partner_id,name,country,currency,joined_on",
    "clients": "client_id,name,country",
    "sales": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on",
    "subscriptions": "client_id,product_line,mrr,currency,effective_on",
    "agreements": "agreement_id,partner_id,client_id,starts_on",
}
PARTNERS = "P1,Acme Partners,US,USD,2018-01-01\nP2,Beta Partners,DE,EUR,2018-01-01\n"
CLIENTS = "C1,Client One,US\nC2,Client Two,DE\n"
S1 = "S1,P1,C1,Marketing Hub,net_new,sourced,1000.00,USD,2022-01-10"


@pytest.fixture
def load(engine: Engine, tmp_path: Path):
    """Imports files given by name without their headers; two partners and two clients are in the database."""
    number = 0

    def run(*, dry_run: bool = False, **files: str) -> Imported:
        nonlocal number
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(f"{HEADERS[name]}\n{text}")
        imported = import_folder(engine, PROGRAM, folder, today=date(2022, 9, 5), dry_run=dry_run)
        assert imported.problems == []
        return imported

    assert run(partners=PARTNERS, clients=CLIENTS).warnings == []
    return run


def test_a_deal_in_the_file_is_compared_with_those_in_the_database(load):
    assert load(sales=f"{S1}\n").warnings == []
    [warning] = load(sales=f"{S1.replace('S1', 'D9').replace('01-10', '01-12')}\n").warnings
    assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 2, "sale_id", "D9")
    assert "S1, imported before" in warning.message
    assert "60 points as they stand, 30 if it is one deal" in warning.message


def test_a_file_of_levels_is_compared_with_the_sales_in_the_database(load):
    load(sales=f"{S1}\n")
    [warning] = load(subscriptions="C1,Marketing Hub,600.00,USD,2022-01-10\n").warnings
    assert (warning.kind, warning.file, warning.line) == ("sold for more than it pays", "sales.csv", 0)
    assert "at most 18 of 30 points" in warning.message
    assert load(subscriptions="C1,Marketing Hub,1000.00,USD,2022-01-10\n").warnings == []


def test_a_warning_comes_with_a_dry_run_and_with_the_change_and_not_again(load):
    twice = f"{S1}\n{S1.replace('S1', 'S2')}\n"
    assert len(load(sales=twice, dry_run=True).warnings) == 1
    assert len(load(sales=twice).warnings) == 1
    assert load(sales=twice).warnings == []


def test_a_client_that_an_import_does_not_change_is_not_looked_at(load):
    load(sales=f"{S1}\n{S1.replace('S1', 'S2')}\n")
    assert load(sales=f"{S1.replace('S1', 'S3').replace('C1', 'C2')}\n").warnings == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("C1", "C2"), "client_id C1 before, client_id C2 now"),
        (("Marketing Hub", "Sales Hub"), "product_line Marketing Hub before, product_line Sales Hub now"),
        (("net_new,sourced,1000.00", "upsell,sourced,70.00"), "deal_type net_new, mrr 1000.00 USD before"),
        (("1000.00,USD,2022-01-10", "70.00,USD,2022-05-02"), "mrr 70.00 USD, sold_on 2022-05-02 now"),
        (("P1,C1,Marketing Hub,net_new", "P2,C1,Marketing Hub,upsell"), "partner_id P2, deal_type upsell now"),
    ],
)
def test_the_same_id_with_another_deal_is_warned_of(load, change: tuple[str, str], said: str):
    load(sales=f"{S1}\n")
    [warning] = load(sales=f"{S1.replace(*change)}\n").warnings
    assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 2, "sale_id", "S1")
    assert said in warning.message


@pytest.mark.parametrize(
    "change",
    [
        ("1000.00", "900.00"),
        ("2022-01-10", "2022-01-12"),
        ("P1", "P2"),
        ("sourced", "assisted"),
        ("Marketing Hub", "Marketing Hub Professional"),
    ],
)
def test_a_correction_of_a_deal_is_no_other_deal(load, change: tuple[str, str]):
    load(sales=f"{S1}\n")
    corrected = load(sales=f"{S1.replace(*change)}\n")
    assert (corrected.counts["sales.csv"].changed, corrected.warnings) == (1, [])


def test_the_same_id_for_another_client_or_agreement_is_warned_of(load):
    assert load(clients="C1,Client One Ltd,US\n").warnings == []
    [client] = load(clients="C1,Quite Another,BR\n").warnings
    assert "name Client One Ltd, country US before, name Quite Another, country BR now" in client.message
    level = "C1,Marketing Hub,100.00,USD,2022-01-10\nC2,Marketing Hub,100.00,USD,2022-01-10\n"
    load(agreements="A1,P1,C1,2022-01-10\n", subscriptions=level)
    [agreement] = load(agreements="A1,P1,C2,2022-01-10\n").warnings
    assert (agreement.file, agreement.value) == ("agreements.csv", "A1")
    assert "client_id C1 before, client_id C2 now" in agreement.message


def test_an_id_that_is_written_almost_like_a_stored_one_of_the_client_is_warned_of(load):
    assert load(sales=f"{S1}\n").warnings == []
    [warning] = load(sales="s1,P1,C1,Sales Hub,cross_sell,sourced,70.00,USD,2022-05-02\n").warnings
    assert (warning.file, warning.line, warning.column, warning.value) == ("sales.csv", 2, "sale_id", "s1")
    assert warning.message.startswith("differs from S1 (imported before) only in capitals")


def almost_alike(imported: Imported) -> list[Problem]:
    return [each for each in imported.warnings if each.kind == "almost the same id"]


@pytest.mark.parametrize("value", ["b1", "B 1", "0071", "71.0"])
def test_an_id_that_is_written_almost_like_a_stored_one_of_another_client_is_warned_of(load, value: str):
    stored = "B1" if value[0] in "bB" else "71"
    assert load(sales=f"{S1.replace('S1', stored)}\n").warnings == []
    other = f"{value},P2,C2,Sales Hub,cross_sell,sourced,70.00,USD,2022-05-02\n"
    [warning] = almost_alike(load(sales=other))
    assert (warning.file, warning.line, warning.value) == ("sales.csv", 2, value)
    assert warning.message.startswith(f"differs from {stored} (imported before) only in capitals")
    assert almost_alike(load(sales=other)) == [], "nothing is new"


def test_an_agreement_that_is_written_almost_like_a_stored_one_is_warned_of(load):
    levels = "C1,Marketing Hub,100.00,USD,2022-01-10\nC2,Marketing Hub,100.00,USD,2022-01-10\n"
    load(agreements="AG1,P1,C1,2022-01-10\n", subscriptions=levels)
    [warning] = load(agreements="ag1,P2,C2,2022-01-10\n").warnings
    assert (warning.file, warning.line, warning.column, warning.value) == ("agreements.csv", 2, "agreement_id", "ag1")


def test_an_agreement_of_a_client_without_levels_is_warned_of(load):
    [warning] = load(agreements="A1,P1,C1,2022-01-10\n").warnings
    assert (warning.file, warning.line, warning.column, warning.value) == ("agreements.csv", 2, "agreement_id", "A1")
    assert warning.message == "earns no managed points: Client One (C1) has no subscription level"


@pytest.mark.parametrize(
    ("mrr", "said"),
    [
        ("12000.00", "is 12 times the 1000.00 USD that Marketing Hub of Client One (C1) pays from 2022-01-10 on"),
        ("100000.00", "it may be cents"),
        ("1000000.00", "thousands separator"),
        ("10.00", "is a hundredth of the 1000.00 USD that Marketing Hub"),
    ],
)
def test_a_sale_that_is_a_multiple_of_its_level_names_both_amounts(load, mrr: str, said: str):
    levels = "C1,Marketing Hub,1000.00,USD,2022-01-10\n"
    [warning] = load(sales=f"{S1.replace('1000.00', mrr)}\n", subscriptions=levels).warnings
    assert (warning.line, warning.column, warning.value) == (2, "mrr", mrr)
    assert said in warning.message


def test_a_sale_after_the_end_of_its_line_and_one_in_another_currency_are_warned_of(load):
    ended = "C1,Marketing Hub,1000.00,USD,2020-01-10\nC1,Marketing Hub,0,USD,2021-01-10\n"
    [warning] = load(sales=f"{S1}\n", subscriptions=ended).warnings
    assert (warning.column, warning.value) == ("sold_on", "2022-01-10")
    assert "its level is 0 from 2021-01-10 on, and yet the sale counts 30 points" in warning.message
    pounds = S1.replace("S1", "S2").replace("C1", "C2").replace("USD", "GBP")
    [warning] = load(sales=f"{pounds}\n", subscriptions="C2,Marketing Hub,1000.00,USD,2022-01-10\n").warnings
    assert (warning.column, warning.value, warning.kind) == ("currency", "GBP", "two currencies")


def test_a_sale_before_a_first_level_of_zero_is_warned_of_without_saying_what_is_unknown(load):
    [warning] = load(sales=f"{S1}\n", subscriptions="C1,Marketing Hub,0,USD,2022-06-10\n").warnings
    assert (warning.column, warning.value, warning.kind) == ("sold_on", "2022-01-10", "sold before a level of zero")
    assert warning.message == (
        "is before the first level of Marketing Hub of Client One (C1), which is 0 from 2022-06-10 on, so what the sale"
        " brought is unknown, and yet the sale counts 30 points"
    )


def test_of_very_many_contradictions_the_first_are_named_and_the_rest_counted(load):
    clients = "".join(f"X{number},Client {number},US\n" for number in range(120))
    sales = "".join(f"{S1.replace('S1', f'{id_}{n}').replace('C1', f'X{n}')}\n" for n in range(120) for id_ in "ab")
    imported = load(clients=clients, sales=sales)
    assert len(imported.warnings) == 50
    assert imported.more_warnings == {"one deal under two ids": 70}
    assert report(imported.warnings, imported.more_warnings)[-1] == "… and 70 more: one deal under two ids"
