"""All partners of a reach judged together are judged as each of them alone (how-tiers-work#portfolio)."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.sampled_partners import TABLE, sampled_partner, write_partners
from tiercore.access import Grant, Mailbox, Reach
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.holds import hold
from tiercore.portfolio.data import state_of
from tiercore.portfolio.state import PartnerState
from tiercore.program import Program, load_program
from tiercore.questions.advice import first_act
from tiercore.questions.portfolio import SOON, partner_week
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

ADMIN = Mailbox("admin@example.com")


def a_program(chance: random.Random, folder: Path) -> Program:
    """The sampled partners' thresholds, with other values for some and some that aren't set."""
    lines = TABLE.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("2025-07-15") and chance.random() < 0.3:
            lines[at] = f"2025-07-15 = {{ value = {chance.choice((5, 20, 60, 80, 200, 500))} }}"
        elif line.startswith("2022-07-18") and chance.random() < 0.1:
            lines[at] = ""
    if chance.random() < 0.5:
        lines += ["[requirements.tool_usage_median]", 'unit = "tools"', "2022-07-18 = { value = 4 }"]
    path = folder / "table.toml"
    path.write_text("\n".join(lines))
    return load_program(path)


@asynccontextmanager
async def answers_about(seed: int, count: int, databases: Databases, folder: Path) -> AsyncIterator[Answers]:
    """The answers from a database of random partners, with some of their figures on hold."""
    chance = random.Random(seed)
    folder.mkdir()
    program = a_program(chance, folder)
    partners = [sampled_partner(chance, f"P{number}") for number in range(count)]
    write_partners(folder / "files", partners)
    url = databases.filled(upgrade)
    engine = create_database_engine(url)
    assert import_folder(engine, program, folder / "files", today=date(2027, 12, 31)).problems == []
    with engine.begin() as connection:
        for each in partners:
            for figure in each.held:
                hold(connection, figure, each.partner.partner_id, "wrong", datetime(2023, 1, 1, tzinfo=UTC))
    engine.dispose()
    reader = create_reader(url)
    await reader.open()
    yield Answers(Ledger(reader, program))
    await reader.close()


async def alone(answers: Answers, grant: Grant, day: date) -> PartnerState:
    """The partner's line from the questions about it alone."""
    standing = await answers.standing(grant, day)
    before = await answers.standing(grant, day - timedelta(7))
    expiry = await answers.expiring(grant, SOON, day)
    recalibration = await answers.recalibration(grant, day)
    week = partner_week(standing, before.balance, expiry, recalibration)
    week = replace(week, act=first_act(standing, expiry, recalibration))
    found = state_of(week, expiry, ())
    return replace(found, verdict=(await answers.tier(grant, day, in_detail=False)).verdict)


async def differing(answers: Answers, reach: Reach, day: date) -> list[tuple[PartnerState, PartnerState]]:
    page = await answers.reports.states(reach, day, count=len(reach.partners))
    each_alone = [await alone(answers, reach.grant_of(row.partner.partner_id), day) for row in page.rows]
    assert len(page.rows) == len(reach.partners)
    return [(row, one) for row, one in zip(page.rows, each_alone, strict=True) if row != one]


def days_of(chance: random.Random, count: int) -> list[date]:
    return [date(2023, 1, 1) + timedelta(chance.randrange(1_800)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(2))
async def test_a_partner_is_judged_among_all_as_alone(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 30, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(random.Random(seed), 3):
            assert await differing(answers, reach, day) == []


@pytest.mark.slow
async def test_a_partner_is_judged_among_all_as_alone_in_many_programs(
    databases: Databases, tmp_path: Path, share_of: Callable[[int], int]
):
    for seed in range(100, 100 + share_of(16)):
        async with answers_about(seed, 60, databases, tmp_path / str(seed)) as answers:
            reach = await answers.reach(ADMIN)
            for day in days_of(random.Random(seed), 8):
                assert await differing(answers, reach, day) == []
