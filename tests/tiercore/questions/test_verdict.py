"""The verdict: what matters most of a partner's state, in its order (how-tiers-work#verdict)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.views.parts.verdict import headline, lines
from tests.support.partner_days import DAY, partner_days, programs
from tests.support.recalibration import JUNE, TABLE, VALID, facts, review, timeline
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import MICRO
from tiercore.program import Program, load_program
from tiercore.questions.recalibration import Result
from tiercore.questions.requirements import Facts, State
from tiercore.questions.saving import Act, ActKind
from tiercore.questions.verdict import VerdictKind, verdict_of
from tiercore.rating.timeline import Balance, balance_on

LOST = (Result.FALLS, Result.AT_RISK)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE)
    return load_program(table)


@pytest.mark.parametrize("which", ["set", "raised", "unset"])
@given(data=st.data())
def test_a_tier_is_in_danger_exactly_where_the_recalibration_costs_it(which: str, rules, data):
    partner = data.draw(partner_days(rules[which], held=True))
    verdict, found = partner.verdict, partner.recalibration
    assert verdict.is_bad is (found.result in LOST)
    if verdict.is_bad:
        assert (verdict.tier, verdict.day, verdict.outcome) == (found.credited_tier, found.day, found.outcome)
        assert verdict.causes
        assert verdict.saves


@pytest.mark.parametrize("which", ["set", "raised", "unset"])
@given(data=st.data())
def test_nothing_is_good_news_while_what_decides_is_unknown(which: str, rules, data):
    partner = data.draw(partner_days(rules[which], held=True))
    verdict, found = partner.verdict, partner.recalibration
    if verdict.is_good and found.credited_tier:
        assert found.result in (Result.KEEPS, Result.PROTECTED)
        assert not found.open
    if verdict.kind in (VerdictKind.RISES, VerdictKind.GAIN):
        assert not found.climb.open
        assert EXPIRY not in partner.facts.holds
    if verdict.kind is VerdictKind.UNKNOWN:
        assert verdict.open or verdict.reason


@st.composite
def in_points_alone(draw: st.DrawFn) -> tuple[Facts, list[Balance]]:
    """A partner that is short of nothing but points, if of anything, and its timeline around JUNE."""
    days = sorted(draw(st.sets(st.integers(-150, 60), max_size=5)) | {-160})
    some = st.sampled_from([0, 5, 9, 10, 190, 195, 590, 600, 1480, 1600])
    rows = [
        Balance((JUNE + timedelta(day)).toordinal(), draw(some) * MICRO, 0, draw(some) * MICRO, tools_median_twice=8)
        for day in days
    ]
    return facts(draw(st.sampled_from(["gold", "platinum", "diamond"]))), rows


def with_points(rows: list[Balance], act: Act, less: int = 0) -> list[Balance]:
    """The timeline with what the act asks for, from JUNE on: the minimums' kinds first, the rest sourced; `less` by so
    many micropoints.
    """
    kinds = {each.name: each.short or 0 for each in act.requirements if each.name != "combined_threshold"}
    managed = kinds.get("managed_minimum", 0)
    sourced = (act.points or 0) - managed
    managed, sourced = (managed, sourced - less) if sourced else (managed - less, sourced)
    rows = sorted([*rows, balance_on(rows, JUNE)._replace(day=JUNE.toordinal())])
    return [
        row._replace(sourced=row.sourced + sourced, managed=row.managed + managed)
        if row.day >= JUNE.toordinal()
        else row
        for row in rows
    ]


@settings(max_examples=300)
@given(partner=in_points_alone())
def test_the_points_that_are_said_to_keep_a_tier_do_and_a_hundredth_less_does_not(program: Program, partner):
    who, rows = partner
    verdict = verdict_of(review(program, who, rows))
    for act in verdict.saves:
        assert (act.kind, verdict.kind) == (ActKind.MEET, VerdictKind.DANGER)
        assert not verdict_of(review(program, who, with_points(rows, act))).is_bad
        assert verdict_of(review(program, who, with_points(rows, act, less=MICRO // 100))).is_bad


@given(data=st.data())
def test_a_renewal_is_due_at_the_latest_when_what_is_renewed_ends(rules, data):
    verdict = data.draw(partner_days(rules["set"])).verdict
    for act in verdict.saves:
        assert DAY <= act.day <= verdict.day
        if act.kind is ActKind.RENEW:
            [requirement] = act.requirements
            assert not isinstance(requirement.have, date) or requirement.have < DAY or act.day <= requirement.have


def test_low_numbers_that_an_earlier_sampling_day_makes_up_for_are_said_to_be_kept(program: Program):
    rows = timeline((date(2023, 1, 1), 700), (date(2023, 6, 1), 300))
    verdict = verdict_of(review(program, facts("platinum"), rows))
    assert (verdict.kind, verdict.kept_by) == (VerdictKind.BELOW, date(2023, 2, 15))
    assert headline(verdict) == (
        "Platinum kept on 15 Jul 2023, but its numbers are too low today: combined points not met"
    )


def test_a_tier_gained_lately_is_protected_though_its_numbers_are_too_low(program: Program):
    rows = timeline((date(2023, 1, 1), 300))
    verdict = verdict_of(review(program, facts("diamond", date(2023, 4, 15)), rows))
    assert (verdict.kind, verdict.protected_until) == (VerdictKind.BELOW, date(2023, 10, 15))
    assert "protected until 15 Oct 2023" in headline(verdict)


def test_points_that_expire_before_the_day_up_count_as_missing(program: Program):
    rows = timeline((date(2023, 1, 1), 1400), (date(2023, 7, 1), 1350))
    rows[1] = rows[1]._replace(lapsed=50 * MICRO)
    verdict = verdict_of(review(program, facts("platinum"), rows))
    assert (verdict.kind, verdict.tier, verdict.day) == (VerdictKind.GAIN, "diamond", date(2023, 7, 15))
    assert (verdict.missing, verdict.expiring) == (150 * MICRO, 50 * MICRO)
    assert headline(verdict).startswith("Platinum kept; 150 points to Diamond by 15 Jul 2023, in 25 days")
    assert lines(verdict) == ["50 of today's points expire by 15 Jul 2023."]


def test_a_tier_that_is_reached_only_after_what_is_known_to_begin_will_be_credited(program: Program):
    rows = timeline((date(2023, 1, 1), 700), (date(2023, 7, 1), 1600))
    verdict = verdict_of(review(program, facts("platinum"), rows))
    assert (verdict.kind, verdict.tier, verdict.day) == (VerdictKind.RISES, "diamond", date(2023, 7, 15))
    assert headline(verdict) == "Diamond will be credited on 15 Jul 2023, in 25 days"


def test_no_upgrade_is_promised_to_a_partner_whose_credited_tier_is_not_on_file(program: Program):
    rows = timeline((date(2023, 1, 1), 700))
    unknown = replace(facts(None), credited_on=None)
    verdict = verdict_of(review(program, unknown, rows))
    assert (verdict.kind, headline(verdict)) == (
        VerdictKind.UNKNOWN,
        "the numbers reach Platinum, but no credited tier is on file",
    )


def test_points_whose_expiry_is_unknown_keep_no_tier_by_days_to_come(program: Program):
    rows = timeline((date(2023, 1, 1), 100), (date(2023, 6, 20), 700))
    rows[1] = rows[1]._replace(doubtful=1)
    verdict = verdict_of(review(program, facts("gold"), rows, JUNE.replace(day=19)))
    assert verdict.kind is VerdictKind.UNKNOWN
    assert "the expiry of some points is unknown" in headline(verdict)


def test_a_certification_that_ends_before_the_recalibration_is_to_be_renewed_by_its_last_day(program: Program):
    ends = replace(VALID, valid_until=date(2023, 7, 3))
    rows = timeline((date(2023, 1, 1), 700))
    verdict = verdict_of(review(program, facts("platinum", date(2022, 1, 15), ends), rows))
    assert headline(verdict) == "Platinum at risk on 15 Jul 2023, in 25 days: certification expires on 3 Jul 2023"
    assert lines(verdict) == ["Renew the certification by 3 Jul 2023, in 13 days, to keep Platinum."]


def test_the_cheapest_sampling_day_to_come_is_the_one_to_meet(program: Program):
    rows = timeline((date(2023, 1, 1), 190), (date(2023, 7, 10), 100))
    verdict = verdict_of(review(program, facts("gold"), rows, date(2023, 6, 10)))
    [act] = verdict.saves
    assert (act.day, act.points) == (date(2023, 6, 15), 10 * MICRO)
    assert lines(verdict) == ["Earn 10 points by 15 Jun 2023, in 5 days, to keep Gold."]


def test_what_is_red_then_is_a_cause_and_what_is_green_is_not(program: Program):
    rows = timeline((date(2023, 1, 1), 150))
    verdict = verdict_of(review(program, facts("gold"), rows))
    assert {each.name for each in verdict.causes} >= {"combined_threshold"}
    assert all(each.state is State.RED for each in verdict.causes)
