"""A partner's own version changes whenever one of its answers does, and not with what is somebody else's."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from tests.support.goals import goal_row
from tests.support.pipeline import TODAY, import_entries
from tests.support.random_changes import ADMIN, CERTIFICATION, CLIENTS, PARTNERS, change
from tests.support.reading_answers import answers_from
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import link_user
from tiercore.access import Grant, Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import (
    SubscriptionLevel,
)
from tiercore.facts.money import Money
from tiercore.ingest.importing import import_folder
from tiercore.people.holds import hold
from tiercore.program import Program, load_program
from tiercore.questions.client import NoSuchClient
from tiercore.questions.gap import NothingAbove
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.goals import GoalRow
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.storage.versions import change_everything, change_partners
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind


@pytest.fixture
def program(tmp_path: Path) -> Program:
    rules = tmp_path / "rules.toml"
    rules.write_text(TABLE)
    return load_program(rules)


@pytest.fixture
def filled(engine: Engine, program: Program, tmp_path: Path) -> Engine:
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    link_user(engine, ADMIN.team_id, ADMIN.user_id, "admin@example.com")
    return engine


@pytest.fixture
async def answers(filled: Engine, program: Program) -> AsyncIterator[Answers]:
    async with answers_from(filled.url, program, Transactions(filled)) as found:
        yield found


async def grants(answers: Answers) -> dict[str, Grant]:
    reach = await answers.reach(Mailbox("admin@example.com"))
    return {each: reach.grant_of(each) for each in PARTNERS}


async def every_answer(answers: Answers, grant: Grant) -> dict[str, Any]:
    """What the partner's questions are answered with."""
    found: dict[str, Any] = {
        "tier": await answers.tier(grant, TODAY),
        "expiring": await answers.expiring(grant, 90, TODAY),
        "progress": await answers.progress(grant, TODAY),
        "clients": await answers.clients(grant, "points", 0, 10, TODAY),
        "changes": await answers.changes(grant, TODAY - timedelta(120), TODAY),
        "recalibration": await answers.recalibration(grant, TODAY),
        "why": await answers.why(grant, "combined", 0, 10, TODAY),
        "why retention": await answers.why_retention(grant, 0, 10, TODAY),
        "pipeline": await answers.pipeline(grant, TODAY),
        "goal": await answers.goal(grant, TODAY),
        "digest": replace(await answers.reports.digest(grant, "digest", TODAY), version=0),
        "credit day": await answers.reports.past_recalibration(grant, TODAY),
    }
    with suppress(NothingAbove):
        found["gap"] = await answers.gap_or_danger(grant, None, TODAY)
    for client in CLIENTS:
        with suppress(NoSuchClient):
            found[client] = await answers.client(grant, client, TODAY)
    return found


async def asked(answers: Answers) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """Each partner's version, and its answers of the same state."""
    found = await grants(answers)
    versions = {key: grant.version for key, grant in found.items()}
    return versions, {key: await every_answer(answers, grant) for key, grant in found.items()}


@pytest.mark.slow
async def test_whenever_an_answer_changes_so_has_the_partners_version(
    filled: Engine, program: Program, answers: Answers, tmp_path: Path, share_of: Callable[[int], int]
):
    chance = random.Random(26)
    before, told = await asked(answers)
    changed = kept = 0
    for number in range(share_of(60)):
        await change(filled, program, chance, tmp_path / f"change{number}")
        after, now = await asked(answers)
        for partner in PARTNERS:
            if now[partner] != told[partner]:
                different = [key for key in now[partner] if now[partner][key] != told[partner].get(key)]
                assert after[partner] > before[partner], (number, partner, different)
                changed += 1
            kept += after[partner] == before[partner]
        before, told = after, now
    assert min(changed, kept) > 5


async def test_an_import_about_one_partner_leaves_the_version_of_another(
    filled: Engine, program: Program, answers: Answers, tmp_path: Path
):
    before = {key: grant.version for key, grant in (await grants(answers)).items()}
    rows = [SubscriptionLevel("C3", "Marketing Hub", Money(500_00, "USD"), TODAY)]
    import_entries(filled, program, tmp_path / "level", rows)
    after = {key: grant.version for key, grant in (await grants(answers)).items()}
    assert [key for key in PARTNERS if after[key] != before[key]] == ["PC"]


async def test_the_same_files_again_leave_every_partners_version(
    filled: Engine, program: Program, answers: Answers, tmp_path: Path
):
    before = await grants(answers)
    import_folder(filled, program, tmp_path / "data", today=TODAY)
    assert await grants(answers) == before


async def test_other_rules_and_a_hold_on_everyone_change_every_partners_version(filled: Engine, answers: Answers):
    before = await grants(answers)
    with writing(filled) as connection:
        hold(connection, "expiry", "", "being corrected", utc_now())
    held = await grants(answers)
    assert all(held[key].version > before[key].version for key in PARTNERS)
    with writing(filled) as connection:
        change_everything(connection)
    assert all(grant.version > held[key].version for key, grant in (await grants(answers)).items())


async def test_a_goal_and_an_entry_typed_in_slack_change_the_version_of_their_partner(
    filled: Engine, program: Program, answers: Answers
):
    before = await grants(answers)
    with writing(filled) as connection:
        connection.execute(insert(table(GoalRow)), [goal_row("PB")])
        change_partners(connection, ["PB"])
    kept = await grants(answers)
    assert [key for key in PARTNERS if kept[key].version != before[key].version] == ["PB"]
    cells = {"certification": CERTIFICATION, "valid_from": "2022-09-01", "valid_until": "2023-09-01"}
    await TypedEntries(filled, program).save(ADMIN, Draft(Kind.CERTIFICATION, "PD", cells, "00000000A1"), TODAY)
    typed = await grants(answers)
    assert [key for key in PARTNERS if typed[key].version != kept[key].version] == ["PD"]


async def test_everyone_reads_the_versions_of_the_partners_they_see(answers: Answers):
    of_admin = await grants(answers)
    reach = await answers.reach(Mailbox("carla@example.com"))
    assert set(reach.versions) == {"PA", "PB", "PD"}
    assert all(reach.grant_of(key).version == of_admin[key].version for key in reach.versions)
