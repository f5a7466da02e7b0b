"""All partners of a reach judged together are judged as each of them alone (digests-and-alerts#several-partners)."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.views.answers.portfolio import message, shown
from handlers.views.answers.portfolio_rows import Part, lines_of
from tests.support.databases import Databases
from tests.support.random_programs import ADMIN, answers_about, days_of
from tiercore.access import Grant, Reach
from tiercore.answers import Answers
from tiercore.partner_states import PartnerStates
from tiercore.portfolio.data import state_of
from tiercore.portfolio.state import PartnerState
from tiercore.questions.advice import first_act
from tiercore.questions.hindsight import KnownAt
from tiercore.questions.portfolio import SOON, partner_week
from tiercore.questions.signals import Level
from tiercore.storage import portfolio_statements
from tiercore.storage.reader import NOBODY, Query, Scope


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
    listed = {each.partner.partner_id: each for each in await PartnerStates(answers.ledger).states(reach, day)}
    page = await answers.reports.states(reach, day)
    assert len(listed) == len(page.rows) == len(reach.partners)
    pairs = []
    for row in page.rows:
        line = listed[row.partner.partner_id]
        one = await alone(answers, reach.grant_of(row.partner.partner_id), day)
        brief = replace(one, verdict=None, act=None, rules=None, currency="")  # by whole numbers alone
        pairs += [(row, one), (line, one if line.verdict else brief)]
    return [(row, one) for row, one in pairs if row != one]


async def differing_levels(answers: Answers, reach: Reach, day: date) -> list[object]:
    """The levels of signals that aren't those of the partner's own signals, and how many partners' were told."""
    levels, _ = await answers.reports.levels_of(reach.grants, day)
    together = await answers.reports.signals_of(reach.grants, day)
    alone = [await answers.reports.signals(grant, day) for grant in reach.grants]
    assert {each.partner.partner_id: each for each in together} == {each.partner.partner_id: each for each in alone}
    said = {each.partner.partner_id: {one.name: one.level for one in each.items} for each in alone}
    return [(partner_id, found, said[partner_id]) for partner_id, found in levels.items() if found != said[partner_id]]


@pytest.mark.parametrize("seed", range(2))
async def test_a_partner_is_judged_among_all_as_alone(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 30, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(random.Random(seed), 3):
            assert await differing(answers, reach, day) == []


async def test_what_is_read_as_the_viewers_link_ends_isnt_kept_for_others(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with answers_about(0, 30, databases, tmp_path / "random") as answers:
        reach, fetch = await answers.reach(ADMIN), answers.ledger.reader.fetch
        unseen = list[Query]()

        async def shown_no_lapses(*queries: Query, scope: Scope = NOBODY) -> list[list[tuple[object, ...]]]:
            found = [each for each in queries if each[0] is portfolio_statements.LAPSES]
            unseen.extend(found)
            return [[] for _ in queries] if found else await fetch(*queries, scope=scope)

        day = days_of(random.Random(0), 2)[1]
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(answers.ledger.reader, "fetch", shown_no_lapses)
            await answers.reports.states(reach, day, count=len(reach.partners))
        assert unseen
        assert await differing(answers, reach, day) == []


@pytest.mark.parametrize("seed", range(2))
async def test_signals_of_many_partners_are_those_of_each(seed: int, databases: Databases, tmp_path: Path):
    async with answers_about(seed, 30, databases, tmp_path / "random") as answers:
        reach = await answers.reach(ADMIN)
        for day in days_of(random.Random(seed), 3):
            assert await differing_levels(answers, reach, day) == []


async def test_what_turns_red_soon_needs_no_question_of_its_own(databases: Databases, tmp_path: Path):
    async with answers_about(5, 40, databases, tmp_path / "random") as answers:
        reach, levels = await answers.reach(ADMIN), set[Level | None]()
        for day in days_of(random.Random(5), 4):
            assert await differing_levels(answers, reach, day) == []
            found, _ = await answers.reports.levels_of(reach.grants, day)
            levels.update(*[each.values() for each in found.values()])
    assert {Level.GREEN, Level.SOON, Level.RED} <= levels


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
