"""Looking for contradictions takes as many steps for each sale of a line, however many it has (data#contradictions)."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from types import FrameType
from typing import Any

import pytest

from tests.support.entries import FIRST, level, sale
from tiercore.facts.entries import Client, DealType
from tiercore.program import load_program
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of, lines_of

PROGRAM = load_program()


def steps_of(run: Callable[[], Any]) -> int:
    """How many lines of code of the rating run."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        nonlocal count
        count += event == "line"
        return trace if "tiercore" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def one_currency(number: int) -> ClientBook:
    """Sales of one line in one currency, without levels."""
    return ClientBook(Client("C1", "Acme", "US"), [_sale(at) for at in range(number)])


def two_currencies(number: int) -> ClientBook:
    """Sales of one line that have expired when its levels change their currency."""
    made, day = one_currency(number), FIRST + timedelta(number)
    made.levels += [level(FIRST + timedelta(at), 100 * number) for at in range(0, number, 30)]
    made.levels += [level(day + timedelta(400 + at), 900, currency="EUR") for at in range(number)]
    return made


def monthly_levels(number: int) -> ClientBook:
    """Sales of one line in equal amounts, and a level for each month."""
    made = one_currency(number)
    made.levels += [level(FIRST + timedelta(at), 100 * number) for at in range(0, number, 30)]
    return made


def _sale(at: int) -> Any:
    day: date = FIRST + timedelta(at)
    return sale(day, 1 + at // 2, sale_id=f"S{at:05}", deal=DealType.UPSELL, partner=f"P{at % 3}")


@pytest.mark.parametrize("make", [one_currency, two_currencies, monthly_levels])
def test_twice_as_many_sales_of_a_line_take_about_twice_as_many_steps(make: Callable[[int], ClientBook]):
    def steps(number: int) -> int:
        made = make(number)
        lines = lines_of(made, PROGRAM.catalogue)
        credits = credits_of(made, PROGRAM, lines)
        return steps_of(lambda: list(contradictions_of(made, lines, credits)))

    assert steps(800) < 2.5 * steps(400)
