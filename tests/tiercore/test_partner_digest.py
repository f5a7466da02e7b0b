"""What a digest reads together is told apart by name, however many queries each part has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from tiercore.partner_digest import rows_by_name

SIZES = st.dictionaries(st.sampled_from(["decisions", "expiry", "progress", "changes"]), st.integers(0, 5), min_size=1)


def queries(sizes: dict[str, int]):
    return {name: [(select(literal(name)), {})] * size for name, size in sizes.items()}


@given(SIZES)
def test_each_part_gets_the_rows_of_its_own_queries(sizes: dict[str, int]):
    rows = [[(name, number)] for name, size in sizes.items() for number in range(size)]
    found = rows_by_name(queries(sizes), rows)
    assert found == {name: [[(name, number)] for number in range(size)] for name, size in sizes.items()}


@given(SIZES, st.sampled_from([-1, 1]))
def test_rows_that_no_query_asked_for_are_refused(sizes: dict[str, int], more: int):
    rows = [[(1,)]] * (sum(sizes.values()) + more)
    if rows or more > 0:
        with pytest.raises(ValueError, match="results for"):
            rows_by_name(queries(sizes), rows)
