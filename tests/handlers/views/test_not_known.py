"""What isn't set or isn't on file is not stated as a fact, and advice counts everything that expires."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.views.answers import portfolio, progress, recalibration
from handlers.views.answers import tier as tier_view
from handlers.views.parts.advice import in_a_sentence
from handlers.views.parts.awards import awards_lines
from tests.support.partner_days import DAY, PartnerDay
from tests.support.recalibration import JUNE, TABLE, VALID, facts, review, timeline
from tiercore.facts.points import MICRO, Source
from tiercore.program import Program, load_program
from tiercore.questions.advice import advice_on
from tiercore.questions.awards import ManagedYear
from tiercore.questions.expiry import Lapse, expiry_within
from tiercore.questions.portfolio import portfolio_of
from tiercore.questions.standing import notes_on, standing_on, untiered_notes
from tiercore.questions.verdict import verdict_of
from tiercore.rating.credits import Cause

ENDED = replace(VALID, valid_until=date(2023, 7, 10))
ROWS = timeline((date(2023, 1, 1), 700))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("rules") / "own.toml"
    path.write_text(TABLE)
    return load_program(path)


def test_points_are_not_called_enough_on_a_sampling_day_where_no_threshold_is_set():
    said = recalibration.message(review(load_program(), facts("gold", date(2022, 1, 15), ENDED), ROWS))
    shown = str(said.blocks)
    assert "points are enough" not in said.text + shown
    assert "the certification is not met; combined points, sold minimum and managed minimum aren't set" in shown


def test_points_are_called_enough_where_every_figure_is_met(program: Program):
    said = recalibration.message(review(program, facts("gold", date(2022, 1, 15), ENDED), ROWS)).text
    assert "15 Jul 2023: points are enough; the certification is not" in said


def test_a_sampling_day_that_is_white_although_the_points_reach_the_tier_says_why(program: Program):
    found = recalibration.message(review(program, facts("gold", date(2022, 1, 15), ENDED), ROWS)).text
    assert "15 Jun 2023: points reach Platinum, but the certification won't be valid on 15 Jul 2023" in found
    assert "but the" not in recalibration.message(review(program, facts("gold"), ROWS)).text


def lapse(points: int, day: date, client: str, line: str, cause: Cause = Cause.SALE_EXPIRED, **more) -> Lapse:
    source = Source.MANAGED if cause is Cause.AGREEMENT_ENDED else Source.SOURCED
    return Lapse(client, f"Client {client}", line, source, points * MICRO // 2, day, cause, False, **more)


def advised(program: Program, left: int, *items: Lapse) -> list[str]:
    """What a Gold partner of 250 points is advised when `left` are left on the day of the last lapse."""
    partner, rows = facts("gold"), timeline((date(2023, 1, 1), 250), (items[-1].lapses_on, left))
    ahead = [row for row in rows if row.day > JUNE.toordinal()]
    expiry = expiry_within(90, JUNE, program, partner, rows[0], ahead, items, [])
    reviewed = review(program, partner, rows)
    found = advice_on(standing_on(JUNE, program, partner, rows[0]), expiry, reviewed)
    return [in_a_sentence(each, verdict_of(reviewed), program.on(JUNE), "USD") for each in found]


def test_an_agreement_takes_the_points_of_all_its_product_lines_with_it(program: Program):
    ends = JUNE + timedelta(60)
    lines = [lapse(each, ends, "C", str(each), Cause.AGREEMENT_ENDED) for each in (8, 4, 1)]
    [said] = [each for each in advised(program, 240, *lines) if each.startswith("Settle")]
    assert "takes 6.5 points with it" in said


def test_replacing_names_what_is_missing_and_all_that_expires_with_the_client_that_day(program: Program):
    ends = JUNE + timedelta(60)
    lines = [lapse(80, ends, "C", "Marketing Hub"), lapse(60, ends, "C", "Sales Hub"), lapse(100, ends, "D", "X")]
    [said] = [each for each in advised(program, 150, *lines) if each.startswith("Replace")]
    assert said.startswith("Replace 50 expiring points (Client C, where 70 expire, or another client): Gold's combined")


def test_an_agreement_that_does_not_cover_what_is_missing_says_how_much_is_short(program: Program):
    ends = JUNE + timedelta(60)
    [said] = [
        each
        for each in advised(program, 150, lapse(60, ends, "C", "X", Cause.AGREEMENT_ENDED))
        if each.startswith("Settle")
    ]
    assert said.endswith("in 60 days, 50 short")


def test_without_a_tier_on_file_none_is_stated(program: Program):
    unknown = replace(facts(None), credited_on=None)
    standing = standing_on(JUNE, program, unknown, ROWS[0], year=ManagedYear(0, 0, 1))
    assert "Credited tier: not on file" in tier_view.message(standing).text
    assert standing.awards is not None
    assert "⚪ Gold or higher: unknown: no credited tier on file" in list(awards_lines(standing.awards))
    assert untiered_notes(date(2023, 7, 16), program.on(JUNE), unknown) == [
        "no credited tier on file; if there is none, Gold was due by 2023-07-15: for partners who joined before "
        "2021-01-17"
    ]


def test_a_tier_that_was_taken_away_is_stated(program: Program):
    standing = standing_on(JUNE, program, facts(None), ROWS[0], year=ManagedYear(0, 0, 1))
    assert "Credited tier: no tier since 15 Jan 2022" in tier_view.message(standing).text
    assert standing.awards is not None
    assert "🔴 Gold or higher: not met" in list(awards_lines(standing.awards))


def test_expiring_does_not_point_to_itself(program: Program):
    balance = ROWS[0]._replace(unrated_sold=2, doubtful=1)
    expiry = expiry_within(90, JUNE, program, facts("gold"), balance, [], [], [])
    assert expiry.notes
    assert not any("/expiring" in each for each in expiry.notes)
    assert all(each.endswith(": see /expiring") for each in notes_on(program, balance))


def test_several_credits_that_are_not_counted_are_named_in_the_plural(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text("[deal_based.applies]\n2026-01-01 = { value = true }\n")
    notes = notes_on(load_program(path), ROWS[0]._replace(unrated_sold=2))
    assert any("2 credits are not counted because the rules or the data can't rate them" in each for each in notes)


def test_the_notes_of_a_cams_digest_begin_with_a_capital_letter():
    week = PartnerDay(facts(None), tuple(ROWS), load_program()).week
    [*_, footer] = portfolio.message(portfolio_of(DAY, [week])).blocks
    assert "Can't tell whether Gold, Platinum or Diamond is reached" in str(footer)


def test_a_total_that_went_up_and_came_back_is_as_many_points_and_not_unchanged(program: Program):
    """The points of the months between are in the table below it."""
    rows = timeline((date(2022, 1, 1), 330), (date(2023, 2, 1), 366), (date(2023, 5, 1), 330))
    found = PartnerDay(facts("gold"), tuple(rows), program).progress
    said = str(progress.message(progress.ProgressAnswer(found)).blocks)
    assert "; as many as on 31 Dec 2022" in said
    assert "unchanged" not in said
