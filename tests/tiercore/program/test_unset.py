"""What is not set on a day, the template to fill in, and an operator's numbers that no longer apply."""

import re
from datetime import date
from pathlib import Path

import pytest

from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Program, ended_values, load_program, template, unset_rules

TODAY, SUMMER_2022 = date(2026, 11, 28), date(2022, 9, 5)
DAYS = (date(2016, 12, 1), date(2021, 6, 1), SUMMER_2022, date(2025, 8, 1), TODAY)
README = Path(__file__).parents[3] / "README.md"


def laid_over(folder: Path, text: str) -> Program:
    table = folder / "own.toml"
    table.write_text(text, encoding="utf-8")
    return load_program(table)


def uncommented(text: str) -> str:
    """The template after an operator removed every # before a rule."""
    return re.sub(r"^# (?=\[|\d|label)", "", text, flags=re.MULTILINE)


def test_deciding_rules_come_first_and_only_those_of_the_days_model() -> None:
    found = unset_rules(load_program(), TODAY)
    assert [each.path for each in found if each.decides] == [
        f"thresholds.{tier}.{name}"
        for tier in ("gold", "platinum", "diamond", "elite")
        for name in ("combined", "sourced_minimum")
    ]
    assert [each.path for each in found if not each.decides] == [
        f"retention.{tier}" for tier in ("gold", "platinum", "diamond")
    ]
    assert {each.since for each in found if each.decides} == {date(2025, 7, 15)}
    assert found[0].line == "thresholds.gold.combined.2025-07-15 = { value = … }"


def test_dollar_targets_are_missing_on_a_day_of_the_dollar_model() -> None:
    paths = {each.path for each in unset_rules(load_program(), date(2021, 6, 1)) if each.decides}
    assert paths == {
        f"thresholds.{tier}.{of}_dollars" for tier in ("gold", "platinum", "diamond") for of in ("sold", "managed")
    }


def test_the_rate_on_older_lines_is_missing_only_while_deal_based_credit_applies(tmp_path: Path) -> None:
    own = laid_over(tmp_path, "[deal_based.applies]\n2026-01-15 = { value = true }")
    assert "deal_based.older_line_rate" not in {each.path for each in unset_rules(own, date(2026, 1, 14))}
    assert "deal_based.older_line_rate" in {each.path for each in unset_rules(own, date(2026, 1, 15))}
    assert "[deal_based.older_line_rate]   # in line or sale" in template(own, TODAY)


@pytest.mark.parametrize("day", DAYS)
def test_the_template_is_valid_as_written_and_uncommented(tmp_path: Path, day: date) -> None:
    text = template(load_program(), day)
    missing = unset_rules(load_program(), day)
    assert all(each.path in text for each in missing)
    assert unset_rules(laid_over(tmp_path, text), day) == missing
    bare = laid_over(tmp_path, uncommented(text))
    assert unset_rules(bare, day) == missing
    assert not missing or bare.label == "Thresholds of the partner portal, read on 3 August"


@pytest.mark.parametrize("day", DAYS)
def test_the_filled_in_template_sets_everything(tmp_path: Path, day: date) -> None:
    text = uncommented(template(load_program(), day)).replace('"not set" }', "12 }")
    filled = laid_over(tmp_path, text)
    assert unset_rules(filled, day) == ()
    assert "Nothing: every rule of that day is set." in template(filled, day)


def test_a_tier_added_by_an_operator_is_in_the_template(tmp_path: Path) -> None:
    own = laid_over(tmp_path, '[version.tiers]\n2026-01-15 = { value = ["bronze", "gold"] }')
    assert "[thresholds.bronze.combined]" in template(own, TODAY)
    assert "platinum" not in template(own, TODAY)


def test_a_sold_minimum_replaced_by_a_sourced_one_is_reported_as_ended(tmp_path: Path) -> None:
    own = laid_over(tmp_path, "[thresholds.platinum.sold_minimum]\n2022-07-18 = { value = 270 }")
    assert [str(each) for each in ended_values(own, TODAY)] == [
        "your thresholds.platinum.sold_minimum (270 points) ended on 2025-07-15: sourced_minimum replaces it and is "
        "not set: add [thresholds.platinum.sourced_minimum]"
    ]
    assert ended_values(own, SUMMER_2022) == ()


def test_an_ended_total_needs_a_value_from_a_later_day(tmp_path: Path) -> None:
    own = laid_over(tmp_path, "[thresholds.gold.combined]\n2022-07-18 = { value = 322.5 }")
    [ended] = ended_values(own, TODAY)
    assert str(ended) == (
        "your thresholds.gold.combined (322.5 points) ended on 2025-07-15: what holds from then on is not public: add "
        "a value dated 2025-07-15 or later"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[thresholds.gold.combined]\n2022-07-18 = { value = 300 }\n2025-07-15 = { value = 310 }",
        '[thresholds.gold.combined]\n2022-07-18 = { value = 300 }\n2023-01-01 = { value = "not set" }',
        "[thresholds.gold.combined]\n2027-01-01 = { value = 300 }",
        "[thresholds.gold.sold_minimum]\n2022-07-18 = { value = 90 }\n"
        "[thresholds.gold.sourced_minimum]\n2025-07-15 = { value = 80 }",
        "[thresholds.gold.managed_minimum]\n2022-07-18 = { value = 50 }",
    ],
    ids=["none", "renewed", "ended-by-hand", "to-come", "replacement-set", "not-asked-for-any-more"],
)
def test_a_value_without_a_gap_today_has_not_ended(tmp_path: Path, text: str) -> None:
    assert ended_values(laid_over(tmp_path, text), TODAY) == ()


def test_the_readmes_table_applies_today(tmp_path: Path) -> None:
    shown = re.search(r"^   ```toml\n(.*?)^   ```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert shown is not None
    own = laid_over(tmp_path, re.sub(r"^   ", "", shown[1], flags=re.MULTILINE))
    platinum = own.on(TODAY).tier("platinum")
    assert platinum.combined == 680 * MICRO
    assert not any(isinstance(each.points, NotConfigured) for each in platinum.minimums)
    assert ended_values(own, TODAY) == ()
