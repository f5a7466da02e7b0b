"""The twice-yearly review (how-tiers-work#up-and-down): windows, samples, results, protection, moving up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recalibration import JUNE, PARTNER, TABLE, TIERS, VALID, facts, review, timeline
from tiercore.facts.entries import Certification, Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.recalibration import Result
from tiercore.questions.recalibration_days import recalibration_of, sampling_days
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import untiered_notes
from tiercore.questions.uptier import uptier_day
from tiercore.storage.decoding import credited


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE)
    return load_program(table)


def test_windows_run_from_15_august_to_15_january_and_15_february_to_15_july(program: Program):
    assert recalibration_of(date(2022, 9, 5), program) == (date(2023, 1, 15), date(2022, 8, 15))
    assert recalibration_of(JUNE, program) == (date(2023, 7, 15), date(2023, 2, 15))


def test_the_recalibration_is_todays_on_its_day_and_the_next_one_afterwards(program: Program):
    assert recalibration_of(date(2023, 7, 15), program)[0] == date(2023, 7, 15)
    assert recalibration_of(date(2023, 7, 16), program)[0] == date(2024, 1, 15)


def test_there_are_six_samples_on_the_15th_of_each_month(program: Program):
    days = sampling_days(date(2022, 8, 15), date(2023, 1, 15), program.on(JUNE))
    assert days == [date(2022, month, 15) for month in (8, 9, 10, 11, 12)] + [date(2023, 1, 15)]


def test_credited_diamond_performing_gold_on_15_july_best_in_the_window_platinum_falls_to_platinum(program: Program):
    """The published example."""
    rows = timeline((date(2023, 1, 1), 700), (date(2023, 5, 1), 300))
    found = review(program, facts("diamond"), rows, date(2023, 7, 15))
    assert [sample.reached.tier for sample in found.samples] == ["platinum"] * 3 + ["gold"] * 3
    assert (found.result, found.outcome) == (Result.FALLS, "platinum")


def test_one_good_month_keeps_the_tier(program: Program):
    rows = timeline((date(2023, 1, 1), 700), (date(2023, 3, 1), 1600), (date(2023, 4, 1), 700))
    found = review(program, facts("diamond"), rows)
    assert (found.result, found.outcome) == (Result.KEEPS, "diamond")
    assert [sample.enough for sample in found.samples] == [False, True, False, False, False, False]


def test_future_samples_are_projections(program: Program):
    rows = timeline((date(2023, 1, 1), 1600), (date(2023, 7, 1), 300))
    found = review(program, facts("diamond"), rows)
    assert [sample.projected for sample in found.samples] == [False] * 5 + [True]
    assert found.samples[-1].reached.tier == "gold"


def test_no_tier_is_lost_within_six_months_of_gaining_it(program: Program):
    rows = timeline((date(2023, 1, 1), 300))
    result = review(program, facts("diamond", date(2023, 1, 16)), rows)
    assert (result.result, result.protected_until) == (Result.PROTECTED, date(2023, 7, 16))
    lost = review(program, facts("diamond", date(2023, 1, 15)), rows)
    assert (lost.result, lost.outcome) == (Result.FALLS, "gold")


@pytest.mark.parametrize(
    ("until", "expected"), [(date(2023, 7, 14), Result.AT_RISK), (date(2023, 7, 15), Result.KEEPS)]
)
def test_an_expired_certification_on_the_recalibration_date_causes_a_downgrade(program, until, expected):
    certification = Certification("P1", "Solutions Partner Certification", date(2022, 1, 1), until)
    rows = timeline((date(2023, 1, 1), 1600))
    assert review(program, facts("diamond", date(2022, 7, 15), certification), rows).result is expected


def test_protection_applies_to_a_tier_gained_not_one_downgraded_to(program: Program):
    rows = timeline((date(2021, 1, 1), 100))
    gained = facts("platinum", date(2023, 3, 1), credited_before="gold")
    fallen = facts("platinum", date(2023, 3, 1), credited_before="diamond")
    assert review(program, gained, rows).result is Result.PROTECTED
    assert review(program, fallen, rows).result is not Result.PROTECTED


def test_a_tier_credited_again_counts_from_its_first_credit():
    rows = [("gold", "2022-01-15"), ("diamond", "2022-07-15"), ("diamond", "2023-01-15"), ("platinum", "2023-07-15")]
    assert credited(rows, date(2023, 3, 1)) == ("diamond", date(2022, 7, 15), "gold")
    assert credited(rows, date(2023, 7, 15)) == ("platinum", date(2023, 7, 15), "diamond")
    assert credited(rows, date(2022, 1, 1)) == (None, None, None)


def test_a_certification_renewed_in_time_is_a_cause_of_a_fall_only_if_nothing_else_was_red(program: Program):
    gap = Certification("P1", "Solutions Partner Certification", date(2020, 1, 1), date(2023, 3, 1))
    again = Certification("P1", "Solutions Partner Certification", date(2023, 5, 1), date(2030, 1, 1))
    low = review(program, facts("diamond", date(2022, 1, 15), gap, again), timeline((date(2021, 1, 1), 700)))
    assert [each.name for each in low.causes] == ["combined_threshold"]
    enough_until_may = timeline((date(2021, 1, 1), 1600), (date(2023, 5, 1), 700))
    late = Certification("P1", "Solutions Partner Certification", date(2020, 1, 1), date(2023, 2, 1))
    fallen = review(program, facts("diamond", date(2022, 1, 15), late, again), enough_until_may)
    assert {each.name for each in fallen.causes} == {"combined_threshold", "certification"}


def test_points_that_no_sampling_day_has_lose_the_tier_whether_the_certification_is_renewed_or_not(program: Program):
    """To renew it never makes the expected result look worse."""
    lapsing, rows = replace(VALID, valid_until=date(2023, 7, 14)), timeline((date(2021, 1, 1), 700))
    expired = review(program, facts("diamond", date(2022, 1, 15), lapsing), rows)
    renewed = review(program, facts("diamond", date(2022, 1, 15)), rows)
    assert {expired.result, renewed.result} == {Result.FALLS}
    assert (expired.outcome, renewed.outcome) == ("platinum", "platinum")
    assert {each.name for each in expired.causes} == {"combined_threshold", "certification"}


def test_an_at_risk_recalibration_upgrades_nobody(program: Program):
    lapsing = Certification("P", "Solutions Partner Certification", date(2022, 1, 1), date(2023, 7, 14))
    found = review(program, facts("gold", date(2022, 1, 15), lapsing), timeline((date(2021, 1, 1), 5_000)))
    assert (found.result, found.outcome) == (Result.AT_RISK, "gold")


def test_an_expired_membership_matters_from_15_july_2026(program: Program):
    rows = timeline((date(2026, 1, 1), 1600))
    partner_facts = Facts(
        Partner("P1", "A", "US", "USD", date(2019, 1, 1), membership_until=date(2026, 12, 31)),
        (VALID,),
        "diamond",
        JUNE,
    )
    before = review(program, partner_facts, rows, date(2026, 3, 1))
    assert [each.name for each in before.conditions] == ["certification", "membership"]
    assert before.result is Result.KEEPS
    after = review(program, partner_facts, rows, date(2026, 9, 1))
    assert after.result is Result.AT_RISK


def test_a_higher_tier_is_credited_on_the_next_15th_if_still_reached(program: Program):
    up = review(program, facts("gold"), timeline((date(2023, 1, 1), 700))).uptier
    assert (up.tier, up.day, up.holds) == ("platinum", date(2023, 7, 15), True)
    lost = review(program, facts("gold"), timeline((date(2023, 1, 1), 700), (date(2023, 7, 1), 300))).uptier
    assert lost.holds is False
    assert review(program, facts("platinum"), timeline((date(2023, 1, 1), 700))).uptier is None


def test_partners_move_up_on_the_15th_itself(program: Program):
    rules = program.on(JUNE)
    assert uptier_day(date(2023, 6, 15), rules) == date(2023, 6, 15)
    assert uptier_day(date(2023, 6, 16), rules) == date(2023, 7, 15)
    assert uptier_day(date(2023, 12, 16), rules) == date(2024, 1, 15)


def test_an_untiered_partner_has_a_deadline_for_gold_and_can_move_up(program: Program):
    found = review(program, facts(None), timeline((date(2023, 1, 1), 300)))
    assert found.result is Result.UNTIERED
    assert found.uptier.tier == "gold"
    assert "reach Gold by 2023-07-15, in 25 days: for partners who joined before 2021-01-17" in found.notes


@pytest.mark.parametrize(
    ("joined", "day", "note"),
    [
        (
            date(2021, 1, 16),
            date(2023, 7, 15),
            "reach Gold by 2023-07-15, today: for partners who joined before 2021-01-17",
        ),
        (date(2021, 1, 16), date(2023, 7, 16), "Gold was due by 2023-07-15: for partners who joined before 2021-01-17"),
        (date(2021, 1, 17), date(2023, 1, 17), "reach Gold by 2023-01-17, today: 24 months after joining"),
        (date(2021, 1, 17), date(2023, 1, 18), "Gold was due by 2023-01-17: 24 months after joining"),
        (date(2022, 5, 5), date(2023, 6, 20), "reach Gold by 2024-05-05, in 320 days: 24 months after joining"),
        (date(2015, 5, 5), date(2023, 1, 16), None),
    ],
)
def test_who_joined_before_17_january_2021_had_until_15_july_2023_to_reach_gold(
    program: Program, joined: date, day: date, note: str | None
):
    held = replace(facts(None), partner=replace(PARTNER, joined_on=joined))
    assert untiered_notes(day, program.on(day), held) == ([note] if note else [])


def test_unconfigured_thresholds_are_never_guessed():
    found = review(load_program(), facts("diamond"), timeline((date(2023, 1, 1), 700)))
    assert found.result is Result.UNKNOWN
    assert "diamond" in found.undecided


def test_samples_of_the_dollar_years_use_the_rules_of_their_day(program: Program):
    found = review(program, facts("platinum", date(2021, 7, 15)), timeline((date(2022, 1, 1), 700)), date(2022, 5, 1))
    assert all(sample.enough is None for sample in found.samples)
    assert found.result is Result.UNKNOWN


def test_no_future_day_is_judged_while_expiry_is_under_correction(program: Program):
    partner_facts = facts("diamond", holds={EXPIRY: Unknown("under correction")})
    found = review(program, partner_facts, timeline((date(2023, 1, 1), 700)))
    assert found.samples[-1].reached == Unknown("under correction")
    assert found.result is Result.UNKNOWN


steps = st.lists(st.tuples(st.integers(0, 200), st.sampled_from([0, 250, 700, 1600])), min_size=1, max_size=8)


@given(steps, st.sampled_from(["gold", "platinum", "diamond"]), st.integers(0, 150))
def test_a_review_never_upgrades_or_falls_below_the_best_month(program: Program, moves, credited, offset):
    start = date(2023, 2, 1)
    rows = timeline(*sorted({start + timedelta(day): points for day, points in moves}.items()))
    found = review(program, facts(credited), rows, start + timedelta(offset))
    rank = {None: -1, **{name: at for at, name in enumerate(TIERS)}}
    best = max((rank[sample.reached.tier] for sample in found.samples), default=-1)
    assert rank[found.outcome] == min(rank[credited], best)
    assert (found.result is Result.KEEPS) == (best >= rank[credited])
