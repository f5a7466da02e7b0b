"""What is missing for a tier, in a few words."""

import pytest

from handlers.views.parts.reasons import to_go
from tiercore.facts.points import MICRO
from tiercore.questions.requirements import Requirement, State, Unit


def figure(name: str, have: int, need: int) -> Requirement:
    short = max(0, need - have)
    state = State.RED if short else State.GREEN
    return Requirement(name, Unit.POINTS, have * MICRO, need * MICRO, state, short * MICRO)


def said(combined: int, sold: int, managed: int) -> str:
    figures = (("combined_threshold", combined, 210), ("sold_minimum", sold, 90), ("managed_minimum", managed, 60))
    return to_go([figure(*each) for each in figures], "Gold")


@pytest.mark.parametrize(
    ("combined", "sold", "managed", "missing"),
    [
        (225, 225, 0, "60 managed points to Gold"),
        (225, 0, 225, "90 sold points to Gold"),
        (210, 80, 30, "40 sold and managed points to Gold"),
        (200, 200, 0, "60 points to Gold"),
        (100, 50, 50, "110 points to Gold"),
        (225, 150, 75, "no points missing for Gold"),
    ],
)
def test_where_the_total_is_enough_the_kind_of_the_missing_points_is_named(
    combined: int, sold: int, managed: int, missing: str
) -> None:
    assert said(combined, sold, managed) == missing
