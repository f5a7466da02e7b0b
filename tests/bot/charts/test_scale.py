"""The axis of a chart."""

from hypothesis import given
from hypothesis import strategies as st

from bot.charts.scale import span, ticks


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=12))
def test_an_axis_of_what_is_counted_has_whole_numbers_alone(numbers: list[int]):
    low, high = span(map(float, numbers))
    found = ticks(low, high, whole=True)
    assert all(each.is_integer() for each in found)
    assert found[0] == 0
    assert len(found) <= 6
    assert len(found) > 1 or max(numbers) <= 1
