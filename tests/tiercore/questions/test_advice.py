"""What to do: at most three things, each with a day, and no two that say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.parts.advice import in_a_sentence
from tests.support.partner_days import DAY, partner_days, programs
from tiercore.program import Program
from tiercore.questions.advice import MAX_ADVICE, Action, advice_on, first_act
from tiercore.questions.verdict import VerdictKind, verdict_of

WHICH = st.sampled_from(["set", "raised", "unset"])


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


@given(data=st.data(), which=WHICH)
def test_each_act_has_a_day_and_no_two_say_the_same(rules, data, which: str):
    partner = data.draw(partner_days(rules[which], held=True))
    acts = advice_on(partner.standing, partner.expiry(90), partner.recalibration)
    assert len(acts) <= MAX_ADVICE
    assert all(each.by >= DAY for each in acts)
    verdict = verdict_of(partner.recalibration)
    said = [in_a_sentence(each, verdict, partner.standing.rules, "USD") for each in acts]
    assert len(set(said)) == len(said)
    named = [(each.tier, one.name) for each in acts for one in each.requirements]
    assert len(set(named)) == len(named)
    clients = [each.lapse for each in acts if each.action in (Action.AGREE, Action.REPLACE)]
    assert len(set(clients)) == len(clients)
    rest = [each.by for each in acts if each.action not in (Action.SAVE, Action.RENEW, Action.REGAIN, Action.EARN)]
    assert rest == sorted(rest)


@given(data=st.data(), which=WHICH)
def test_what_keeps_a_tier_in_danger_comes_before_everything_else(rules, data, which: str):
    partner = data.draw(partner_days(rules[which]))
    seen = partner.standing, partner.expiry(90), partner.recalibration
    verdict, acts, first = verdict_of(partner.recalibration), advice_on(*seen), first_act(*seen)
    assert {each.act for each in acts} >= set(verdict.saves[:MAX_ADVICE])
    if verdict.saves:
        assert acts[0].act is not None or acts[0].action in (Action.RENEW, Action.REGAIN)
        assert first is not None
        assert first.act == verdict.saves[0]
    climbing = [each for each in acts if each.action is Action.EARN]
    assert not climbing or (verdict.kind is VerdictKind.GAIN and acts[-1] is climbing[0])
    assert first is None or first.action is not Action.EARN
