"""What a submitted window says, whatever Slack or a forger puts into it."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.views.parts.submitted import entered

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda each: (
        st.lists(each, max_size=2)
        | st.dictionaries(
            st.sampled_from(["state", "values", "mrr", "value", "selected_option", "selected_date"]), each, max_size=3
        )
    ),
)


def view_with(element: dict[str, object]) -> dict[str, object]:
    return {"state": {"values": {"mrr": {"mrr": element}}}}


def test_a_field_has_what_was_typed_chosen_or_the_day():
    assert entered(view_with({"value": "7,500"}), "mrr", "mrr") == "7,500"
    assert entered(view_with({"selected_date": "2022-09-20"}), "mrr", "mrr") == "2022-09-20"
    assert entered(view_with({"selected_option": {"value": "sourced"}}), "mrr", "mrr") == "sourced"


@given(JSON)
def test_a_malformed_window_has_nothing_in_its_fields(state):
    assert isinstance(entered({"state": state}, "mrr", "mrr"), str)
    assert isinstance(entered({"state": {"values": {"mrr": {"mrr": state}}}}, "mrr", "mrr"), str)
