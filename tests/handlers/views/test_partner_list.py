"""The lists of a portfolio: each row says what is missing once, and first where the list is about it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.parts import verdict
from handlers.views.parts.partner_state import matters, to_go_of
from tests.support.partner_days import PartnerDay, partner_days, programs
from tiercore.portfolio.data import state_of
from tiercore.portfolio.state import PartnerState
from tiercore.program import Program
from tiercore.questions.verdict import VerdictKind

FIGURE = re.compile(r"[\d,.]*\d (?:\w+ )?points to ")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


def row_of(partner: PartnerDay) -> PartnerState:
    return state_of(partner.week, partner.expiry(30), ())


@pytest.mark.parametrize("name", ["set", "unset"])
@given(data=st.data())
def test_a_row_of_those_that_are_close_says_what_is_missing_once(
    rules: dict[str, Program], name: str, data: st.DataObject
):
    state = row_of(data.draw(partner_days(rules[name])))
    missing, beside = to_go_of(state), matters(state, beside_figure=True)
    assert not FIGURE.search(beside)
    assert len(FIGURE.findall(missing)) <= 1
    if state.missing is not None:
        assert missing != "–"
    if state.kind is VerdictKind.GAIN and not state.is_unjudged and not state.red_on:
        assert state.verdict
        said = verdict.headline(state.verdict)
        assert all(part in said for part in beside.split("; ") if part)
        assert verdict.to_earn(state.verdict) in said
