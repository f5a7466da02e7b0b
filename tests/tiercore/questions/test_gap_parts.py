"""The parts of a gap: its partner, the day of its rules, the points missing, and the ways to meet a minimum."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.partner_a import DAY, PARTNER_A, TABLE, balance, facts
from tiercore.facts.points import MICRO, Source
from tiercore.program import Program, load_program
from tiercore.questions.gap import gap_to, points_missing, sources_of, ways_to_meet
from tiercore.questions.requirements import Requirement, State, Unit


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(TABLE)
    return load_program(path)


def short(name: str, micropoints: int | None) -> Requirement:
    return Requirement(name, Unit.POINTS, 0, micropoints, State.RED, micropoints)


def test_a_gap_names_the_partner_and_the_day_of_the_rules(program: Program):
    held = facts("gold")
    gap = gap_to("platinum", DAY, program, held, PARTNER_A)
    assert (gap.partner, gap.credited_tier, gap.balance) == (held.partner, "gold", PARTNER_A)
    assert (gap.as_of, gap.judged_on, gap.rules) == (DAY, DAY, program.on(DAY))


def test_a_dollar_gap_uses_the_nearest_rules_of_the_dollar_model(program: Program):
    gap = gap_to("platinum", DAY, program, facts(), PARTNER_A, "dollars")
    assert gap.as_of == DAY
    assert gap.judged_on == program.day_of("dollars", DAY) != DAY
    assert gap.rules.model == "dollars"
    assert [each.name for each in gap.requirements[:2]] == ["sold_dollars", "managed_dollars"]
    assert gap.remainder is None


def test_the_next_tier_is_above_the_performing_tier_not_the_credited_one(program: Program):
    platinum = balance(assisted=400, managed=300)
    assert gap_to(None, DAY, program, facts(None), platinum).tier.name == "diamond"
    assert gap_to(None, DAY, program, facts("gold"), platinum).tier.name == "diamond"


def test_the_total_determines_the_missing_points_if_it_exceeds_the_minimums(program: Program):
    gap = gap_to("platinum", DAY, program, facts(), PARTNER_A)
    assert points_missing(gap.requirements) == 225 * MICRO


amounts = st.none() | st.integers(0, 5 * MICRO)


@given(amounts, amounts, amounts, amounts)
def test_missing_points_are_the_larger_of_total_and_minimums_ignoring_unknowns(
    total: int | None, sold: int | None, managed: int | None, tools: int | None
):
    """Requirements that aren't points, such as tool usage, don't count."""
    every = [short("combined_threshold", total), short("sold_minimum", sold), short("managed_minimum", managed)]
    every.append(short("median_tool_usage", tools))
    assert points_missing(every) == max(total or 0, (sold or 0) + (managed or 0))


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("sold_minimum", (Source.SOURCED, Source.ASSISTED)),
        ("sourced_minimum", (Source.SOURCED,)),
        ("managed_minimum", (Source.MANAGED,)),
        ("combined_threshold", ()),
        ("certification", ()),
    ],
)
def test_a_minimum_can_be_met_only_from_its_own_sources(program: Program, name: str, sources: tuple[Source, ...]):
    """30 points: 1,000 dollars sold at 30 points per 1,000, or 3,000 dollars managed."""
    dollars = {Source.SOURCED: "1000.00", Source.ASSISTED: "1000.00", Source.MANAGED: "3000.00"}
    ways = ways_to_meet(short(name, 30 * MICRO), program.on(DAY), "USD")
    assert sources_of(name) == sources
    assert [(way.source, way.mrr.as_decimal()) for way in ways] == [(each, dollars[each]) for each in sources]


@pytest.mark.parametrize("missing", [0, None])
def test_a_met_or_unknown_minimum_has_no_ways_to_meet_it(program: Program, missing: int | None):
    assert ways_to_meet(short("sold_minimum", missing), program.on(DAY), "USD") == []


def test_ways_to_meet_a_minimum_are_in_the_requested_currency(program: Program):
    [way] = ways_to_meet(short("managed_minimum", 30 * MICRO), program.on(date(2022, 9, 5)), "EUR")
    assert way.mrr.currency == "EUR"
