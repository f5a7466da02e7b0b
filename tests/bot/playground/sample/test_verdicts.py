"""The verdict on every partner of the sample, on days of 2022 and on today's rules: it comes true if nothing is added,
and its words name the tier, the day and the cause.
"""

from datetime import date

import pytest

from handlers.views.answers import tier as tier_view
from handlers.views.parts.formats import day as in_words
from handlers.views.parts.formats import tier as tier_name
from handlers.views.parts.reasons import not_met
from handlers.views.parts.verdict import headline, mark
from tests.support.known_sample import KnownPartner, known_partners
from tiercore.questions.gap import Exactness, points_missing
from tiercore.questions.recalibration import Result
from tiercore.questions.requirements import State
from tiercore.questions.verdict import Verdict, VerdictKind

DAYS = (
    *(date(2022, 7, 18), date(2022, 9, 5), date(2022, 12, 20), date(2023, 1, 15)),
    *(date(2024, 3, 1), date(2025, 8, 1), date(2026, 2, 1), date(2026, 11, 28)),
)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def verdicts(request, sample, answers) -> list[tuple[KnownPartner, Verdict]]:
    """Every partner by what was known on the day, with the verdict of that day."""
    found = known_partners(sample, answers.program, request.param)
    return [(each, each.standing(request.param).verdict) for each in found]


def of(verdicts, *kinds: VerdictKind) -> list[tuple[KnownPartner, Verdict]]:
    return [(partner, verdict) for partner, verdict in verdicts if verdict.kind in kinds]


def test_a_tier_is_in_danger_if_and_only_if_the_recalibration_of_that_day_costs_it(verdicts):
    for partner, verdict in verdicts:
        review = partner.recalibration(partner.recalibration(verdict.as_of).day)
        assert (verdict.kind is VerdictKind.DANGER) is (review.result in (Result.FALLS, Result.AT_RISK))
        if verdict.is_bad:
            assert (verdict.day, verdict.outcome, verdict.tier) == (review.day, review.outcome, review.credited_tier)
            assert {each.name for each in verdict.causes} == {each.name for each in review.causes}


def test_a_tier_that_is_said_to_be_credited_is_reached_on_that_day(verdicts):
    for partner, verdict in of(verdicts, VerdictKind.RISES):
        assert partner.standing(verdict.day).performing.tier == verdict.tier
        assert partner.standing(verdict.day).verdict.kind in (VerdictKind.RISES, VerdictKind.DANGER)


def test_what_is_missing_for_the_next_tier_is_the_gap_on_the_day_on_which_it_can_be_credited(verdicts):
    for partner, verdict in of(verdicts, VerdictKind.GAIN):
        requirements = partner.gap(verdict.tier, verdict.day).requirements
        assert verdict.missing == points_missing(requirements)
        assert {each.name for each in verdict.causes} == {e.name for e in requirements if e.state is State.RED}


def test_numbers_that_will_be_too_low_are_too_low_on_that_day_for_that_reason(verdicts):
    for partner, verdict in of(verdicts, VerdictKind.FALLING):
        amiss = {each.name for each in partner.standing(verdict.turns_on).amiss}
        assert {each.name for each in verdict.causes} == amiss


def test_it_is_never_good_news_while_something_that_decides_is_unknown(verdicts):
    for partner, verdict in verdicts:
        found = partner.recalibration(verdict.as_of)
        if verdict.is_good and verdict.credited_tier:
            assert found.result is Result.PROTECTED or (found.result is Result.KEEPS and not found.open)
        if verdict.kind is VerdictKind.RISES:
            assert verdict.credited_on
            assert not found.climb.open
        if mark(verdict) in "🟢🎉":
            assert verdict.is_good


def test_the_first_line_names_the_tier_the_day_and_the_cause(verdicts):
    for partner, verdict in verdicts:
        first = tier_view.message(partner.standing(verdict.as_of)).blocks[0]["text"]["text"]
        said = headline(verdict)
        assert first.startswith(f"{mark(verdict)} {partner.facts.partner.name}: {said}"[:149])
        if verdict.is_bad or verdict.is_warning:
            assert tier_name(verdict.tier) in said
            assert in_words(verdict.protected_until or verdict.day) in said
            assert not_met(verdict.causes, verdict.as_of) in said
            assert verdict.causes


def test_the_text_of_a_notification_begins_with_the_same_words_as_the_message(verdicts):
    for partner, verdict in verdicts:
        message = tier_view.message(partner.standing(verdict.as_of))
        assert message.text.replace("\u2060", "").startswith(f"{mark(verdict)} ")
        assert headline(verdict) in message.text.replace("\u2060", "")


def test_a_tier_at_stake_stands_before_the_next_one(verdicts):
    for partner, verdict in of(verdicts, VerdictKind.DANGER, VerdictKind.BELOW, VerdictKind.FALLING):
        standing = partner.standing(verdict.as_of)
        text = str(tier_view.message(standing).blocks)
        held, following = (text.find(f"{tier_name(t)} requirements") for t in (verdict.tier, standing.target.name))
        assert 0 <= held <= following


def test_the_sample_has_every_kind_of_verdict(sample, answers):
    found = {
        partner.standing(day).verdict.kind
        for day in (date(2022, 9, 5), date(2024, 3, 1))
        for partner in known_partners(sample, answers.program, day)
    }
    assert found >= set(VerdictKind) - {VerdictKind.NOTHING}


def test_a_bound_is_said_where_a_figure_is_not_exact(verdicts):
    for _, verdict in of(verdicts, VerdictKind.GAIN):
        if verdict.missing and verdict.exactness is Exactness.AT_LEAST:
            assert "at least" in headline(verdict)
