"""What alerts watch: the state of each requirement on a day, and what a hold hides (digests-and-alerts#alerts)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recalibration import TABLE, VALID, facts, timeline
from tests.support.retained import retained
from tiercore.facts.entries import Certification
from tiercore.facts.holds import EXPIRY, HOLDABLE, RETENTION, TOOL_USAGE
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.recalibration import recalibration_on
from tiercore.questions.requirements import Facts
from tiercore.questions.signals import SOON_DAYS, Kind, Level, Signal, signals_on
from tiercore.rating.timeline import Balance, balance_on

DAY = date(2023, 6, 20)
HELD = Unknown("under correction since 1 Jun 2023: being corrected")
EXPIRING = Certification("P1", "Solutions Partner Certification", date(2019, 1, 1), DAY + timedelta(10))
RETENTION_TARGET = '[retention.gold]\nunit = "percent"\n2022-07-18 = { value = 80 }\n'
TOOLS_TARGET = '[requirements.tool_usage_median]\nunit = "tools"\n2022-07-18 = { value = 4 }\n'
POINTS = {"combined_threshold", "sold_minimum", "managed_minimum"}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE + RETENTION_TARGET + TOOLS_TARGET)
    return load_program(table)


def watched(program: Program, held: Facts, rows: list[Balance], day: date = DAY) -> dict[str, Signal]:
    """The signals of the day by name."""
    balance = balance_on(rows, day)
    ahead = [row for row in rows if day.toordinal() < row.day <= (day + timedelta(SOON_DAYS)).toordinal()]
    review = recalibration_on(day, program, held, balance, rows)
    return {each.name: each for each in signals_on(day, program, held, balance, ahead, review, ()).items}


def holding(*figures: str, certified: Certification = VALID, **more) -> Facts:
    return facts("gold", date(2021, 1, 15), certified, holds=dict.fromkeys(figures, HELD), **more)


FALLING = timeline((date(2022, 1, 1), 300), (DAY + timedelta(12), 50))
STEADY = timeline((date(2022, 1, 1), 300))


def test_points_expiring_in_twelve_days_turn_a_minimum_red_soon(program: Program):
    found = watched(program, holding(), FALLING)["gold.combined_threshold"]
    assert (found.level, found.day) == (Level.SOON, DAY + timedelta(12))


def test_a_minimum_is_neither_red_soon_nor_safe_while_expiry_is_held(program: Program):
    for rows in (FALLING, STEADY):
        found = watched(program, holding(EXPIRY), rows)
        assert {found[f"gold.{name}"].level for name in POINTS} == {None}


def test_a_minimum_missed_today_is_red_even_while_expiry_is_held(program: Program):
    found = watched(program, holding(EXPIRY), timeline((date(2022, 1, 1), 150)))
    assert found["gold.combined_threshold"].level is Level.RED


def test_an_expiring_certification_is_reported_and_not_called_safe_while_expiry_is_held(program: Program):
    """The hold is about points; a certification's last day is on file."""
    for figures in ((), (EXPIRY,)):
        found = watched(program, holding(*figures, certified=EXPIRING), STEADY)["gold.certification"]
        assert (found.level, found.day) == (Level.SOON, DAY + timedelta(11))


def test_the_next_recalibration_is_no_downgrade_while_expiry_is_held(program: Program):
    """Its last sample, on 15 July, depends on what expires before then; the earlier ones were below Gold."""
    low = timeline((date(2022, 1, 1), 150))
    recalibration = f"recalibration.{date(2023, 7, 15)}"
    assert watched(program, holding(), low)[recalibration].level is Level.RED
    assert watched(program, holding(EXPIRY), low)[recalibration].level is None


def test_crediting_a_tier_reached_today_is_unknown_while_expiry_is_held(
    program: Program,
):
    """Platinum is reached today and would be credited on 15 July; what expires before then is unknown."""
    high = timeline((date(2022, 1, 1), 700))
    for held, known in ((holding(), True), (holding(EXPIRY), None)):
        found = recalibration_on(DAY, program, held, balance_on(high, DAY), high).uptier
        assert found is not None
        assert (found.tier, found.day, found.holds) == ("platinum", date(2023, 7, 15), known)


@pytest.mark.parametrize(
    ("figure", "name", "missed"),
    [
        (RETENTION, "gold.customer_dollar_retention", {"retention": retained(DAY, 70_000_000)}),
        (TOOL_USAGE, "gold.median_tool_usage", {}),
    ],
)
def test_a_held_figure_sends_no_alert_even_if_missed(program: Program, figure: str, name: str, missed: dict):
    low = [row._replace(tools_median_twice=2) for row in STEADY]
    assert watched(program, holding(**missed), low)[name].level is Level.RED
    assert watched(program, holding(figure, **missed), low)[name].level is None


amounts = st.lists(st.tuples(st.integers(-400, 60), st.integers(0, 2500)), min_size=1, max_size=6)


@given(amounts, st.sets(st.sampled_from(HOLDABLE)), st.integers(-20, 60))
def test_a_hold_only_turns_states_into_unknown(program: Program, steps, figures: set[str], certified: int):
    """It adds no alert, closes none by turning it green, and leaves everything else unchanged."""
    rows = timeline(*sorted({DAY + timedelta(day): points for day, points in steps}.items()))
    valid = Certification("P1", VALID.certification, date(2019, 1, 1), DAY + timedelta(certified))
    free = watched(program, holding(certified=valid), rows)
    held = watched(program, holding(*figures, certified=valid), rows)
    assert held.keys() == free.keys()
    for name, signal in held.items():
        assert signal.level in (None, free[name].level), name
        if signal.kind is Kind.REQUIREMENTS and signal.level is None and free[name].level is not None:
            assert figures & {RETENTION, TOOL_USAGE}, name
    if EXPIRY in figures:
        assert not any(each.level is Level.SOON and each.kind is Kind.MINIMUMS for each in held.values())
