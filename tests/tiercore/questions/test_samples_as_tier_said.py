"""A past sample of the recalibration is what the standing of that day says, for partners of all sorts."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.answers_from_entries import months_of
from tests.support.entries import level, managed
from tests.support.recalibration import TABLE, facts
from tiercore.program import Program, load_program
from tiercore.questions.recalibration import recalibration_of, recalibration_on
from tiercore.questions.standing import standing_on
from tiercore.rating.credits import ClientBook
from tiercore.rating.install_base import month_of
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import MONTHS, RetentionMonth, retention_on
from tiercore.rating.timeline import balance_on, timeline_of

FIRST = date(2022, 1, 1)
RETENTION = "".join(
    f"[retention.{tier}]\n2022-07-18 = {{ value = {value} }}\n" for tier, value in (("gold", 60), ("platinum", 80))
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE.replace("= { value = 10 }", "= { value = 0 }") + RETENTION)
    return load_program(table)


def clients(chance: random.Random) -> list[ClientBook]:
    """Up to four clients whose MRR rises and falls, of two lines."""
    made = []
    for number in range(chance.randint(1, 4)):
        start = FIRST + timedelta(chance.randint(0, 400))
        levels = [level(start, chance.choice((5_000, 20_000, 40_000)))]
        for _ in range(chance.randint(0, 4)):
            line = chance.choice(("Marketing Hub Professional", "Sales Hub Professional"))
            amount = chance.choice((0, 0, 3_000, 20_000, 70_000))
            levels.append(level(start + timedelta(chance.randint(1, 900)), amount, line=line))
        kept = {(each.product_line, each.effective_on): each for each in levels}
        made.append(managed(*kept.values(), client=f"C{number}", starts_on=start))
    return made


def read(rows: list[RetentionMonth], first: date, last: date) -> list[RetentionMonth]:
    """The rows that the ledger reads for the days from the one to the other."""
    newest = max((row.month for row in rows if row.month < month_of(first)), default=0)
    return [row for row in rows if newest - MONTHS < row.month < month_of(last)]


def differences(program: Program, chance: random.Random) -> int:
    """How many past samples of one partner differ from the standing of their day; -1 for none compared."""
    made = clients(chance)
    credits = [credit for each in made for credit in credits_of(each, program)]
    timeline, rows = timeline_of(credits), months_of(*made, program=program)
    day = date(2023, 1, 1) + timedelta(chance.randint(0, 900))
    ends, begins = recalibration_of(day, program)
    held = facts("platinum", FIRST)
    known = replace(held, retention=retention_on(read(rows, min(begins, day), ends), day))
    found = recalibration_on(day, program, known, balance_on(timeline, day), timeline)
    past = [sample for sample in found.samples if not sample.projected]
    wrong = 0
    for sample in past:
        then = replace(held, retention=retention_on(read(rows, sample.day, sample.day), sample.day))
        said = standing_on(sample.day, program, then, balance_on(timeline, sample.day))
        wrong += sample.reached != said.performing
    return wrong if past else -1


def compared(program: Program, partners: int) -> list[int]:
    return [differences(program, random.Random(seed)) for seed in range(partners)]


def test_a_past_sample_is_what_tier_said_on_that_day(program: Program):
    found = compared(program, 200)
    assert set(found) <= {0, -1}
    assert found.count(0) > 100


@pytest.mark.slow
def test_a_past_sample_is_what_tier_said_on_that_day_on_10_000_random_partners(program: Program):
    assert set(compared(program, 10_000)) <= {0, -1}
