"""All partners of a reach judged together are judged as each of them alone (digests-and-alerts#several-partners)."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from handlers.views.answers.portfolio import message, shown
from handlers.views.answers.portfolio_rows import Part, lines_of
from tests.support.databases import Databases
from tests.support.sampled_partners import FIRST, TABLE, SampledPartner, sampled_partner, write_partners
from tiercore.access import Grant, Mailbox, Reach
from tiercore.answers import Answers
from tiercore.facts.entries import Certification, ToolUsage
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.holds import hold
from tiercore.portfolio.data import state_of
from tiercore.portfolio.state import PartnerState
from tiercore.program import Program, load_program
from tiercore.questions.advice import first_act
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.portfolio import SOON, partner_week
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

ADMIN = Mailbox("admin@example.com")


def a_program(chance: random.Random, folder: Path) -> Program:
    """The sampled partners' thresholds: other values for some, some that aren't set, and in two of three programs no
    target of retention but Elite's.
    """
    sections = [f"[{each}" for each in TABLE.split("[")[1:]]
    if chance.random() < 0.7:
        sections = [each for each in sections if not each.startswith("[retention")]
    if chance.random() < 0.3:
        del sections[chance.randrange(len(sections))]
    lines = "".join(sections).splitlines()
    for at, line in enumerate(lines):
        if line.startswith("2025-07-15") and chance.random() < 0.3:
            lines[at] = f"2025-07-15 = {{ value = {chance.choice((5, 20, 60, 80))} }}"
    if chance.random() < 0.5:
        lines += ["[requirements.tool_usage_median]", 'unit = "tools"', "2022-07-18 = { value = 4 }"]
    path = folder / "table.toml"
    path.write_text("\n".join(lines))
    return load_program(path)


def a_partner(chance: random.Random, partner_id: str, asked_about: Sequence[date]) -> SampledPartner:
    """A sampled partner; most of them have nothing that can't be known, and something that ends soon after a day that
    is `asked_about`.
    """
    found = sampled_partner(chance, partner_id)
    if chance.random() < 0.3:
        return found
    soon = chance.choice(asked_about) + timedelta(chance.randrange(-1, SOON + 3))
    until, member_until = (chance.choice((soon, day)) for day in (date(2028, 1, 1), date(2032, 1, 1)))
    certification = Certification(partner_id, "Solutions Partner Certification", FIRST, until)
    usage = [ToolUsage(book.client.client_id, FIRST, chance.choice((3, 5, 8))) for book in found.books]
    for book in found.books:
        sold_on = soon.replace(year=soon.year - 1, day=min(soon.day, 28))
        book.sales[0] = replace(book.sales[0], sold_on=chance.choice((sold_on, book.sales[0].sold_on)))
    invited_on = chance.choice((None, soon, found.partner.elite_invited_on))
    partner = replace(found.partner, membership_until=member_until, elite_invited_on=invited_on)
    tier = chance.choice((found.credited, "untiered", "gold", "gold"))
    return replace(found, partner=partner, certifications=[certification], usage=usage, held=(), credited=tier)


@asynccontextmanager
async def answers_about(seed: int, count: int, databases: Databases, folder: Path) -> AsyncIterator[Answers]:
    """The answers from a database of random partners, with some of their figures on hold."""
    chance = random.Random(seed)
    folder.mkdir()
    program = a_program(chance, folder)
    days = days_of(random.Random(seed), 4)
    partners = [a_partner(chance, f"P{number}", days) for number in range(count)]
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
    expiry = await answers.expiring(grant, SOON, day, limit=0)
    recalibration = await answers.recalibration(grant, day)
    week = partner_week(standing, before.balance, expiry, recalibration)
    if week.turns:  # which client's points to replace
        expiry = await answers.expiring(grant, SOON, day)
        week = replace(week, act=first_act(standing, expiry, recalibration))
    found = state_of(week, expiry, ())
    return replace(found, verdict=(await answers.tier(grant, day, in_detail=False)).verdict)


async def differing(answers: Answers, reach: Reach, day: date) -> list[tuple[PartnerState, PartnerState]]:
    """The lines that aren't what the partner's own questions say, in a list and on a page."""
    listed = (await answers.reports.states(reach, day)).rows
    page = await answers.reports.states(reach, day, count=len(reach.partners))
    assert len(listed) == len(page.rows) == len(reach.partners)
    pairs = []
    for row, line in zip(page.rows, listed, strict=True):
        one = await alone(answers, reach.grant_of(row.partner.partner_id), day)
        pairs += [(row, one), (line, replace(one, verdict=line.verdict))]
    return [(row, one) for row, one in pairs if row != one]


async def differing_levels(answers: Answers, reach: Reach, day: date) -> list[object]:
    """The levels of signals that aren't those of the partner's own signals, and how many partners' were told."""
    levels, _ = await answers.reports.levels_of(reach.grants, day)
    together = await answers.reports.signals_of(reach.grants, day)
    alone = [await answers.reports.signals(grant, day) for grant in reach.grants]
    assert {each.partner.partner_id: each for each in together} == {each.partner.partner_id: each for each in alone}
    said = {each.partner.partner_id: {one.name: one.level for one in each.items} for each in alone}
    return [(partner_id, found, said[partner_id]) for partner_id, found in levels.items() if found != said[partner_id]]


def days_of(chance: random.Random, count: int) -> list[date]:
    return [date(2023, 1, 1) + timedelta(chance.randrange(1_800)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(2))
async def test_a_partner_is_judged_among_all_as_alone(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 30, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(random.Random(seed), 3):
            assert await differing(answers, reach, day) == []


@pytest.mark.parametrize("seed", range(2))
async def test_signals_of_many_partners_are_those_of_each(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 30, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(random.Random(seed), 3):
            assert await differing_levels(answers, reach, day) == []


@pytest.mark.parametrize("seed", range(2))
async def test_the_digest_of_all_partners_has_the_week_of_each(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 20, databases, tmp_path / "random") as answers:
        reach, day = await answers.reach(ADMIN), days_of(random.Random(seed), 1)[0]
        portfolio = await answers.reports.portfolio(reach, day)
        known = KnownAt(day - timedelta(7))
        for week, grant in zip(portfolio.weeks, reach.grants, strict=True):
            one = await alone(answers, grant, day)
            assert state_of(week, await answers.expiring(grant, SOON, day), ()) == one
            assert week.hindsight == await answers.ledger.hindsight(grant, known.day, day, known)


async def differing_digests(answers: Answers, reach: Reach, day: date, chance: random.Random) -> list[str]:
    """What a digest whose partners are read in full only where it shows them has other than that of everybody."""
    told = chance.choice((None, KnownAt(day - timedelta(chance.randrange(1, 40)))))
    whole = await answers.reports.portfolio(reach, day, told)
    brief = await answers.reports.portfolio(reach, day, told, shown)
    same = {name: (getattr(whole, name), getattr(brief, name)) for name in ("lines", "by_doubt", "goals", "version")}
    for part in Part:
        same[part] = lines_of(whole, part), lines_of(brief, part)
    for line in shown(brief):
        same[line.name] = whole.week(line), brief.week(line)
    same["message"] = message(whole), message(brief)
    return [name for name, (one, other) in same.items() if one != other]


@pytest.mark.parametrize("seed", range(2))
async def test_a_digest_says_the_same_when_only_those_it_shows_are_read_in_full(
    seed: int, databases: Databases, tmp_path: Path
):
    chance = random.Random(seed)
    async with answers_about(seed, 40, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(chance, 3):
            assert await differing_digests(answers, reach, day, chance) == []


async def test_a_digest_of_an_older_reach_is_of_the_data_as_it_is_now(databases: Databases, tmp_path: Path):
    async with answers_about(3, 10, databases, tmp_path / "random") as answers:
        reach, chance = await answers.reach(ADMIN), random.Random(3)
        day = days_of(chance, 1)[0]
        older = replace(reach, version=reach.version - 1, versions=dict.fromkeys(reach.versions, -1))
        await answers.reports.portfolio(older, day, None, shown)
        assert await differing_digests(answers, older, day, chance) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_partner_is_judged_among_all_as_alone_in_many_programs(
    databases: Databases, tmp_path: Path, share_of: Callable[[int], int]
):
    for seed in range(100, 100 + share_of(8)):
        async with answers_about(seed, 40, databases, tmp_path / str(seed)) as answers:
            reach = await answers.reach(ADMIN)
            for day in days_of(random.Random(seed), 4):
                assert await differing(answers, reach, day) == []
                assert await differing_levels(answers, reach, day) == []
                assert await differing_digests(answers, reach, day, random.Random(seed)) == []
