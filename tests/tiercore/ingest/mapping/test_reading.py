"""A mapping's TOML is strict: whatever is wrong with it is an error with its line and what would be right."""

import pytest

from tests.support.exports import mapping_of
from tiercore.ingest.mapping import MappingError
from tiercore.ingest.mapping.ready import ready_mappings, ready_text

CLIENTS = '[clients]\nclient_id = "Id"\nname = "Name"\ncountry = "Country"\n'


def errors(toml: str, **settings: str) -> list[str]:
    with pytest.raises(MappingError) as raised:
        mapping_of(toml, **settings)
    return [str(each) for each in raised.value.problems]


def test_text_that_is_not_toml_is_an_error_with_its_line() -> None:
    assert errors("[clients]\nname = Name\n")[0].startswith("mapping.toml:2: is not TOML")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (CLIENTS + 'contry = "X"\n', "mapping.toml:5 clients.contry: is not a key of a mapping here. Did you mean"),
        ("[client]\n" + CLIENTS, "mapping.toml:1 client: is not a key of a mapping here. Did you mean clients?"),
        (
            'dates = "dayfirst"\n' + CLIENTS,
            "mapping.toml:1 dates: 'dayfirst' is not a value of this key. Did you mean day-first?",
        ),
        (
            CLIENTS.replace('"Country"', '{ colum = "Country" }'),
            "mapping.toml:4 clients.country: doesn't say where the value comes from",
        ),
        (
            CLIENTS.replace('"Country"', '{ column = "Country", valus = {} }'),
            "mapping.toml:4 clients.country.valus: is not a key of a mapping here. Did you mean values?",
        ),
        (
            CLIENTS.replace('"Country"', '{ value = "UK" }'),
            "mapping.toml:4 clients.country.value: 'UK' isn't an ISO 3166 country code. Did you mean GB?",
        ),
        (CLIENTS.replace('"Country"', "4"), "mapping.toml:4 clients.country: '4' is not a table"),
        (CLIENTS.replace('name = "Name"\n', ""), "mapping.toml:1 clients.name: clients.csv needs name"),
        ("about = 'nothing'\n", "mapping.toml: makes none of our files; add at least one of [partners]"),
        (
            '[[rows]]\ncolumn = "Stage"\ncount = ["Won"]\nskip = ["won"]\n' + CLIENTS,
            "mapping.toml:1 rows: 'won' is in both count and skip",
        ),
        (
            '[inputs.a]\n[inputs.b]\njoin = { c = "Id" }\n' + CLIENTS,
            "mapping.toml:3 inputs.b.join.c: 'c' is not a value",
        ),
        (
            '[inputs.a]\nid = "I"\njoin = { b = "I" }\n[inputs.b]\nid = "I"\njoin = { a = "I" }\n' + CLIENTS,
            "mapping.toml:3 inputs.a.join.b: b refers back to a",
        ),
        (CLIENTS.replace('"Name"', '{ arr = "Name" }'), "mapping.toml:3 clients.name: name is not an amount"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_would_be_right(toml: str, message: str) -> None:
    assert any(each.startswith(message) for each in errors(toml)), errors(toml)


def test_a_word_that_is_not_ours_is_an_error_where_it_stands() -> None:
    toml = (
        CLIENTS
        + '[people]\nemail = "E"\nname = "N"\n[people.role]\ncolumn = "R"\n[people.role.values]\n"Boss" = "admn"\n'
    )
    assert errors(toml) == [
        "mapping.toml:11 people.role.values.Boss: 'admn' is not a role. "
        "Did you mean admin? Use partner, cam, cc or admin."
    ]


def test_every_mistake_is_told_together() -> None:
    assert len(errors('datse = "day-first"\n' + CLIENTS + "x = 1\ny = 2\n")) == 3


def test_a_setting_that_is_needed_must_be_given() -> None:
    toml = '[settings]\nland = "where they are"\n' + CLIENTS.replace('"Country"', '{ setting = "land" }')
    assert errors(toml) == ["mapping.toml:6 clients.country.setting: 'land' is not set; give it with --set land=…"]
    assert mapping_of(toml, land="DE").rules[0].file == "clients.csv"
    assert errors(toml, land="DE", lnad="x")[0].startswith(
        "mapping.toml: 'lnad' is not a value of this key. Did you mean land?"
    )


@pytest.mark.parametrize("name", ready_mappings())
def test_every_ready_mapping_can_be_read(name: str) -> None:
    given = {each: value for each, value in SETTINGS.items() if f"\n{each} = " in ready_text(name)}
    assert mapping_of(ready_text(name), **given).rules


SETTINGS = {"partner_id": "P001", "country": "DE", "currency": "EUR", "motion": "sourced"}
