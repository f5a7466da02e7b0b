"""Points over time: every point is the timeline's, and what is said of the year ahead is what its days say."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import sample_folder
from tests.support.entries import FIRST, agreement, book, books, sale
from tests.support.raised_thresholds import MORE, RAISED, facts, row
from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import MICRO, hundredths
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Program, load_program
from tiercore.questions.progress import Progress, days_shown, horizon, progress_on
from tiercore.questions.requirements import Facts
from tiercore.questions.standing import performing_on
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance, balance_on, timeline_of

DAY = date(2022, 9, 5)
SHIPPED = load_program()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(sample_folder.TABLE)
    return load_program(path)


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "raised.toml"
    path.write_text(MORE + RAISED)
    return load_program(path)


def seen_on(day: date, program: Program, timeline: list[Balance], who: Facts | None = None) -> Progress:
    """The answer from a whole timeline, read as the storage reads it."""
    today, until = day.toordinal(), horizon(day).toordinal()
    ends = {balance_on(timeline, end) for end in days_shown(day)[:6]}
    past = sorted((each for each in ends if each in timeline), key=lambda each: each.day)
    ahead = [each for each in timeline if today < each.day <= until]
    return progress_on(day, program, who or facts(), balance_on(timeline, day), past, ahead)


def test_six_month_ends_back_today_and_three_month_ends_ahead():
    assert [f"{day:%d.%m.}" for day in days_shown(date(2022, 9, 5))] == [
        *("31.03.", "30.04.", "31.05.", "30.06.", "31.07.", "31.08."),
        "05.09.",
        *("30.09.", "31.10.", "30.11."),
    ]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_ten_days_ascending_on_any_day_also_on_a_months_end(day: date):
    shown = days_shown(day)
    assert len(shown) == 10
    assert shown == sorted(set(shown))
    assert shown[6] == day
    assert all((each + timedelta(1)).day == 1 for each in shown if each != day)
    assert 150 <= (day - shown[0]).days <= 216
    assert 59 <= (shown[-1] - day).days <= 92


def test_partner_a_holds_gold_and_loses_it_when_its_minimum_turns_red(program: Program):
    timeline = [row(date(2022, 1, 10), 200, 150), row(date(2022, 8, 1), 270, 150), row(date(2023, 3, 14), 75, 150)]
    seen = seen_on(DAY, program, timeline)
    assert seen.change == 70 * MICRO
    assert (seen.target, seen.threshold) == ("platinum", 645 * MICRO)
    assert seen.loss is not None
    assert (seen.loss.tier, seen.loss.day) == ("gold", date(2023, 3, 14))
    assert seen.loss.requirement.name == "sold_minimum"
    assert (seen.loss.requirement.have, seen.loss.requirement.need) == (75 * MICRO, 80 * MICRO)
    assert (seen.next_recalibration, seen.review_after_loss) == (date(2023, 1, 15), date(2023, 7, 15))


def test_a_loss_after_more_than_twelve_months_is_not_told(program: Program):
    seen = seen_on(DAY, program, [row(date(2022, 1, 10), 270, 150), row(date(2023, 9, 6), 0, 0)])
    assert seen.loss is None
    assert seen.undecided is None


def test_the_total_of_a_tier_that_is_credited_and_not_performing_is_watched_too(program: Program):
    timeline = [row(date(2022, 1, 10), 100, 560), row(date(2022, 12, 1), 100, 540)]
    seen = seen_on(DAY, program, timeline, facts("platinum"))
    assert seen.reached.tier == "gold"
    assert seen.loss is not None
    assert (seen.loss.tier, seen.loss.day, seen.loss.after) == ("platinum", date(2022, 12, 1), None)


def test_a_certification_that_runs_out_is_the_loss_and_the_points_that_fall_later_are_known_too(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150), row(date(2023, 1, 1), 0, 150)]
    seen = seen_on(DAY, program, timeline, facts(until=date(2022, 11, 28)))
    assert seen.loss is not None
    assert (seen.loss.day, seen.loss.requirement.name) == (date(2022, 11, 29), "certification")
    assert [breach.day for breach in seen.breaches] == [date(2023, 1, 1)] * 2


def test_a_threshold_raised_ahead_is_the_loss_and_one_raised_in_the_span_is_named(raised: Program):
    seen = seen_on(date(2025, 7, 1), raised, [row(date(2025, 1, 1), 120, 100)])
    assert seen.loss is not None
    assert (seen.loss.day, seen.loss.requirement.need) == (date(2025, 7, 15), 250 * MICRO)
    gold = seen_on(date(2025, 7, 1), raised, [row(date(2025, 1, 1), 10, 10)], facts(None))
    assert (gold.threshold, gold.later_thresholds) == (200 * MICRO, ((date(2025, 7, 15), 250 * MICRO),))


def test_a_tier_is_not_said_to_hold_when_a_later_threshold_is_not_configured(program: Program):
    seen = seen_on(date(2025, 6, 1), program, [row(date(2025, 1, 1), 270, 150)])
    assert seen.loss is None
    assert seen.undecided is not None
    assert seen.undecided.day == date(2025, 7, 15)
    assert "thresholds.gold.sourced_minimum isn't set" in seen.undecided.reason


def test_a_tier_is_not_said_to_hold_on_points_that_credits_without_a_rate_might_make_up(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150, unrated_sold=1), row(date(2022, 12, 1), 75, 150, unrated_sold=1)]
    seen = seen_on(DAY, program, timeline)
    assert seen.loss is None
    assert seen.undecided is not None
    assert (seen.undecided.day, seen.undecided.reason) == (date(2022, 12, 1), "some credits could not be rated")


def test_with_the_shipped_rules_alone_no_tier_is_known_to_be_reached_and_what_is_missing_is_named():
    seen = seen_on(DAY, SHIPPED, [row(date(2022, 1, 10), 270, 150)], facts(None))
    assert seen.reached.tier is None
    assert isinstance(seen.threshold, NotConfigured)
    assert "thresholds.gold.combined" in seen.unjudged
    assert seen.loss is None


def test_before_the_points_model_points_are_shown_all_the_same_and_it_is_known_when_they_decide(program: Program):
    seen = seen_on(date(2022, 6, 5), program, [row(date(2022, 1, 10), 270, 150)])
    assert seen.today.combined == 420 * MICRO
    assert seen.points_from == date(2022, 7, 18)
    assert isinstance(seen.threshold, NotConfigured)
    assert seen.later_thresholds == ((date(2022, 7, 18), 645 * MICRO),)


def test_what_begins_later_is_told_apart_from_what_lapses(program: Program):
    made = book(sale(date(2021, 10, 5), 1_000), agreement(date(2022, 10, 1)))
    later = sale(date(2022, 11, 1), 2_000, sale_id="S2", line="Sales Hub")
    made.sales.append(later)
    seen = seen_on(DAY, program, timeline_of(credits_of(made, program)))
    assert (seen.today.combined, seen.points[-1].combined) == (30 * MICRO, 60 * MICRO)
    assert (seen.lapsing, seen.beginning) == (30 * MICRO, 60 * MICRO)


def test_while_the_expiry_is_under_correction_nothing_is_said_of_the_days_ahead(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150), row(date(2022, 10, 1), 0, 0)]
    seen = seen_on(DAY, program, timeline, replace(facts(), holds={EXPIRY: Unknown("under correction")}))
    assert [point.day for point in seen.points] == days_shown(DAY)[:7]
    assert seen.held == Unknown("under correction")
    assert (seen.loss, seen.breaches, seen.undecided) == (None, (), None)


def of_partner(made: ClientBook) -> list[Credit]:
    return [credit for credit in credits_of(made, SHIPPED) if credit.partner_id == "P1"]


offsets = st.integers(-10, 7 * 365)


@given(books(), offsets)
def test_each_point_is_the_balance_of_its_day(program: Program, made: ClientBook, offset: int):
    timeline, day = timeline_of(of_partner(made)), FIRST + timedelta(offset)
    for point, when in zip(seen_on(day, program, timeline).points, days_shown(day), strict=True):
        held = balance_on(timeline, when)
        assert (point.day, point.projected) == (when, when > day)
        assert (point.sold, point.managed, point.combined) == (held.sold, held.managed, held.combined)


@given(books(), offsets, st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_does_not_matter(
    program: Program, made: ClientBook, offset: int, shuffler: random.Random
):
    credits, day = of_partner(made), FIRST + timedelta(offset)
    expected = seen_on(day, program, timeline_of(credits))
    shuffler.shuffle(credits)
    assert seen_on(day, program, timeline_of(credits)) == expected


@given(books(), offsets)
def test_where_nothing_lapses_and_nothing_begins_the_projection_is_todays_balance(
    program: Program, made: ClientBook, offset: int
):
    day = FIRST + timedelta(offset)
    timeline = [each for each in timeline_of(of_partner(made)) if each.day <= day.toordinal()]
    seen = seen_on(day, program, timeline)
    assert {(each.sold, each.managed) for each in seen.points[6:]} == {(seen.today.sold, seen.today.managed)}
    assert (seen.lapsing, seen.beginning) == (0, 0)


months = st.lists(st.tuples(st.integers(1, 420), st.integers(0, 300), st.integers(0, 300)), max_size=6)


@example(steps=[(77, 0, 250)], day=date(2025, 4, 30))  # a figure that only later rules ask for
@given(steps=months, day=st.sampled_from([DAY, date(2022, 3, 1), date(2025, 4, 30), date(2018, 6, 1)]))
def test_the_loss_is_what_asking_on_every_day_says(raised: Program, steps: list[tuple[int, int, int]], day: date):
    who = facts()
    by_day = {day - timedelta(1): row(day - timedelta(1), 260, 170)}
    by_day |= {day + timedelta(n): row(day + timedelta(n), sold, managed) for n, sold, managed in steps}
    timeline = [by_day[each] for each in sorted(by_day)]
    seen = seen_on(day, raised, timeline, who)
    held = seen.reached.tier
    lost = None
    for each in (day + timedelta(n) for n in range((seen.until - day).days + 1)):
        names = [tier.name for tier in raised.on(each).tiers]
        after = performing_on(each, raised.on(each), who, balance_on(timeline, each))
        if held not in names:
            break
        if held not in after.undecided and (after.tier is None or names.index(after.tier) < names.index(held)):
            lost = each
            break
    if seen.loss is None:
        assert lost is None
    elif seen.loss.after is None:
        assert lost is None or lost > seen.loss.day
    else:
        assert seen.loss.day == lost


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_change_is_the_difference_of_the_figures_shown(program: Program, before: int, now: int):
    timeline = [
        Balance(date(2022, 1, 1).toordinal(), sourced=before),
        Balance(date(2022, 8, 1).toordinal(), sourced=now),
    ]
    seen = seen_on(DAY, program, timeline, Facts(Partner("P", "P", "US", "USD", DAY), [], None, None))
    assert seen.change == (hundredths(now) - hundredths(before)) * 10_000
