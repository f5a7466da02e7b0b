"""How two timelines differ in the past: steps that add up to the difference on every day, and the days they cover."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import books
from tiercore.facts.points import MICRO
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.hindsight import Shift, Step, shifted, span_of, steps_between, total_shift
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance, balance_on, timeline_of

PROGRAM = load_program()
FIRST, LAST = date(2021, 1, 1).toordinal(), date(2027, 1, 1).toordinal()


def timeline(book: ClientBook) -> list[Balance]:
    return timeline_of(each for each in credits_of(book, PROGRAM) if each.partner_id == "P1")


@given(
    former=books(), current=books(), until=st.integers(FIRST, LAST), days=st.lists(st.integers(FIRST, LAST), min_size=5)
)
def test_the_steps_up_to_a_day_are_the_difference_of_the_balances_on_it(former, current, until, days):
    before, after = timeline(former), timeline(current)
    steps = list(steps_between(before, after, until))
    assert all(step.day <= until for step in steps)
    assert all(step.shift != Shift() for step in steps)
    for day in (each for each in days if each <= until):
        shift = total_shift(step.shift for step in steps if step.day <= day)
        was, now = (balance_on(each, date.fromordinal(day)) for each in (before, after))
        for name in Shift._fields:
            assert getattr(now, name) - getattr(was, name) == getattr(shift, name)
        assert shifted(now, shift, -1).combined == was.combined


def test_equal_timelines_have_no_steps():
    same = [Balance(FIRST, sourced=MICRO), Balance(FIRST + 5, sourced=2 * MICRO)]
    assert list(steps_between(same, same, LAST)) == []
    assert span_of([], LAST) is None


def test_a_sale_moved_to_a_later_day_changes_only_the_days_between():
    former, current = [Balance(FIRST, sourced=MICRO)], [Balance(FIRST + 4, sourced=MICRO)]
    steps = list(steps_between(former, current, LAST))
    assert steps == [Step(FIRST, Shift(sourced=-MICRO)), Step(FIRST + 4, Shift(sourced=MICRO))]
    span = span_of(steps, LAST)
    assert (span.first.toordinal(), span.last.toordinal(), span.days) == (FIRST, FIRST + 3, 4)
    assert (span.micropoints, span.varies) == (-MICRO, False)


def test_points_that_move_from_sold_to_managed_are_a_difference_although_the_total_stays():
    former, current = [Balance(FIRST, sourced=MICRO)], [Balance(FIRST, managed=MICRO)]
    span = span_of(steps_between(former, current, FIRST + 9), FIRST + 9)
    assert (span.days, span.micropoints) == (10, 0)


def test_the_days_after_the_last_one_asked_for_are_left_out():
    steps = [Step(FIRST, Shift(sourced=MICRO)), Step(FIRST + 10, Shift(sourced=MICRO))]
    span = span_of(steps, FIRST + 4)
    assert (span.days, span.micropoints, span.varies) == (5, MICRO, False)
    assert span_of(steps, FIRST - 1) is None
