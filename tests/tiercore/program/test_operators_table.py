"""An operator's table on top of the shipped rules, and every possible mistake in it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Mistake, Program, ProgramError, load_program

SUMMER_2022, SUMMER_2025 = date(2022, 7, 18), date(2025, 7, 15)


def laid_over(folder: Path, text: str) -> Program:
    table = folder / "own.toml"
    table.write_text(text, encoding="utf-8")
    return load_program(table)


def mistakes_in(folder: Path, text: str) -> tuple[Mistake, ...]:
    with pytest.raises(ProgramError) as caught:
        laid_over(folder, text)
    return caught.value.mistakes


def test_a_threshold_can_be_added(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[thresholds.platinum.sold_minimum]\n2022-07-18 = { value = 250 }")
    sold, managed = program.on(SUMMER_2022).tier("platinum").minimums
    assert sold.points == 250 * MICRO
    assert isinstance(managed.points, NotConfigured)


def test_a_value_from_the_same_day_replaces_the_shipped_one(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[thresholds.platinum.combined]\n2022-07-18 = { value = 600 }")
    assert program.on(SUMMER_2022).tier("platinum").combined == 600 * MICRO


def test_a_value_from_2022_does_not_undo_the_shipped_end_in_2025(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[thresholds.gold.combined]\n2022-07-18 = { value = 200 }")
    assert program.on(date(2025, 7, 14)).tier("gold").combined == 200 * MICRO
    assert isinstance(program.on(SUMMER_2025).tier("gold").combined, NotConfigured)


def test_a_value_from_2025_continues(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[thresholds.gold.combined]\n2025-07-15 = { value = 210 }")
    assert program.on(date(2030, 1, 1)).tier("gold").combined == 210 * MICRO


@pytest.mark.parametrize("words", ["not set", "not configured"])
def test_a_value_can_be_ended_in_the_syntax_of_earlier_releases(words: str, tmp_path: Path) -> None:
    program = laid_over(tmp_path, f'[thresholds.platinum.combined]\n2024-01-01 = {{ value = "{words}" }}')
    assert program.on(date(2023, 12, 31)).tier("platinum").combined == 645 * MICRO
    assert isinstance(program.on(date(2024, 1, 1)).tier("platinum").combined, NotConfigured)


@pytest.mark.parametrize("written", ["322.5", '"322.5"', '"322.500000"', "3225e-1"])
def test_a_threshold_may_have_decimals_up_to_a_millionth_of_a_point(written: str, tmp_path: Path) -> None:
    program = laid_over(tmp_path, f"[thresholds.gold.combined]\n2022-07-18 = {{ value = {written} }}")
    assert program.on(SUMMER_2022).tier("gold").combined == 322_500_000


@given(st.integers(0, 10**12))
def test_every_threshold_in_micropoints_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, micropoints: int
) -> None:
    written = f"{micropoints // MICRO}.{micropoints % MICRO:06d}"
    text = f"[thresholds.gold.combined]\n2022-07-18 = {{ value = {written} }}"
    program = laid_over(tmp_path_factory.mktemp("table"), text)
    assert program.on(SUMMER_2022).tier("gold").combined == micropoints


def test_dollar_targets_are_read_to_the_cent(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[thresholds.gold.sold_dollars]\n2021-01-01 = { value = 1999.99 }")
    assert program.on(date(2021, 1, 1)).tier("gold").sold_dollars == Money(199_999, "USD")
    assert isinstance(program.on(SUMMER_2022).tier("gold").sold_dollars, NotConfigured)


def test_a_new_currency_is_allowed(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[currencies.SEK]\n2023-01-01 = { value = 900.50 }")
    assert isinstance(program.on(date(2022, 12, 31)).per_100_usd("SEK"), NotConfigured)
    assert program.on(date(2023, 1, 1)).per_100_usd("SEK") == Money(900_50, "SEK")


def test_a_new_growth_list_adds_to_the_shipped_ones(tmp_path: Path) -> None:
    program = laid_over(tmp_path, '[growth_markets.countries.africa]\n2023-01-01 = { value = ["KE"] }')
    assert not program.on(date(2022, 12, 31)).is_growth_market("KE")
    assert program.on(date(2023, 1, 1)).is_growth_market("KE")
    assert program.on(date(2023, 1, 1)).is_growth_market("BR")


def test_a_new_tier_is_allowed_if_a_version_has_it(tmp_path: Path) -> None:
    tiers = '[version.tiers]\n2027-01-15 = { value = ["gold", "platinum", "emerald"] }\n'
    program = laid_over(tmp_path, tiers + "[thresholds.emerald.combined]\n2027-01-15 = { value = 900 }")
    assert "emerald" in program.tier_names
    assert program.on(date(2027, 1, 15)).tiers[-1].combined == 900 * MICRO


def test_an_increase_can_be_switched_off(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[sold.earns.increase]\n2025-07-15 = { value = false }")
    assert "increase" in program.on(date(2025, 7, 14)).earning
    assert "increase" not in program.on(SUMMER_2025).earning


def test_the_recalibrations_can_move(tmp_path: Path) -> None:
    program = laid_over(tmp_path, '[calendar.recalibrations]\n2028-01-01 = { value = ["04-01"] }')
    assert program.recalibration_after(date(2027, 7, 15)) == date(2028, 4, 1)
    assert program.recalibration_after(date(2028, 4, 1)) == date(2029, 4, 1)


def test_an_operators_value_is_marked_as_such(tmp_path: Path) -> None:
    program = laid_over(tmp_path, "[retention.gold]\n2022-07-18 = { value = 80 }")
    dated = program.provenance("retention.gold", SUMMER_2022)
    assert (dated.source, dated.confidence, dated.file, dated.overlay) == ("own.toml", "operator", "own.toml", True)
    assert not program.provenance("retention.elite", SUMMER_2022).overlay


def test_a_sample_table_can_be_marked_as_such(tmp_path: Path) -> None:
    text = '[retention.gold]\n2022-07-18 = { value = 80, source = "invented", confidence = "sample" }'
    dated = laid_over(tmp_path, text).provenance("retention.gold", SUMMER_2022)
    assert (dated.source, dated.confidence) == ("invented", "sample")


def test_the_label_is_available_to_every_answer(tmp_path: Path) -> None:
    assert laid_over(tmp_path, 'label = "SAMPLE thresholds"').label == "SAMPLE thresholds"
    assert laid_over(tmp_path, "").label is None
    assert load_program().label is None


def test_the_readmes_example_is_a_valid_table(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[3] / "tiercore/program/README.md").read_text(encoding="utf-8")
    program = laid_over(tmp_path, readme.split("```toml\n")[1].split("```")[0])
    assert program.on(SUMMER_2025).tier("gold").combined == 300 * MICRO


COMBINED = "[thresholds.gold.combined]\n"


@pytest.mark.parametrize(
    ("text", "key", "problem", "remedy"),
    [
        ("[treshold.gold.combined]", "treshold", "is not a rule", "Did you mean thresholds?"),
        ("[thresholds.gold.combned]", "thresholds.gold.combned", "is not a rule", "Did you mean combined?"),
        ("[sold]\nexpires = 3", "sold.expires", "is not a rule", "expire_after_months"),
        ("[currencies.eur]", "currencies.eur", "is not a rule", "three capital letters"),
        ("thresholds = 3", "thresholds", "is a group of rules", "Write a table"),
        ("[thresholds.gold]\ncombined = 270", "thresholds.gold.combined", "has no date", "{ value = 270 }"),
        (COMBINED, "thresholds.gold.combined", "has no dated value", "2022-07-18 = {"),
        (COMBINED + "2022-07-18 = 270", "thresholds.gold.combined.2022-07-18", "bare value", "{ value = 270 }"),
        (COMBINED + "2022-7-18 = { value = 1 }", "thresholds.gold.combined.2022-7-18", "is not a date", "2022-07-18"),
        (COMBINED + "2022-02-30 = { value = 1 }", "thresholds.gold.combined.2022-02-30", "is not a day", "the day"),
        (COMBINED + "value = 270", "thresholds.gold.combined.value", "is not a date", "2022-07-18 = { value = 270 }"),
        (COMBINED + 'unit = "US$"', "thresholds.gold.combined.unit", "is US$", 'in "points"'),
        (COMBINED + "2022-07-18 = {}", "thresholds.gold.combined.2022-07-18", "has no value", "{ value = "),
        (COMBINED + "2022-07-18 = { value = -1 }", "thresholds.gold.combined.2022-07-18", "-1 is negative", "from 0"),
        (COMBINED + "2022-07-18 = { value = -0.5 }", "thresholds.gold.combined.2022-07-18", "is negative", "from 0"),
        (COMBINED + '2022-07-18 = { value = "n/a" }', "thresholds.gold.combined.2022-07-18", "not a number", "270"),
        (COMBINED + "2022-07-18 = { value = true }", "thresholds.gold.combined.2022-07-18", "not a number", "270"),
        (COMBINED + "2022-07-18 = { value = nan }", "thresholds.gold.combined.2022-07-18", "not a number", "270"),
        (COMBINED + "2022-07-18 = { value = 1e30 }", "thresholds.gold.combined.2022-07-18", "too large", "up to"),
        (COMBINED + "2022-07-18 = { value = 1e999 }", "thresholds.gold.combined.2022-07-18", "not a number", "270"),
        (COMBINED + "2022-07-18 = { value = 0.0000001 }", "thresholds.gold.combined.2022-07-18", "finer", "Round it"),
        (
            COMBINED + "2022-07-18 = { value = 1, confidence = 'statd' }",
            "thresholds.gold.combined.2022-07-18",
            "confidence 'statd' is not known",
            "Did you mean stated?",
        ),
        (
            COMBINED + "2022-07-18 = { value = 1, sorce = 'x' }",
            "thresholds.gold.combined.2022-07-18",
            "'sorce' is not known",
            "Did you mean source?",
        ),
        (COMBINED + "2022-07-18 = { value = 1, source = 3 }", "thresholds.gold.combined.2022-07-18", "text", "quotes"),
        (
            "[retention.platnum]\n2022-07-18 = { value = 1 }",
            "retention.platnum",
            "no version",
            "Did you mean platinum?",
        ),
        ("[retention.gold]\n2022-07-18 = { value = 101 }", "retention.gold.2022-07-18", "101", "from 0 to 100"),
        ("[retention.gold]\n2022-07-18 = { value = -1 }", "retention.gold.2022-07-18", "negative", "from 0 to 100"),
        ("[retention.gold]\n2022-07-18 = { value = 80.5 }", "retention.gold.2022-07-18", "80.5", "whole number"),
        (
            "[rates.managed.standard]\n2022-07-18 = { value = true }",
            "rates.managed.standard.2022-07-18",
            "true",
            "whole",
        ),
        ("[currencies.JPY]\n2022-07-18 = { value = 0.5 }", "currencies.JPY.2022-07-18", "finer", "minor units of JPY"),
        ("[currencies.EUR]\n2022-07-18 = { value = 0 }", "currencies.EUR.2022-07-18", "zero", "stands for US$100"),
        ("[currencies.USD]\n2022-07-18 = { value = 99 }", "currencies.USD.2022-07-18", "US$100", "Leave"),
        (
            "[sold.earns.upsell]\n2022-07-18 = { value = 'no' }",
            "sold.earns.upsell.2022-07-18",
            "neither",
            "without quotes",
        ),
        (
            "[sold.decrease_consumes]\n2022-07-18 = { value = 'newst' }",
            "sold.decrease_consumes.2022-07-18",
            "'newst' is not known",
            "Did you mean newest?",
        ),
        (
            "[sold.expire_after_months]\n2022-07-18 = { value = 'not set' }",
            "sold.expire_after_months.2022-07-18",
            "can't be 'not set'",
            "leave the shipped one alone",
        ),
        (
            "[growth_markets.countries.africa]\n2022-07-18 = { value = ['Kenya'] }",
            "growth_markets.countries.africa.2022-07-18",
            "'Kenya' is not a country code",
            "ISO 3166",
        ),
        (
            "[growth_markets.countries.africa]\n2022-07-18 = { value = ['KE', 'KE'] }",
            "growth_markets.countries.africa.2022-07-18",
            "KE is listed twice",
            "once",
        ),
        (
            "[version.minimums]\n2022-07-18 = { value = ['soled'] }",
            "version.minimums.2022-07-18",
            "'soled' is not known",
            "Did you mean sold?",
        ),
        (
            "[version.tiers]\n2022-07-18 = { value = ['untiered'] }",
            "version.tiers.2022-07-18",
            "not a list of tiers",
            "ascending",
        ),
        (
            "[calendar.recalibrations]\n2022-07-18 = { value = ['02-29'] }",
            "calendar.recalibrations.2022-07-18",
            "not a list of days",
            "month-day",
        ),
        ("label = ''", "label", "is not a text", "shown with every answer"),
        ("[thresholds.gold\n", "", "at line 1", "table of dated values"),
        (COMBINED + "2022-07-18 = { value = 1 }\n" * 2, "", "at line 3", "table of dated values"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_a_correction(
    text: str, key: str, problem: str, remedy: str, tmp_path: Path
) -> None:
    first = mistakes_in(tmp_path, text)[0]
    assert (first.file, first.key) == ("own.toml", key)
    assert problem in first.problem
    assert remedy in first.remedy


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    text = "[thresholds.gold]\ncombined = 270\n[retention.platnum]\n2022-07-18 = { value = 1 }\n[sould]"
    with pytest.raises(ProgramError) as caught:
        laid_over(tmp_path, text)
    assert [mistake.key for mistake in caught.value.mistakes] == [
        "thresholds.gold.combined",
        "sould",
        "retention.platnum",
    ]
    assert str(caught.value).splitlines()[0] == (
        "own.toml: thresholds.gold.combined: has no date. "
        "Write [thresholds.gold.combined] and below it, from the day on: 2022-07-18 = { value = 270 }"
    )


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"missing\.toml: can't be read \(No such file or directory\)"):
        load_program(tmp_path / "missing.toml")


def test_a_table_in_another_encoding_is_reported(tmp_path: Path) -> None:
    table = tmp_path / "latin.toml"
    table.write_bytes('label = "é"'.encode("latin-1"))
    with pytest.raises(ProgramError, match=r"latin\.toml: is not UTF-8 text"):
        load_program(table)


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    table = tmp_path / "bom.toml"
    table.write_text('label = "x"', encoding="utf-8-sig")
    assert load_program(table).label == "x"
