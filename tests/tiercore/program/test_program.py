"""Rules by day: fast lookup, order of tiers, the calendar, and what the rating of credits depends on."""

from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured
from tiercore.program import Parameter, Program, UnknownRule, UnknownTier, load_program
from tiercore.program.parameter import Value
from tiercore.program.snapshot import Snapshot, rules_of
from tiercore.rating.client_batches import program_of

PROGRAM = load_program()
DAYS = st.dates(date(2015, 1, 1), date(2027, 12, 31)) | st.dates()
CHANGE_DAYS = sorted({dated.since for parameter in PROGRAM.parameters for dated in parameter.dated})


def naive(parameter: Parameter, day: date) -> Value:
    """The parameter's value by a linear search of all entries."""
    found: Value = NotConfigured(reason=f"{parameter.path} isn't set", name=parameter.path)
    for dated in parameter.dated:
        if dated.since <= day:
            found = dated.value
    return found


@given(DAYS | st.sampled_from(CHANGE_DAYS))
def test_the_rules_of_any_day_match_a_linear_search_of_all_entries(day: date) -> None:
    begun = [each for each in PROGRAM.parameters if any(dated.since <= day for dated in each.dated)]
    values = {parameter.path: naive(parameter, day) for parameter in begun}
    names = PROGRAM.catalogue.names_on(day)
    assert PROGRAM.on(day) == replace(rules_of(Snapshot(values)), line_names=names)


@given(DAYS)
def test_a_rules_origin_is_its_latest_entry_up_to_the_day(day: date) -> None:
    for parameter in PROGRAM.parameters:
        dated = PROGRAM.provenance(parameter.path, day)
        assert dated.value == naive(parameter, day)
        assert dated.since <= day


@given(DAYS)
def test_rules_are_the_same_object_between_changes(day: date) -> None:
    start = max(change for change in CHANGE_DAYS if change <= day)
    assert PROGRAM.on(day) is PROGRAM.on(start)


def test_rules_change_on_their_day_and_not_before() -> None:
    for before, after in pairwise(CHANGE_DAYS):
        assert PROGRAM.on(after - timedelta(days=1)) is PROGRAM.on(before)
        assert PROGRAM.on(after) is not PROGRAM.on(before)


def test_rules_cannot_be_edited() -> None:
    with pytest.raises(FrozenInstanceError):
        PROGRAM.on(date(2022, 7, 18)).expire_after_months = 24  # type: ignore[misc]


def test_the_next_tier_is_one_above() -> None:
    rules = PROGRAM.on(date(2022, 7, 18))
    assert [rules.next_tier(name) for name in (None, "untiered", "gold", "diamond", "elite")] == [
        rules.tier("gold"),
        rules.tier("gold"),
        rules.tier("platinum"),
        rules.tier("elite"),
        None,
    ]


def test_the_lowest_tier_of_2018_was_silver() -> None:
    lowest = PROGRAM.on(date(2018, 6, 1)).next_tier(None)
    assert lowest is not None
    assert lowest.name == "silver"


@pytest.mark.parametrize("typed", ["platnum", "Platinum", "PLATNIUM"])
def test_a_mistyped_tier_gets_a_suggestion(typed: str) -> None:
    with pytest.raises(UnknownTier) as caught:
        PROGRAM.on(date(2022, 7, 18)).tier(typed)
    assert caught.value.suggestion == "platinum"
    assert str(caught.value) == f"No tier '{typed}'. Did you mean platinum? Tiers: gold, platinum, diamond, elite."


def test_a_tier_from_another_version_is_unknown_on_the_day() -> None:
    rules = PROGRAM.on(date(2022, 7, 18))
    with pytest.raises(UnknownTier, match=r"No tier 'silver'\. Tiers: gold, platinum, diamond, elite\."):
        rules.next_tier("silver")


def test_tier_names_include_every_version_the_lowest_first() -> None:
    assert PROGRAM.tier_names == ("silver", "gold", "platinum", "diamond", "elite")


def test_a_currency_without_a_table_is_reported_as_not_configured() -> None:
    missing = PROGRAM.on(date(2025, 7, 15)).per_100_usd("SEK")
    assert isinstance(missing, NotConfigured)
    assert missing.reason == "currencies.SEK isn't set"
    assert PROGRAM.on(date(2025, 7, 15)).per_100_usd("EUR") == Money(88_00, "EUR")


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2022, 1, 14), date(2022, 1, 15)),
        (date(2022, 1, 15), date(2022, 7, 15)),
        (date(2022, 7, 14), date(2022, 7, 15)),
        (date(2022, 7, 15), date(2023, 1, 15)),
        (date(2022, 12, 31), date(2023, 1, 15)),
    ],
)
def test_the_next_recalibration_is_strictly_after_the_day(day: date, following: date) -> None:
    assert PROGRAM.recalibration_after(day) == following


def test_rating_changes_on_exactly_these_days() -> None:
    assert PROGRAM.rating_changes == (
        date(2021, 1, 1),  # growth markets
        date(2022, 7, 18),  # the client's country decides
        date(2024, 2, 27),  # sourced deals, grandfathering
        date(2025, 7, 15),  # the second currency table
    )


def test_the_fingerprint_is_a_stable_sha256() -> None:
    assert len(bytes.fromhex(PROGRAM.rating_fingerprint)) == 32
    assert load_program().rating_fingerprint == PROGRAM.rating_fingerprint


def laid_over(folder: Path, text: str) -> Program:
    table = folder / "own.toml"
    table.write_text(text, encoding="utf-8")
    return load_program(table)


@pytest.mark.parametrize(
    "text",
    [
        "[thresholds.gold.combined]\n2022-07-18 = { value = 100 }",
        "[retention.gold]\n2022-07-18 = { value = 80 }",
        "[requirements.tool_usage_median]\n2026-01-15 = { value = 4 }",
        "[growth_markets.target_percent]\n2020-01-01 = { value = 60 }",
        "[currencies.EUR]\n2026-01-15 = { value = 88.00 }",
        "[rates.sourced.standard]\n2023-01-01 = { value = 3 }",
    ],
    ids=["threshold", "retention", "tool usage", "dollar targets", "the same amount again", "the same rate again"],
)
def test_changes_outside_the_rating_keep_its_fingerprint_and_days(text: str, tmp_path: Path) -> None:
    program = laid_over(tmp_path, text)
    assert program.rating_fingerprint == PROGRAM.rating_fingerprint
    assert program.rating_changes == PROGRAM.rating_changes


@pytest.mark.parametrize(
    "text",
    [
        "[rates.sourced.standard]\n2023-01-01 = { value = 4 }",
        "[currencies.SEK]\n2023-01-01 = { value = 900 }",
        "[growth_markets.countries.africa]\n2023-01-01 = { value = ['KE'] }",
        "[growth_markets.decided_by]\n2023-01-01 = { value = 'partner' }",
        "[sold.expire_after_months]\n2023-01-01 = { value = 24 }",
        "[sold.decrease_consumes]\n2023-01-01 = { value = 'oldest' }",
        "[sold.rate_follows_origin]\n2023-01-01 = { value = true }",
        "[sold.earns.increase]\n2023-01-01 = { value = false }",
    ],
)
def test_changes_to_the_rating_change_its_fingerprint_and_add_the_day(text: str, tmp_path: Path) -> None:
    program = laid_over(tmp_path, text)
    assert program.rating_fingerprint != PROGRAM.rating_fingerprint
    assert date(2023, 1, 1) in program.rating_changes


def test_a_rule_in_no_table_is_not_configured_rather_than_invalid() -> None:
    dated = PROGRAM.provenance("thresholds.gold.managed_minimum", date(2020, 1, 1))
    assert (dated.text, dated.confidence) == ("not set", "unknown")
    assert isinstance(PROGRAM.provenance("currencies.SEK", date(2026, 1, 1)).value, NotConfigured)


def test_an_impossible_rule_path_suggests_the_nearest() -> None:
    with pytest.raises(UnknownRule, match=r"No rule 'thresholds\.platinum\.combine'\. Did you mean thresholds\.plat"):
        PROGRAM.provenance("thresholds.platinum.combine", date(2026, 1, 1))


def test_parameters_are_listed_as_written_in_their_tables() -> None:
    shown = {parameter.path: parameter.on(date(2024, 1, 1)).text for parameter in PROGRAM.parameters}
    assert list(shown) == sorted(shown)
    assert shown["thresholds.platinum.combined"] == "645"
    assert shown["currencies.GBP"] == "62.50"
    assert shown["version.minimums"] == "sold, managed"
    assert shown["sold.earns.renewal"] == "false"
    assert shown["thresholds.gold.combined"] == "not set"


def test_workers_unpickle_a_program_once():
    program = load_program()
    assert program_of(program.pickled) is program_of(program.pickled)
    assert program_of(program.pickled).rating_fingerprint == program.rating_fingerprint
