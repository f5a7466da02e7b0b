"""What a new installation still needs, step by step."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tiercore.first_steps import Installation, Task, are_done, first_steps

READY = Installation(6, 4, 1, 3, 2, 3, has_sales=True, thresholds_unset=0)


def test_an_empty_installation_begins_with_people_and_says_what_is_there():
    steps = first_steps(Installation(thresholds_unset=11))
    assert [(each.title, each.state, each.is_done) for each in steps] == [
        ("Connect people", "nobody is listed yet", False),
        ("Bring your data", "0 partners", False),
        ("Set the tier table", "11 thresholds not set", False),
        ("Invite partners", "nobody of a partner is listed yet", False),
    ]
    assert [each.task for each in steps if each.is_next] == [Task.CONNECT]


def test_the_next_step_is_the_first_one_that_isnt_done():
    steps = first_steps(replace(READY, has_sales=False, of_partners_linked=0))
    assert [each.task for each in steps if each.is_next] == [Task.DATA]
    assert steps[1].state == "3 partners, no sales"
    assert steps[0].state == "4 of 6 people linked"


def test_an_installation_where_partners_ask_needs_nothing_more():
    assert are_done(first_steps(READY))
    assert not [each for each in first_steps(READY) if each.is_next]


NUMBERS = st.integers(0, 3)


@given(st.builds(Installation, *[NUMBERS] * 6, st.booleans(), NUMBERS))
def test_there_is_one_next_step_unless_all_are_done(found: Installation):
    steps = first_steps(found)
    assert len([each for each in steps if each.is_next]) == (0 if are_done(steps) else 1)
    assert not any(each.is_done for each in steps if each.is_next)
