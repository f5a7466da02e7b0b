"""What /gap says first on a day to come, and its table wherever tables are refused (how-tiers-work#gap-on-a-day)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.local_slack.blockcheck.message import problems
from handlers.views.answers.gap import message
from handlers.views.answers.gap_headline import headline
from handlers.views.answers.gap_record import record
from handlers.views.parts.blocks import Message, cell_text
from handlers.views.parts.surfaces import NATIVES, without
from tests.support.partner_a import DAY, TABLE, balance, facts
from tests.support.partner_days import PartnerDay, lines_of, partner_days, programs
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.gap_on import GapOn, gap_on
from tiercore.questions.pipeline import Likelihood, Projection
from tiercore.rating.netting import CreditEvent
from tiercore.rating.timeline import Balance

JANUARY = date(2023, 1, 15)
MET = {"assisted": 400, "managed": 250, "tools_median_twice": 8}
HELD = Unknown("under correction since 2022-09-01: wrong at the source")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(TABLE)
    return load_program(path)


def event(day: date, points: int, source: Source, cause: str) -> CreditEvent:
    return CreditEvent("C1", "Acme", "Marketing Hub", source.value, day.toordinal(), cause, points * MICRO, 1)


def gap(program: Program, now: Balance, then: Balance, by: date = JANUARY, **more) -> GapOn:
    known = more.pop("facts", facts())
    return gap_on(by, more.pop("tier", "platinum"), DAY, program, known, (now, then), **more)


def table_of(answer: Message) -> list[list[str]]:
    [table] = [block for block in answer.blocks if block["type"] == "table"]
    return [[cell_text(cell) for cell in row] for row in table["rows"]]


def test_a_tier_met_today_but_not_on_the_day_is_the_headline_with_what_is_short(program: Program):
    found = gap(program, balance(**MET), balance(**{**MET, "assisted": 375}))
    assert headline(found) == "Platinum is met today, but not on 15 Jan 2023: 20 points short"


def test_a_tier_lost_to_a_certification_names_it_in_the_headline(program: Program):
    found = gap(program, balance(**MET), balance(**MET), date(2023, 2, 1))
    assert headline(found) == "Platinum is met today, but not on 1 Feb 2023: certification expires on 31 Jan 2023"


def test_a_tier_not_met_today_that_will_be_on_the_day_is_the_headline(program: Program):
    found = gap(program, balance(**{**MET, "managed": 100}), balance(**MET))
    assert headline(found) == "Platinum isn't met today, but will be on 15 Jan 2023"


def test_a_tier_met_on_both_days_says_so(program: Program):
    assert headline(gap(program, balance(**MET), balance(**MET))) == "Platinum is met today, and on 15 Jan 2023"


def test_otherwise_the_number_to_earn_by_the_day_comes_first_and_what_else_is_missing_with_it(program: Program):
    now = balance(assisted=270, managed=150)
    assert headline(gap(program, now, now)) == "225 points to Platinum by 15 Jan 2023"
    later = gap(program, now, now, date(2023, 2, 1))
    assert headline(later) == "225 points to Platinum by 1 Feb 2023, and certification expires on 31 Jan 2023"


def test_the_table_leads_from_todays_points_to_those_of_the_day(program: Program):
    opened = [event(date(2022, 10, 1), 30, Source.MANAGED, "agreement_started")]
    closed = [event(date(2022, 11, 1), 100, Source.ASSISTED, "sale_aged_out")]
    found = gap(
        program, balance(assisted=270, managed=150), balance(assisted=170, managed=180), events=(opened, closed)
    )
    head, sold, managed, total, *_ = table_of(message(found))
    assert head == ["Requirement", "Today", "Expires", "Starts", "15 Jan 2023", "Required", "State"]
    assert sold == ["Sold minimum", "270", "−100", "–", "170", "270", "🔴 100 short"]
    assert managed == ["Managed minimum", "150", "–", "+30", "180", "150", "🟢 met"]
    assert total == ["Combined points", "420", "−100", "+30", "350", "645", "🔴 295 short"]
    said = " ".join(lines_of(message(found)))
    assert "295 points to earn: 100 sold + 195 of any kind" in said
    assert "1 Nov 2022  −100  Acme, Marketing Hub: assisted sale, 12 months old" in said
    assert "1 Oct 2022  +30  Acme, Marketing Hub: managed, agreement starts" in said


def test_what_the_pipeline_brings_is_told_apart_from_what_counts(program: Program):
    deals = [
        Projection(each, number, points * MICRO, (Balance(DAY.toordinal(), sourced=points * MICRO),))
        for number, (each, points) in enumerate(zip(Likelihood, (0, 100, 225), strict=True))
    ]
    now = balance(assisted=270, managed=150)
    found = gap(program, now, now, pipeline=deals)
    assert headline(found) == "225 points to Platinum by 15 Jan 2023"
    assert (
        "Pipeline by 15 Jan 2023, not counted above: with the likely deals +100, 125 missing · "
        "with all open deals +225, no points missing"
    ) in lines_of(message(found))
    assert record(found)["pipeline"]["likely"] == {"points": "100.00", "missing": "125.00"}


def test_while_expiry_is_under_correction_it_is_about_today_and_says_why(program: Program):
    now = balance(assisted=270, managed=150)
    found = gap(program, now, balance(), facts=replace(facts(), holds={"expiry": HELD}))
    assert headline(found) == "225 points to Platinum"
    assert "Today's points, not those of 15 Jan 2023: under correction since 1 Sep 2022" in " ".join(
        lines_of(message(found))
    )
    assert record(found)["expiring"] is record(found)["starting"] is None


def test_the_parts_of_the_record_add_up_to_the_points_to_earn(program: Program):
    found = record(gap(program, balance(assisted=270, managed=150), balance(assisted=230, managed=140)))
    assert found["to_earn"]["points"] == "275.00"
    assert [(part["requirement"], part["points"]) for part in found["to_earn"]["parts"]] == [
        ("sold_minimum", "40.00"),
        ("managed_minimum", "10.00"),
        (None, "225.00"),
    ]
    assert (found["by"], found["today"]["combined"], found["today"]["met"]) == ("2023-01-15", "420.00", False)


@pytest.fixture(scope="module")
def every_program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    return programs(tmp_path_factory.mktemp("every"))


@given(data=st.data(), days=st.integers(0, 365))
def test_every_gap_fits_slack_with_its_table_and_without(every_program: dict[str, Program], data, days: int):
    rules = data.draw(st.sampled_from(sorted(every_program)))
    asked: PartnerDay = data.draw(partner_days(every_program[rules], held=True))
    answer = message(asked.gap_on_in(days))
    assert problems(answer.blocks, "message") == []
    adapted = without(answer, NATIVES, [], 100)
    assert problems(adapted, "modal") == []
    assert not any(block["type"] in NATIVES for block in adapted)


@given(data=st.data())
def test_no_gap_calls_a_tier_met_that_is_not_known_to_be(every_program: dict[str, Program], data):
    rules = data.draw(st.sampled_from(sorted(every_program)))
    asked: PartnerDay = data.draw(partner_days(every_program[rules], held=True))
    found = asked.gap_on_in(data.draw(st.integers(1, 365)))
    said = headline(found)
    says_met_then = any(words in said for words in ("will be met on", "but will be on", "is met today, and on"))
    assert says_met_then == (found.is_ahead and found.then.is_met is True)
    assert "is met" not in said or (found.is_met_today if "is met today" in said else found.then.is_met)
