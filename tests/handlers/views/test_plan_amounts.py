"""How amounts of a plan are shown."""

import pytest

from handlers.views.parts.plan_steps import whole
from tiercore.facts.money import Money


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        (Money(8_737_38, "USD"), Money(8_738_00, "USD")),
        (Money(8_737_00, "USD"), Money(8_737_00, "USD")),
        (Money(1, "EUR"), Money(1_00, "EUR")),
        (Money(12_345, "JPY"), Money(12_345, "JPY")),
    ],
)
def test_an_amount_is_rounded_up_to_whole_units_of_its_currency(exact: Money, shown: Money):
    assert whole(exact) == shown
