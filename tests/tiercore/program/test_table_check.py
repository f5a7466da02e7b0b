"""What the check says about a pasted table."""

from datetime import date
from pathlib import Path

import pytest

from tiercore.program import Program, load_program
from tiercore.program.pasted import read_table
from tiercore.program.table_check import Checked, check, is_current

TODAY = DAY = date(2022, 9, 5)
TIERS = ("gold", "platinum", "diamond", "elite")


def checked(text: str, day: date = DAY, program: Program | None = None) -> Checked:
    return check(read_table(text, TIERS, ","), program or load_program(), day, "Portal", TODAY)


def test_of_a_sound_table_only_the_day_on_which_it_ends_is_said():
    found = checked("Tier\tSold\tManaged\tTotal\nGold\t90\t60\t300\nPlatinum\t270\t150\t645\nDiamond\t500\t400\t1,500")
    ends = (
        "Gold sold minimum, Gold managed minimum, Gold total, Platinum sold minimum, Platinum managed minimum, Diamond"
    )
    assert found.problems == ()
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith(f"On 2025-07-15 a shipped rule ends these: {ends}")


def test_each_figure_stands_beside_what_is_set_and_only_what_differs_is_changed():
    found = checked("Tier\tSold\tTotal\nGold\t90\t300\nPlatinum\t270\t645")
    assert [(each.tier, each.figure, each.value, each.before) for each in found.figures] == [
        ("gold", "sold_minimum", "90", "not set"),
        ("gold", "combined", "300", "not set"),
        ("platinum", "sold_minimum", "270", "not set"),
        ("platinum", "combined", "645", "645"),
    ]
    assert [(each.tier, each.figure) for each in found.change.figures] == [
        ("gold", "sold_minimum"),
        ("gold", "combined"),
        ("platinum", "sold_minimum"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Gold: sold 200, managed 150, total 349.5", "Gold's total (349.5) is less than its minimums together (350)."),
        ("Gold: total 700", "Platinum's total is lower than Gold's."),
        ("Gold: total 645", "Platinum's total isn't higher than Gold's."),
        ("Gold: sold 90\nDiamond: sold 80", "Diamond's sold minimum is lower than Gold's."),
        ("Gold: managed 300 (US$9,000)", "Gold managed minimum: 9,000 USD in brackets earns"),
        ("Gold: managed 300 (ZAR 9,000)", None),
        ("Gold: total 300", None),
        ("Gold: sourced 90", "The rules of that day require no sourced minimum: it is kept, and nothing uses it."),
        ("Gold: sold 90", "On 2025-07-15 a shipped rule ends these: Gold sold minimum."),
    ],
)
def test_what_is_odd_is_said(text: str, said: str | None):
    warnings = checked(text).warnings
    assert said is None or any(said in each for each in warnings), warnings


def test_an_amount_that_earns_its_points_is_not_remarked_on():
    rate = load_program().on(DAY).standard_rates
    earned = 9_000 // 100 * next(points for source, points in rate.items() if source == "managed")
    assert not any("brackets" in each for each in checked(f"Gold: managed {earned} (US$9,000)").warnings)


def test_a_first_day_in_the_past_is_said():
    assert any("It begins in the past" in each for each in checked("Gold: total 300", date(2022, 8, 1)).warnings)


def test_the_operators_table_is_named_where_it_wins(tmp_path: Path):
    table = tmp_path / "program.toml"
    table.write_text("[thresholds.gold.combined]\n2022-07-18 = { value = 200 }\n")
    warnings = checked("Gold: total 300", program=load_program(table)).warnings
    assert "The operator's table (TIERBOT_PROGRAM) wins: Gold total." in warnings


def test_a_day_of_the_dollar_model_and_a_table_that_changes_nothing_are_refused():
    assert any("count dollars" in each for each in checked("Gold: total 300", date(2021, 5, 1)).problems)
    assert any("there's nothing to change" in each for each in checked("Platinum: total 645").problems)


def test_a_change_is_out_of_date_once_another_figure_is_in_force(tmp_path: Path):
    change = checked("Gold: total 300").change
    assert is_current(change, load_program())
    table = tmp_path / "program.toml"
    table.write_text("[thresholds.gold.combined]\n2022-07-18 = { value = 200 }\n")
    assert not is_current(change, load_program(table))
