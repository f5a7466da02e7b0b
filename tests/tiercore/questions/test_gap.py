"""The gap: the roadmap's example, and displayed figures decide (roadmap-2022#partner-a, how-tiers-work#gap)."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.partner_a import DAY, PARTNER_A, TABLE, balance, facts
from tiercore.facts.entries import Partner
from tiercore.facts.points import MICRO, Source, hundredths
from tiercore.program import Program, UnknownTier, load_program
from tiercore.questions.gap import NothingAbove, gap_to, points_missing
from tiercore.questions.judging import performing_on
from tiercore.questions.requirements import Facts, State
from tiercore.questions.standing import standing_on
from tiercore.rating.timeline import Balance

SHIPPED = load_program()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(TABLE)
    return load_program(path)


def test_partner_a_can_earn_the_last_225_points_by_selling_managing_or_both(program: Program):
    gap = gap_to("platinum", DAY, program, facts(), PARTNER_A)
    assert gap.remainder == 225 * MICRO
    assert [(r.name, r.state, r.short) for r in gap.requirements[:3]] == [
        ("combined_threshold", State.RED, 225 * MICRO),
        ("sold_minimum", State.GREEN, 0),
        ("managed_minimum", State.GREEN, 0),
    ]
    assert {source: option.mrr.as_decimal() for source, option in gap.ways.items()} == {
        Source.SOURCED: "7500.00",
        Source.ASSISTED: "7500.00",
        Source.MANAGED: "22500.00",
    }


@pytest.mark.parametrize(("sold", "managed"), [(225, 0), (0, 225), (100, 125)])
def test_each_published_option_reaches_platinum(program: Program, sold: int, managed: int):
    after = balance(assisted=270 + sold, managed=150 + managed)
    assert gap_to("platinum", DAY, program, facts(), after).remainder == 0
    assert standing_on(DAY, program, facts(), after).performing.tier == "platinum"


def test_shipped_rules_alone_leave_225_points_missing_and_minimums_not_configured():
    gap = gap_to("platinum", DAY, SHIPPED, facts(), PARTNER_A)
    assert gap.remainder == 225 * MICRO
    assert [r.state for r in gap.requirements[1:3]] == [State.NOT_CONFIGURED, State.NOT_CONFIGURED]
    assert gap.requirements[1].need.name == "thresholds.platinum.sold_minimum"


def test_the_default_is_the_next_tier(program: Program):
    assert gap_to(None, DAY, program, facts("gold"), PARTNER_A).tier.name == "platinum"
    assert gap_to(None, DAY, program, facts(None), balance()).tier.name == "gold"


def test_there_is_no_gap_above_the_highest_tier(program: Program):
    with pytest.raises(NothingAbove):
        gap_to(None, DAY, program, facts("elite"), PARTNER_A)


def test_a_tier_unknown_on_the_day_is_refused(program: Program):
    with pytest.raises(UnknownTier):
        gap_to("silver", DAY, program, facts(), PARTNER_A)


def test_minimums_come_first_and_any_points_fill_the_rest(program: Program):
    gap = gap_to("platinum", DAY, program, facts(), balance(assisted=200, managed=100))
    assert [r.short for r in gap.requirements[:3]] == [345 * MICRO, 70 * MICRO, 50 * MICRO]
    assert gap.remainder == 225 * MICRO


def test_minimums_determine_the_missing_points_if_they_exceed_the_total(program: Program):
    gap = gap_to("gold", DAY, program, facts(None), balance(managed=180))
    assert gap.requirements[0].short == 20 * MICRO
    assert points_missing(gap.requirements) == 80 * MICRO


def test_a_threshold_not_configured_is_named_and_never_guessed():
    gap = gap_to("diamond", DAY, SHIPPED, facts(), PARTNER_A)
    assert gap.remainder is None
    assert gap.requirements[0].short is None
    assert gap.requirements[0].need.name == "thresholds.diamond.combined"


def test_displayed_figures_decide(program: Program):
    just_below = Balance(DAY.toordinal(), assisted=270 * MICRO - 5_000, managed=150 * MICRO)
    gap = gap_to("platinum", DAY, program, facts(), just_below)
    assert hundredths(just_below.sold) == 270_00
    assert gap.requirements[1].state is State.GREEN


def test_amounts_in_other_currencies_are_approximate_using_the_days_table(program: Program):
    gap = gap_to("platinum", DAY, program, facts(currency="EUR"), PARTNER_A)
    assert gap.ways[Source.ASSISTED].mrr.as_decimal() == "5625.00"
    assert any("approximate" in note for note in gap.notes)


def test_a_currency_without_a_table_falls_back_to_us_dollars(program: Program):
    gap = gap_to("platinum", DAY, program, facts(currency="BRL"), PARTNER_A)
    assert gap.ways[Source.MANAGED].mrr.currency == "USD"
    assert any("currencies.BRL" in note for note in gap.notes)


def test_unrated_credits_make_a_missed_minimum_unknown_and_leave_a_met_one_green(program: Program):
    gap = gap_to("platinum", DAY, program, facts(), balance(assisted=100, managed=150, unrated_sold=1))
    assert [r.state for r in gap.requirements[:3]] == [State.UNKNOWN, State.UNKNOWN, State.GREEN]


point_counts = st.integers(0, 900)


@given(point_counts, point_counts, point_counts, point_counts, st.sampled_from(["sourced", "assisted", "managed"]))
def test_a_gap_never_grows_when_points_are_added(program: Program, sourced, assisted, managed, more, source):
    before = {"sourced": sourced, "assisted": assisted, "managed": managed}
    after = {**before, source: before[source] + more}
    first, second = (gap_to("platinum", DAY, program, facts(), balance(**points)) for points in (before, after))
    for old, new in zip(first.requirements, second.requirements, strict=True):
        assert (new.short or 0) <= (old.short or 0)
    total, *minimums = (each.short for each in first.requirements[:3])
    assert first.remainder == max(0, total - sum(minimums))


@given(st.integers(0, 3000 * MICRO), st.integers(0, 3000 * MICRO))
def test_adding_exactly_the_gap_reaches_the_tier(program: Program, sold: int, managed: int):
    balance_then = Balance(DAY.toordinal(), assisted=sold, managed=managed)
    gap = gap_to("diamond", DAY, program, facts(), balance_then)
    sold_short, managed_short = (r.short for r in gap.requirements[1:3])
    reached = Balance(DAY.toordinal(), assisted=sold + sold_short + gap.remainder, managed=managed + managed_short)
    assert all(r.state is State.GREEN for r in gap_to("diamond", DAY, program, facts(), reached).requirements[:3])


def test_a_tier_is_not_reached_with_an_expired_certification(program: Program):
    after = Balance(date(2023, 2, 1).toordinal(), assisted=500 * MICRO, managed=500 * MICRO)
    assert performing_on(DAY, program.on(DAY), facts(), after).tier == "platinum"
    assert performing_on(date(2023, 2, 1), program.on(DAY), facts(), after).tier is None


def test_a_certification_not_on_file_is_unknown_and_does_not_hide_the_tier(program: Program):
    standing = standing_on(DAY, program, facts(certified=False), balance(assisted=500, managed=500))
    [certification] = [r for r in standing.requirements if r.name == "certification"]
    assert certification.state is State.UNKNOWN
    assert standing.performing.tier == "platinum"


def test_points_alone_never_make_a_partner_elite(program: Program, tmp_path: Path):
    path = tmp_path / "elite.toml"
    elite = "".join(
        f'[thresholds.elite.{key}]\nunit = "points"\n2022-07-18 = {{ value = {value} }}\n'
        for key, value in (("combined", 4000), ("sold_minimum", 1500), ("managed_minimum", 1000))
    )
    path.write_text(TABLE + elite)
    standing = standing_on(DAY, load_program(path), facts("diamond"), balance(assisted=5000, managed=5000))
    assert standing.performing.tier == "diamond"
    assert standing.next_tier == "elite"
    assert "the numbers reach Elite; it also takes an invitation and a review" in standing.notes


def test_from_2025_the_sold_minimum_is_a_sourced_minimum_and_from_2026_there_is_no_managed_one(program: Program):
    def names(day: date) -> list[str]:
        return [minimum.source for minimum in program.on(day).tier("platinum").minimums]

    assert names(date(2025, 7, 14)) == ["sold", "managed"]
    assert names(date(2025, 7, 15)) == ["sourced", "managed"]
    assert names(date(2026, 1, 15)) == ["sourced"]


def test_before_the_points_model_both_dollar_amounts_are_required():
    day = date(2018, 6, 1)
    balance_then = Balance(day.toordinal(), sold_cents=3_750_00, managed_cents=19_999_99)
    standing = standing_on(day, SHIPPED, facts(None, certified=False), balance_then)
    assert standing.performing.tier == "gold"
    assert standing.next_tier == "platinum"
    assert [(r.name, r.state) for r in standing.requirements[:2]] == [
        ("sold_dollars", State.GREEN),
        ("managed_dollars", State.RED),
    ]


def test_in_2021_a_partner_in_a_growth_market_needs_half_of_both_targets():
    day = date(2021, 6, 1)
    at_home = Facts(Partner("P", "P", "IN", "USD", date(2019, 1, 1)), [], None, None)
    elite = gap_to("elite", day, SHIPPED, at_home, Balance(day.toordinal()))
    assert [r.need for r in elite.requirements[:2]] == [32_500_00, 85_000_00]


def test_the_gap_names_the_next_recalibration(program: Program):
    assert standing_on(DAY, program, facts(), PARTNER_A).next_recalibration == date(2023, 1, 15)
