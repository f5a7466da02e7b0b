"""Product lines by any name, and what an operator's table adds to them."""

from datetime import date
from pathlib import Path

import pytest

from tiercore.program import Program, ProgramError, load_program

CATALOGUE = load_program().catalogue


def with_table(path: Path, text: str) -> Program:
    table = path / "program.toml"
    table.write_text(text, encoding="utf-8")
    return load_program(table)


@pytest.mark.parametrize(
    ("text", "hub", "edition"),
    [
        ("Marketing Hub", "Marketing Hub", None),
        ("marketing hub professional", "Marketing Hub", "Professional"),
        ("Marketing-Hub (Pro)", "Marketing Hub", "Professional"),
        ("Professional Marketing Hub", "Marketing Hub", "Professional"),
        ("HubSpot Marketing Enterprise", "Marketing Hub", "Enterprise"),
        ("CMS Hub Starter", "Content Hub", "Starter"),
        ("Content Hub Starter", "Content Hub", "Starter"),
        ("Operations Hub", "Data Hub", None),
        ("Commerce Hub Pro", "Revenue Hub", "Professional"),
        ("Starter Customer Platform", "Customer Platform", "Starter"),
        ("API add-on", "API Add-on", None),
    ],
)
def test_a_line_is_known_by_every_name_and_spelling(text: str, hub: str, edition: str | None):
    found = CATALOGUE.line_of(text)
    assert (found.hub, found.edition, found.known) == (hub, edition, True)


@pytest.mark.parametrize("text", ["Hub", "Onboarding", "Marketing Hub 2", "—", "HubSpot", "Marketing Hub Professinal"])
def test_a_name_that_is_not_in_the_catalogue_is_a_line_of_its_own(text: str):
    assert CATALOGUE.line_of(text) == (text, None, text, (0, 0), False)


def test_every_name_that_the_catalogue_writes_out_is_understood():
    for text in CATALOGUE.names():
        assert CATALOGUE.line_of(text).known, text


def test_a_line_is_called_by_its_name_of_the_day():
    assert CATALOGUE.names_on(date(2024, 4, 2))["Content Hub"] == "CMS Hub"
    assert CATALOGUE.names_on(date(2024, 4, 3))["Content Hub"] == "Content Hub"


def test_an_operators_table_adds_aliases_lines_and_names(tmp_path: Path):
    program = with_table(
        tmp_path,
        '[lines.marketing_hub.aliases]\n2020-01-01 = { value = ["Marketing Automation"] }\n'
        '[lines.onboarding.name]\n2020-01-01 = { value = "Onboarding" }\n2023-01-01 = { value = "Guided Start" }\n'
        '[lines.onboarding.editions]\n2020-01-01 = { value = ["Basic", "Plus"] }\n',
    )
    lines = program.catalogue
    assert lines.line_of("marketing automation pro")[:2] == ("Marketing Hub", "Professional")
    assert lines.line_of("Mktg Hub")[:2] == ("Marketing Hub", None)
    assert lines.line_of("Onboarding Plus")[:2] == ("Guided Start", "Plus")
    assert program.on(date(2022, 1, 1)).product("Guided Start", "Plus", "Lyon") == "Onboarding Plus (Lyon)"


def test_another_catalogue_asks_for_a_rebuild_and_changes_no_rate(tmp_path: Path):
    shipped = load_program()
    own = with_table(tmp_path, '[lines.onboarding.name]\n2023-05-05 = { value = "Onboarding" }\n')
    assert own.rating_fingerprint != shipped.rating_fingerprint
    assert own.rating_changes == shipped.rating_changes


def test_a_name_that_two_lines_claim_is_a_mistake_that_names_both(tmp_path: Path):
    with pytest.raises(ProgramError, match="'CMS Hub' names both Content Hub and Website"):
        with_table(
            tmp_path,
            '[lines.website.name]\n2020-01-01 = { value = "Website" }\n'
            '[lines.website.aliases]\n2020-01-01 = { value = ["CMS Hub"] }\n',
        )


def test_an_empty_list_of_editions_is_a_mistake_that_says_what_to_write(tmp_path: Path):
    with pytest.raises(ProgramError, match="at least one name in quotes"):
        with_table(tmp_path, "[lines.marketing_hub.editions]\n2020-01-01 = { value = [] }\n")
