"""A fall of a tier always names what causes it, and nothing else (how-tiers-work#recalibration)."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views import signal as signal_view
from handlers.views.answers import digest, expiring, progress, recalibration, tier
from tests.support.partner_days import PartnerDay, partner_days, programs, row_of, sentences_of
from tiercore.program import Program
from tiercore.questions.advice import Action, advice_on
from tiercore.questions.judged_days import facts_on
from tiercore.questions.recalibration import Result
from tiercore.questions.requirements import State, requirements_of
from tiercore.questions.signals import RECALIBRATION
from tiercore.rating.timeline import balance_on

LABELS = {
    "combined_threshold": "combined points",
    "sold_minimum": "sold minimum",
    "managed_minimum": "managed minimum",
    "median_tool_usage": "median tool usage",
    "certification": "certification",
    "customer_dollar_retention": "C$R",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("rules"))


def red_on(partner: PartnerDay, tier: str, day: date, *, of_that_day: bool = False) -> set[str]:
    """The names of the tier's requirements that are red on a day, from the requirements alone."""
    facts = facts_on(day, partner.facts) if of_that_day else partner.facts
    rules = partner.program.on(day)
    found = requirements_of(rules.tier(tier), rules, facts, balance_on(partner.rows, day), as_of=day)
    return {each.name for each in found if each.state is State.RED}


def named_in(text: str) -> set[str]:
    return {requirement for requirement, label in LABELS.items() if label in text}


def expected_at_recalibration(partner: PartnerDay) -> set[str]:
    """What costs the tier: a condition not met on the day and, if no sampling day is enough, what is red then."""
    found, tier = partner.recalibration, partner.facts.credited_tier
    names = {each.name for each in found.conditions if each.state is State.RED}
    if all(sample.enough is False for sample in found.samples):
        red = [red_on(partner, tier, sample.day, of_that_day=True) for sample in found.samples]
        met_again = {each.name for each in found.conditions if each.state is State.GREEN}
        names |= {name for each in red for name in each if name not in met_again or {name} in red}
    return names


def texts_of_the_review(partner: PartnerDay) -> Iterable[str]:
    """The verdict as each answer words it, without the rest of the answer."""
    headline = recalibration.headline(partner.recalibration)
    yield headline
    yield sentences_of(recalibration.message(partner.recalibration), headline)[0]
    yield from (
        signal_view.headline(each, partner.standing.as_of)
        for each in partner.signals.items
        if each.name.startswith(RECALIBRATION)
    )
    yield tier.headline(partner.standing)
    yield row_of(partner.week)


@pytest.mark.parametrize("which", ["set", "raised"])
@given(data=st.data())
def test_a_recalibration_that_costs_a_tier_names_each_red_requirement_and_no_other(which: str, rules, data):
    partner = data.draw(partner_days(rules[which]))
    if partner.recalibration.result not in (Result.FALLS, Result.AT_RISK):
        return
    expected = expected_at_recalibration(partner)
    assert expected
    for text in texts_of_the_review(partner):
        assert named_in(text) == expected, text


@pytest.mark.parametrize("which", ["set", "raised"])
@given(data=st.data())
def test_the_loss_of_the_performing_tier_names_each_red_requirement_and_no_other(which: str, rules, data):
    partner = data.draw(partner_days(rules[which]))
    expiry = partner.expiry(365)
    if expiry.fall is None:
        return
    expected = red_on(partner, expiry.fall.before, expiry.fall.day)
    assert expected
    said = [each for each in expiring.consequences(expiry) if each.startswith("Performing tier falls")]
    answer = progress.message(progress.ProgressAnswer(partner.progress))
    said += sentences_of(answer, "The performing tier falls")
    assert said
    for text in said:
        assert named_in(text) == expected, text


@given(data=st.data())
def test_a_partner_below_its_tier_is_told_each_red_requirement_and_no_other(rules, data):
    partner = data.draw(partner_days(rules["set"]))
    expected = {each.name for each in partner.standing.amiss}
    if not expected:
        return
    assert expected == red_on(partner, partner.facts.credited_tier, partner.standing.as_of)
    [line] = sentences_of(digest.message(partner.digest("progress")), "numbers are below")
    assert named_in(line) == expected, line
    if partner.recalibration.result in (Result.KEEPS, Result.PROTECTED) and not partner.recalibration.open:
        assert named_in(row_of(partner.week)) == expected


@given(data=st.data())
def test_a_portfolio_row_names_each_figure_that_turns_red_first_and_its_day(rules, data):
    partner = data.draw(partner_days(rules["raised"]))
    week = partner.week
    if not week.turns or partner.standing.amiss or week.verdict.is_bad:
        return
    [first] = {each.day for each in week.turns}
    row = row_of(week)
    first_red = {each.requirement.name for each in week.turns}
    assert first_red <= red_on(partner, partner.facts.credited_tier, first)
    assert named_in(row) == first_red | {each.name for each in week.recalibration.causes}
    assert "red on" in row


@given(data=st.data())
def test_expiring_points_are_not_blamed_where_the_rules_raise_a_figure(rules, data):
    partner = data.draw(partner_days(rules["raised"]))
    expiry = partner.expiry(90)
    raised = {(each.tier, each.requirement.name) for each in expiry.breaches if each.is_raised}
    for each in expiry.breaches:
        day_rules = partner.program.on(each.day)
        now = requirements_of(day_rules.tier(each.tier), day_rules, partner.facts, partner.balance, as_of=each.day)
        is_enough = next(one for one in now if one.name == each.requirement.name).state is not State.RED
        assert ((each.tier, each.requirement.name) in raised) is not is_enough
    advised = advice_on(partner.standing, expiry, partner.recalibration)
    replaced = [each for each in advised if each.action is Action.REPLACE]
    blamed = {(each.tier, each.requirement.name) for each in replaced if each.requirement}
    assert not blamed & raised
