"""The sample's files: their format, their references, and the same bytes for the same seed."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.playground.sample import DEMO_DAY, LAST_DAY, write_sample
from bot.playground.sample.__main__ import main
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program

DAY, MONTH, AMOUNT = r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d", r"\d+(\.\d\d)?"
CURRENCY, LINE = "USD|EUR|GBP|AUD|CAD|SGD|JPY|COP|ZAR", r"[A-Z]\w+ Hub( Professional| Enterprise| Starter)?"
LINES = load_program().catalogue
TIER = "untiered|gold|platinum|diamond|elite"
PARTNER, CLIENT, MAYBE_DAY = r"P\d{3}", r"C\d{4}", f"({DAY})?"

# The full format of every column, in the order of data#files.
FORMS = {
    "partners": {
        "partner_id": PARTNER,
        "name": r"\S.*",
        "country": "[A-Z]{2}",
        "currency": CURRENCY,
        "joined_on": DAY,
        "elite_invited_on": MAYBE_DAY,
        "membership_until": MAYBE_DAY,
    },
    "clients": {"client_id": CLIENT, "name": r"\S.*", "country": "[A-Z]{2}"},
    "sales": {
        "sale_id": r"S\d{5}",
        "partner_id": PARTNER,
        "client_id": CLIENT,
        "product_line": LINE,
        "deal_type": "net_new|cross_sell|upsell|renewal|increase",
        "motion": "sourced|assisted",
        "mrr": AMOUNT,
        "currency": CURRENCY,
        "sold_on": DAY,
    },
    "subscriptions": {
        "client_id": CLIENT,
        "product_line": LINE,
        "mrr": AMOUNT,
        "currency": CURRENCY,
        "effective_on": DAY,
        "renews_on": MAYBE_DAY,
    },
    "agreements": {
        "agreement_id": r"A\d{4}",
        "partner_id": PARTNER,
        "client_id": CLIENT,
        "starts_on": DAY,
        "ends_on": MAYBE_DAY,
    },
    "usage": {"client_id": CLIENT, "month": MONTH, "tools_used": r"\d+"},
    "certifications": {"partner_id": PARTNER, "certification": r"\S.*", "valid_from": DAY, "valid_until": DAY},
    "tiers": {"partner_id": PARTNER, "tier": TIER, "credited_on": DAY},
    "people": {
        "email": r"[a-z]+@example\.(com|org)",
        "name": r"\S.*",
        "role": "partner|cam|cc|admin",
        "partner_id": f"({PARTNER})?",
    },
}
KEYS = {
    "partners": ["partner_id"],
    "clients": ["client_id"],
    "sales": ["sale_id"],
    "subscriptions": ["client_id", "product_line", "effective_on"],
    "agreements": ["agreement_id"],
    "usage": ["client_id", "month"],
    "certifications": ["partner_id", "certification", "valid_from"],
    "tiers": ["partner_id", "credited_on"],
    "people": ["email", "partner_id"],
}


def test_the_folder_contains_every_file_and_the_program_table(folder, files):
    names = {*FORMS, "pipeline"}  # the pipeline has rows once a day is chosen: no deal is open on the last day
    assert set(files) == names
    assert {path.name for path in folder.iterdir()} == {f"{name}.csv" for name in names} | {"program.toml"}


@pytest.mark.parametrize("name", FORMS)
def test_every_cell_has_the_format_of_its_column(files, name):
    assert list(files[name][0]) == list(FORMS[name])
    for row in files[name]:
        for column, form in FORMS[name].items():
            assert re.fullmatch(form, row[column]), (name, column, row)


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique(files, name):
    keys = Counter(tuple(row[column] for column in KEYS[name]) for row in files[name])
    assert keys.most_common(1)[0][1] == 1


@pytest.mark.parametrize("name", FORMS)
def test_every_referenced_partner_and_client_exists(files, name):
    for column, owner in (("partner_id", "partners"), ("client_id", "clients")):
        known = {row[column] for row in files[owner]}
        assert {row[column] for row in files[name] if row.get(column)} <= known


def test_dates_are_valid_and_in_order(files):
    for name, first, last in (
        ("agreements", "starts_on", "ends_on"),
        ("certifications", "valid_from", "valid_until"),
        ("subscriptions", "effective_on", "renews_on"),
    ):
        for row in files[name]:
            assert date.fromisoformat(row[first]) <= date.fromisoformat(row[last] or "9999-12-31"), row
    assert max(row["sold_on"] for row in files["sales"]) <= LAST_DAY.isoformat()
    assert min(row["sold_on"] for row in files["sales"])[:4] == "2019"


def test_yen_amounts_have_no_decimals_and_others_have_two(files):
    for row in (*files["sales"], *files["subscriptions"]):
        assert ("." not in row["mrr"]) == (row["currency"] == "JPY")


def test_a_product_line_is_sold_in_one_currency_and_starts_with_a_first_sale(files):
    seen: dict[tuple[str, str], str] = {}
    for row in files["sales"]:
        line = row["client_id"], LINES.line_of(row["product_line"]).hub
        assert line in seen or row["deal_type"] in ("net_new", "cross_sell"), row
        assert seen.setdefault(line, row["currency"]) == row["currency"]


def test_subscription_levels_rise_with_each_sale(files):
    levels: dict[tuple[str, str], dict[str, float]] = {}
    for row in files["subscriptions"]:
        line = row["client_id"], LINES.line_of(row["product_line"]).hub
        levels.setdefault(line, {})[row["effective_on"]] = float(row["mrr"])
    told = [
        (row, line)
        for row in files["sales"]
        if (line := (row["client_id"], LINES.line_of(row["product_line"]).hub)) in levels
    ]
    sold: dict[tuple[str, str, str], float] = {}
    for row, line in told:
        if row["deal_type"] != "renewal":
            key = *line, row["sold_on"]
            sold[key] = sold.get(key, 0) + float(row["mrr"])
    for (client_id, hub, day), amount in sold.items():
        before = [mrr for since, mrr in sorted(levels[client_id, hub].items()) if since < day]
        assert levels[client_id, hub][day] == pytest.approx((before or [0])[-1] + amount)


def test_of_a_line_one_edition_is_held_at_a_time_by_the_name_of_its_day(files):
    held: dict[tuple[str, str], set[str | None]] = {}
    for row in files["subscriptions"]:
        line = LINES.line_of(row["product_line"])
        assert line.known, row
        assert line.name == LINES.names_on(date.fromisoformat(row["effective_on"]))[line.hub], row
        held.setdefault((row["client_id"], line.hub), set()).add(line.edition)
    keys = Counter(
        (row["client_id"], LINES.line_of(row["product_line"]).hub, row["effective_on"])
        for row in files["subscriptions"]
    )
    assert set(keys.values()) == {1}
    assert sum(len(editions) > 1 for editions in held.values()) > 20, "some upgrade, some downgrade"


def test_the_sample_has_the_size_of_a_small_program(files):
    assert len(files["partners"]) == 40
    assert 3_000 <= len(files["sales"]) <= 6_000
    assert 800 <= len(files["clients"]) <= 1_200
    assert Counter(row["role"] for row in files["people"] if not row["partner_id"]) == {"admin": 2}
    assert len({row["email"] for row in files["people"] if row["role"] == "cam"}) == 3
    assert len({row["email"] for row in files["people"] if row["role"] == "cc"}) == 1


def test_e_mail_addresses_and_client_names_are_unique(files):
    names: dict[str, str] = {}
    for row in files["people"]:
        assert names.setdefault(row["email"], row["name"]) == row["name"]
    assert len({row["name"] for row in files["clients"]}) == len(files["clients"])


@pytest.mark.slow
def test_the_bytes_depend_on_the_seed_alone(folder, sample, tmp_path):
    again, other = tmp_path / "again", tmp_path / "other"
    write_sample(again)
    write_sample(other, seed=7)
    assert all(path.read_bytes() == (again / path.name).read_bytes() for path in folder.iterdir())
    assert (folder / "sales.csv").read_bytes() != (other / "sales.csv").read_bytes()


@pytest.mark.slow
def test_the_folder_of_any_seed_can_be_imported(tmp_path, sqlite_engine: Engine):
    write_sample(tmp_path, seed=7)
    imported = import_folder(sqlite_engine, load_program(), tmp_path, today=DEMO_DAY)
    assert imported.problems == []


@pytest.mark.slow
@pytest.mark.parametrize("today", [DEMO_DAY, date(2026, 11, 23)])
def test_the_sample_is_imported_with_no_other_warnings_than_its_two_stories(
    folder, sample, sqlite_engine: Engine, today
):
    program = load_program(folder / "program.toml")
    imported = import_folder(sqlite_engine, program, folder, today=today)
    assert (imported.problems, imported.stored) == ([], True)
    stories = [each.kind for each in imported.warnings if each.kind != "sale in the future"]
    assert sorted(stories) == ["agreement without a level", "two currencies"]
    assert set(imported.more_warnings) <= {"sale in the future"}
    assert len(stories) == len(imported.warnings) or today == DEMO_DAY, "the sample goes on after its first day"


@pytest.mark.slow
def test_the_module_writes_into_the_given_folder(tmp_path: Path, capsys):
    assert main([str(tmp_path / "here"), "2022"]) == 0
    assert (tmp_path / "here" / "people.csv").exists()
    assert "40 partners" in capsys.readouterr().out


def test_the_module_shows_its_usage_without_a_folder(capsys):
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
