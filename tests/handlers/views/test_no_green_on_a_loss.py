"""Green, and good words, are never put on a loss, nor on what is unknown (digests-and-alerts#colours)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views import signal as signal_view
from handlers.views.answers import progress, recalibration
from tests.support.partner_days import DAY, lines_of, partner_days, programs
from tiercore.program import Program
from tiercore.questions.judging import is_open

GOOD = re.compile("🟢|✅|🎉|\\bis safe\\b|out of danger")
BAD = re.compile(
    r"−\d|falls? |below|at risk|turns? red|not met|expired?\b(?! on)|\blost\b|unknown|not known|can't|n't set|not set|"
    r"no \w+ (?:\w+ )?set\b|under correction|short \(|expires before|not judged"
)
LAST_WEEK = re.compile(r" \([\w ]+ last week\)")  # what has changed for the better


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


@pytest.mark.parametrize("which", ["set", "raised", "unset"])
@given(data=st.data())
def test_no_line_is_green_or_good_that_tells_of_a_loss_or_of_something_unknown(which: str, rules, data):
    partner = data.draw(partner_days(rules[which], held=True))
    for message in partner.messages():
        for line in lines_of(message):
            now = LAST_WEEK.sub("", line)
            assert not (GOOD.search(now) and BAD.search(now)), line


@pytest.mark.parametrize("which", ["set", "unset"])
@given(data=st.data())
def test_nothing_is_called_safe_or_kept_in_green_while_a_requirement_of_the_tier_is_unknown(which: str, rules, data):
    partner = data.draw(partner_days(rules[which], held=True))
    if partner.recalibration.open:
        assert recalibration.mark_of(partner.recalibration) != "🟢"
    if any(is_open(each) for each in partner.progress.open):
        assert "is safe" not in progress.headline(partner.progress)
    for signal in partner.signals.items:
        if signal.level is None or signal.open:
            assert not GOOD.search(signal_view.mark_of(signal) + signal_view.headline(signal, DAY))


@pytest.mark.parametrize("which", ["set", "raised", "unset"])
@given(data=st.data())
def test_a_partner_is_at_risk_or_not_judged_or_all_of_its_tier_is_known_to_be_met(which: str, rules, data):
    partner = data.draw(partner_days(rules[which], held=True))
    week = partner.week
    if week.is_at_risk or week.is_unjudged or partner.facts.credited_tier is None:
        return
    assert not partner.standing.open
    assert not partner.facts.holds.get("expiry")
    assert recalibration.mark_of(partner.recalibration) == "🟢"
