"""Points over time: every point matches the timeline, and the outlook matches each day of the year ahead."""

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
from tiercore.questions.judging import performing_on
from tiercore.questions.progress import Progress, days_shown, horizon, progress_on
from tiercore.questions.requirements import Facts
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


def progress_from(day: date, program: Program, timeline: list[Balance], who: Facts | None = None) -> Progress:
    """The answer from a full timeline, read as storage reads it."""
    today, until = day.toordinal(), horizon(day).toordinal()
    ends = {balance_on(timeline, end) for end in days_shown(day)[:6]}
    past = sorted((each for each in ends if each in timeline), key=lambda each: each.day)
    ahead = [each for each in timeline if today < each.day <= until]
    return progress_on(day, program, who or facts(), balance_on(timeline, day), past, ahead)


def test_points_are_six_past_month_ends_today_and_three_future_ones():
    assert [f"{day:%d.%m.}" for day in days_shown(date(2022, 9, 5))] == [
        *("31.03.", "30.04.", "31.05.", "30.06.", "31.07.", "31.08."),
        "05.09.",
        *("30.09.", "31.10.", "30.11."),
    ]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_there_are_ten_ascending_days_even_on_a_month_end(day: date):
    shown = days_shown(day)
    assert len(shown) == 10
    assert shown == tuple(sorted(set(shown)))
    assert shown[6] == day
    assert all((each + timedelta(1)).day == 1 for each in shown if each != day)
    assert 150 <= (day - shown[0]).days <= 216
    assert 59 <= (shown[-1] - day).days <= 92


def test_partner_a_holds_gold_and_loses_it_when_its_minimum_turns_red(program: Program):
    timeline = [row(date(2022, 1, 10), 200, 150), row(date(2022, 8, 1), 270, 150), row(date(2023, 3, 14), 75, 150)]
    progress = progress_from(DAY, program, timeline)
    assert progress.change == 70 * MICRO
    assert (progress.target, progress.threshold) == ("platinum", 645 * MICRO)
    assert progress.loss is not None
    assert (progress.loss.tier, progress.loss.day) == ("gold", date(2023, 3, 14))
    assert progress.loss.requirement.name == "sold_minimum"
    assert (progress.loss.requirement.have, progress.loss.requirement.need) == (75 * MICRO, 80 * MICRO)
    assert (progress.next_recalibration, progress.review_after_loss) == (date(2023, 1, 15), date(2023, 7, 15))


def test_a_loss_more_than_twelve_months_away_is_not_shown(program: Program):
    progress = progress_from(DAY, program, [row(date(2022, 1, 10), 270, 150), row(date(2023, 9, 6), 0, 0)])
    assert progress.loss is None
    assert progress.undecided is None


def test_a_credited_tiers_total_is_watched_even_if_not_performed(program: Program):
    timeline = [row(date(2022, 1, 10), 100, 560), row(date(2022, 12, 1), 100, 540)]
    progress = progress_from(DAY, program, timeline, facts("platinum"))
    assert progress.reached.tier == "gold"
    assert progress.loss is not None
    assert (progress.loss.tier, progress.loss.day, progress.loss.after) == ("platinum", date(2022, 12, 1), None)


def test_an_expiring_certification_is_the_first_loss_and_a_later_points_loss_is_known(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150), row(date(2023, 1, 1), 0, 150)]
    progress = progress_from(DAY, program, timeline, facts(until=date(2022, 11, 28)))
    assert progress.loss is not None
    assert (progress.loss.day, progress.loss.requirement.name) == (date(2022, 11, 29), "certification")
    assert [breach.day for breach in progress.breaches] == [date(2023, 1, 1)] * 2


def test_a_future_raised_threshold_is_the_loss_and_one_in_the_span_is_named(raised: Program):
    progress = progress_from(date(2025, 7, 1), raised, [row(date(2025, 1, 1), 120, 100)])
    assert progress.loss is not None
    assert (progress.loss.day, progress.loss.requirement.need) == (date(2025, 7, 15), 250 * MICRO)
    gold = progress_from(date(2025, 7, 1), raised, [row(date(2025, 1, 1), 10, 10)], facts(None))
    assert (gold.threshold, gold.later_thresholds) == (200 * MICRO, ((date(2025, 7, 15), 250 * MICRO),))


def test_a_tier_is_not_called_safe_if_a_later_threshold_is_not_configured(program: Program):
    progress = progress_from(date(2025, 6, 1), program, [row(date(2025, 1, 1), 270, 150)])
    assert progress.loss is None
    assert progress.undecided is not None
    assert progress.undecided.day == date(2025, 7, 15)
    assert "thresholds.gold.sourced_minimum isn't set" in progress.undecided.reason


def test_a_tier_is_not_called_safe_if_it_depends_on_unrated_credits(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150, unrated_sold=1), row(date(2022, 12, 1), 75, 150, unrated_sold=1)]
    progress = progress_from(DAY, program, timeline)
    assert progress.loss is None
    assert progress.undecided is not None
    assert (progress.undecided.day, progress.undecided.reason) == (date(2022, 12, 1), "some credits could not be rated")


def test_shipped_rules_alone_leave_the_tier_unknown_and_name_what_is_missing():
    progress = progress_from(DAY, SHIPPED, [row(date(2022, 1, 10), 270, 150)], facts(None))
    assert progress.reached.tier is None
    assert isinstance(progress.threshold, NotConfigured)
    assert "thresholds.gold.combined" in progress.unjudged
    assert progress.loss is None


def test_before_the_points_model_points_are_shown_with_the_day_they_decide(program: Program):
    progress = progress_from(date(2022, 6, 5), program, [row(date(2022, 1, 10), 270, 150)])
    assert progress.today.combined == 420 * MICRO
    assert progress.points_from == date(2022, 7, 18)
    assert isinstance(progress.threshold, NotConfigured)
    assert progress.later_thresholds == ((date(2022, 7, 18), 645 * MICRO),)


def test_future_gains_are_separate_from_expiring_points(program: Program):
    client_book = book(sale(date(2021, 10, 5), 1_000), agreement(date(2022, 10, 1)))
    later = sale(date(2022, 11, 1), 2_000, sale_id="S2", line="Sales Hub")
    client_book.sales.append(later)
    progress = progress_from(DAY, program, timeline_of(credits_of(client_book, program)))
    assert (progress.today.combined, progress.points[-1].combined) == (30 * MICRO, 60 * MICRO)
    assert (progress.lapsing, progress.beginning) == (30 * MICRO, 60 * MICRO)


def test_no_projection_is_made_while_expiry_is_under_correction(program: Program):
    timeline = [row(date(2022, 1, 10), 270, 150), row(date(2022, 10, 1), 0, 0)]
    progress = progress_from(DAY, program, timeline, replace(facts(), holds={EXPIRY: Unknown("under correction")}))
    assert [point.day for point in progress.points] == [*days_shown(DAY)[:7]]
    assert progress.held == Unknown("under correction")
    assert (progress.loss, progress.breaches, progress.undecided) == (None, (), None)


def of_partner(client_book: ClientBook) -> list[Credit]:
    return [credit for credit in credits_of(client_book, SHIPPED) if credit.partner_id == "P1"]


offsets = st.integers(-10, 7 * 365)


@given(books(), offsets)
def test_each_point_equals_the_balance_of_its_day(program: Program, client_book: ClientBook, offset: int):
    timeline, day = timeline_of(of_partner(client_book)), FIRST + timedelta(offset)
    for point, when in zip(progress_from(day, program, timeline).points, days_shown(day), strict=True):
        expected = balance_on(timeline, when)
        assert (point.day, point.projected) == (when, when > day)
        assert (point.sold, point.managed, point.combined) == (expected.sold, expected.managed, expected.combined)


@given(books(), offsets, st.randoms(use_true_random=False))
def test_input_order_does_not_matter(program: Program, client_book: ClientBook, offset: int, shuffler: random.Random):
    credits, day = of_partner(client_book), FIRST + timedelta(offset)
    expected = progress_from(day, program, timeline_of(credits))
    shuffler.shuffle(credits)
    assert progress_from(day, program, timeline_of(credits)) == expected


@given(books(), offsets)
def test_the_projection_is_todays_balance_if_nothing_expires_or_starts(
    program: Program, client_book: ClientBook, offset: int
):
    day = FIRST + timedelta(offset)
    timeline = [each for each in timeline_of(of_partner(client_book)) if each.day <= day.toordinal()]
    progress = progress_from(day, program, timeline)
    assert {(each.sold, each.managed) for each in progress.points[6:]} == {
        (progress.today.sold, progress.today.managed)
    }
    assert (progress.lapsing, progress.beginning) == (0, 0)


months = st.lists(st.tuples(st.integers(1, 420), st.integers(0, 300), st.integers(0, 300)), max_size=6)


@example(steps=[(77, 0, 250)], day=date(2025, 4, 30))  # a figure that only later rules require
@given(steps=months, day=st.sampled_from([DAY, date(2022, 3, 1), date(2025, 4, 30), date(2018, 6, 1)]))
def test_the_loss_matches_a_check_of_every_day(raised: Program, steps: list[tuple[int, int, int]], day: date):
    who = facts()
    by_day = {day - timedelta(1): row(day - timedelta(1), 260, 170)}
    by_day |= {day + timedelta(n): row(day + timedelta(n), sold, managed) for n, sold, managed in steps}
    timeline = [by_day[each] for each in sorted(by_day)]
    progress = progress_from(day, raised, timeline, who)
    tier_then = progress.reached.tier
    lost = None
    for each in (day + timedelta(n) for n in range((progress.until - day).days + 1)):
        names = [tier.name for tier in raised.on(each).tiers]
        after = performing_on(each, raised.on(each), who, balance_on(timeline, each))
        if tier_then not in names:
            break
        if tier_then not in after.undecided and (
            after.tier is None or names.index(after.tier) < names.index(tier_then)
        ):
            lost = each
            break
    if progress.loss is None:
        assert lost is None
    elif progress.loss.after is None:
        assert lost is None or lost > progress.loss.day
    else:
        assert progress.loss.day == lost


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_change_is_the_difference_of_the_displayed_figures(program: Program, before: int, now: int):
    timeline = [
        Balance(date(2022, 1, 1).toordinal(), sourced=before),
        Balance(date(2022, 8, 1).toordinal(), sourced=now),
    ]
    progress = progress_from(DAY, program, timeline, Facts(Partner("P", "P", "US", "USD", DAY), [], None, None))
    assert progress.change == (hundredths(now) - hundredths(before)) * 10_000
