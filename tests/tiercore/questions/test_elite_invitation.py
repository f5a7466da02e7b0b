"""Elite is by invitation: a future one has no effect before its day (how-tiers-work#elite)."""

from datetime import date, timedelta

import pytest

from handlers.views.parts.requirement import in_words
from tests.support import partner_a
from tests.support.partner_a import PARTNER_A
from tests.support.retained import retained
from tiercore.facts.entries import Certification
from tiercore.program import Program, load_program
from tiercore.questions.requirements import Facts, Requirement, State, of_this_tier, retention_known
from tiercore.questions.standing import Standing, standing_on

INVITED = date(2022, 9, 5)
ELITE = partner_a.TABLE.replace("[thresholds.diamond", "[thresholds.elite").split("[thresholds.elite", 1)[1]
NINETY_PERCENT = retained(INVITED, 90_000_000)
TEAM = [Certification("PA", f"Course {number}", date(2022, 1, 1), date(2023, 1, 31)) for number in range(100)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(f"{partner_a.TABLE}[thresholds.elite{ELITE}")
    return load_program(table)


def facts(invited: date | None, tier: str = "diamond") -> Facts:
    held = partner_a.facts(tier, elite_invited_on=invited)
    return Facts(held.partner, [*held.certifications, *TEAM], tier, held.credited_on, NINETY_PERCENT)


def standing(program: Program, invited: date | None, on: date) -> Standing:
    plenty = PARTNER_A._replace(
        day=on.toordinal(), sourced=3_000_000_000, managed=3_000_000_000, tools_median_twice=8, portals=1
    )
    return standing_on(on, program, facts(invited), plenty)


def invitation(program: Program, invited: date | None, on: date) -> Requirement:
    rules = program.on(on)
    every = of_this_tier(rules.tier("elite"), rules, facts(invited), retention_known(rules, facts(invited)), as_of=on)
    return next(each for each in every if each.name == "elite_invitation")


def test_an_invitation_counts_from_its_day_and_not_before(program: Program):
    before, after = INVITED - timedelta(1), INVITED + timedelta(1)
    assert invitation(program, INVITED, before).state is State.RED
    assert invitation(program, INVITED, INVITED).state is State.GREEN
    assert invitation(program, INVITED, after).state is State.GREEN
    assert invitation(program, None, after).state is State.RED


def test_points_that_reach_elite_are_not_enough_before_the_invitation(program: Program):
    before = standing(program, INVITED, INVITED - timedelta(1))
    assert before.performing.tier == "diamond"
    assert "the numbers reach Elite; it also takes an invitation and a review" in before.notes
    invited = standing(program, INVITED, INVITED)
    assert invited.performing.tier == "elite"
    assert not any("takes an invitation" in note for note in invited.notes)


def test_a_future_invitation_is_shown_as_missing_until_its_day(program: Program):
    before = INVITED - timedelta(1)
    assert in_words(invitation(program, INVITED, before), before) == "missing: invitation begins on 5 Sep 2022"
    assert in_words(invitation(program, INVITED, INVITED), INVITED) == "met, invited on 5 Sep 2022"
    assert in_words(invitation(program, None, before), before) == "no Elite invitation on file"
