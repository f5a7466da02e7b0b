"""What open deals would earn is stored with every import and rebuild, and is what rating them anew gives."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from tests.support.pipeline import TODAY, import_deals, import_entries
from tests.support.random_changes import ADMIN, PARTNERS, change
from tests.support.reading_answers import answers_from
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import link_user
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.entries import SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.ingest.importing import import_folder
from tiercore.ingest.rebuilding import rebuild_everything
from tiercore.ledger import Ledger
from tiercore.pipeline.service import PipelineDeals
from tiercore.program import Program, load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.ledger import PipelineDealRow
from tiercore.storage.tables.pipeline import OpenDealPointsRow
from tiercore.storage.transactions import Transactions, utc_now
from tiercore.storage.versions import change_everything
from tiercore.stored_deals import store_deal_points

POINTS = table(OpenDealPointsRow)
LOWER_RATE = """
[rates.sourced.standard]
unit = "points per US$100 of MRR"
2020-01-01 = { value = 1 }
"""
DEALS = (
    "D1,PA,C1,,,Marketing Hub,sourced,900,USD,2022-09-20,95,",
    "D2,PA,,Neu GmbH,,Sales Hub,assisted,700,USD,2022-10-20,60,",
    "D3,PB,C2,,,Sales Hub,sourced,5000,EUR,2022-11-01,,",
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return _program(tmp_path / "rules.toml", TABLE)


def _program(file: Path, text: str) -> Program:
    file.write_text(text)
    return load_program(file)


@pytest.fixture
def filled(engine: Engine, program: Program, tmp_path: Path) -> Engine:
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    link_user(engine, ADMIN.team_id, ADMIN.user_id, "admin@example.com")
    return engine


@pytest.fixture
async def answers(filled: Engine, program: Program) -> AsyncIterator[Answers]:
    async with answers_from(filled.url, program, Transactions(filled)) as found:
        yield found


def stored(engine: Engine) -> dict[str, Any]:
    """The stored rows by partner."""
    with reading(engine) as connection:
        return {row.partner_id: tuple(row) for row in connection.execute(select(POINTS))}


def rated_anew(engine: Engine, program: Program) -> dict[str, Any]:
    """The rows with all deals rated again."""
    with writing(engine) as connection:
        store_deal_points(connection, program, TODAY)
    return stored(engine)


def forget(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(POINTS))


async def said(answers: Answers) -> list[Any]:
    """What the answers that show open deals say to each partner."""
    reach = await answers.reach(Mailbox("admin@example.com"))
    found: list[Any] = []
    for grant in map(reach.grant_of, PARTNERS):
        found.append(await answers.pipeline(grant, TODAY))
        found.append(await answers.progress(grant, TODAY))
        found += [
            (await answers.gap(grant, "platinum", TODAY, by=TODAY + timedelta(days))).pipeline for days in (30, 200)
        ]
    return found


@pytest.mark.slow
async def test_after_any_changes_what_is_stored_is_what_rating_anew_gives_and_so_are_the_answers(
    filled: Engine, program: Program, answers: Answers, tmp_path: Path, share_of: Callable[[int], int]
):
    chance, used = random.Random(29), 0
    for number in range(share_of(100)):
        await change(filled, program, chance, tmp_path / f"change{number}")
        before, by_stored = stored(filled), await said(answers)
        forget(filled)
        assert await said(answers) == by_stored, number
        anew = rated_anew(filled, program)
        assert {key: anew[key] for key in before} == before, number
        used += len(before)
    assert used > 10


def test_an_import_stores_what_the_deals_it_touches_would_earn_and_a_rehearsal_stores_nothing(
    filled: Engine, program: Program, tmp_path: Path
):
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    first = stored(filled)
    assert sorted(first) == ["PA", "PB"]
    level = SubscriptionLevel("C1", "Marketing Hub", Money(7_000_00, "USD"), TODAY + timedelta(30))
    import_entries(filled, program, tmp_path / "level", [level])
    then = stored(filled)
    assert then == rated_anew(filled, program)
    assert then["PB"] == first["PB"]
    (tmp_path / "deals" / "pipeline.csv").write_text(
        (tmp_path / "deals" / "pipeline.csv").read_text().replace("900", "1")
    )
    import_folder(filled, program, tmp_path / "deals", today=TODAY, dry_run=True)
    assert stored(filled) == then


def test_deals_that_a_whole_list_no_longer_has_are_stored_no_longer(filled: Engine, program: Program, tmp_path: Path):
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    import_deals(filled, program, tmp_path / "deals", DEALS[2])
    assert sorted(stored(filled)) == ["PB"]


def test_an_import_on_a_later_day_rates_the_deals_left_again(filled: Engine, program: Program, tmp_path: Path):
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    first = stored(filled)
    assert import_folder(filled, program, tmp_path / "data", today=TODAY + timedelta(16)).problems == []
    later = stored(filled)
    assert (later["PA"] != first["PA"], later["PB"] == first["PB"]) == (True, True)


async def test_other_rules_are_not_answered_by_what_is_stored_and_a_rebuild_stores_what_they_give(
    filled: Engine, program: Program, tmp_path: Path, answers: Answers
):
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    by_old, first = await said(answers), stored(filled)
    other = _program(tmp_path / "other.toml", f"{TABLE}{LOWER_RATE}")
    theirs = Answers(Ledger(answers.ledger.reader, other), Transactions(filled))
    by_new = await said(theirs)
    assert by_new != by_old
    rebuild_everything(filled, other, today=TODAY, at=utc_now())
    assert stored(filled).keys() == first.keys()
    assert stored(filled) != first
    assert stored(filled) == rated_anew(filled, other)


async def test_what_people_say_of_a_deal_forgets_what_was_stored_of_its_partner(
    filled: Engine, program: Program, tmp_path: Path, answers: Answers
):
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    service = PipelineDeals(Transactions(filled), lambda _: TODAY)
    await service.move(ADMIN, "D1", TODAY + timedelta(40))
    assert sorted(stored(filled)) == ["PB"]
    by_rating = await said(answers)
    rated_anew(filled, program)
    assert await said(answers) == by_rating


CHANGED = {
    "mrr_minor": 1,
    "currency": "EUR",
    "product_line": "Service Hub Professional",
    "motion": "assisted",
    "probability": 30,
    "client_id": "C2",
    "expected_on": TODAY + timedelta(60),
}


@pytest.mark.parametrize("column", CHANGED)
async def test_a_deal_that_was_changed_without_being_rated_is_not_answered_by_what_was_stored(
    column: str, filled: Engine, program: Program, tmp_path: Path, answers: Answers
):
    """As a process of an earlier release does, which doesn't know that something is stored."""
    import_deals(filled, program, tmp_path / "deals", *DEALS)
    deal = table(PipelineDealRow)
    with writing(filled) as connection:
        connection.execute(update(deal).where(deal.c.deal_id == "D1").values({column: CHANGED[column]}))
        change_everything(connection)
    by_stored = await said(answers)
    forget(filled)
    assert await said(answers) == by_stored
