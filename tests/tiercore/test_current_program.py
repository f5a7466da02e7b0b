"""The rules follow what people enter, in every replica."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.sample_folder import write_folder
from tests.support.served_bot import link_user
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.approvals.service import Approvals
from tiercore.approvals.tier_table import KIND, TierTable
from tiercore.approvals.types import NewProposal
from tiercore.facts.points import MICRO
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.types import InvalidChange
from tiercore.program import load_program
from tiercore.program.entered import FigureChange, TableChange
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.reader import create_reader
from tiercore.storage.tables.approvals import RuleValueRow
from tiercore.storage.tables.notifications import OutboxRow

DAY = date(2022, 9, 5)


def proposal(value: str, before: str, since: date = DAY) -> NewProposal:
    figures = (FigureChange("platinum", "combined", value, before),)
    return NewProposal(KIND, TableChange(since, "Portal", figures).payload)


def approvals_of(engine: Engine) -> Approvals:
    return Approvals(engine, {KIND: TierTable(load_program()).enter})


async def test_every_replica_answers_by_what_was_entered_as_soon_as_it_is_in_force(engine: Engine, tmp_path: Path):
    program = load_program()
    assert not import_folder(engine, program, write_folder(tmp_path / "data"), today=DAY).problems
    readers = [create_reader(engine.url), create_reader(engine.url)]
    for reader in readers:
        await reader.open()
    replicas = [Answers(Ledger(reader, program)) for reader in readers]

    async def totals() -> list[object]:
        found = []
        for answers in replicas:
            reach = await answers.reach(Mailbox("ana@example.com"))
            found.append((await answers.gap(reach.grant("PA"), "platinum", DAY)).rules.tier("platinum").combined)
        return found

    assert await totals() == [645 * MICRO, 645 * MICRO]
    before = await replicas[0].version()
    await approvals_of(engine).carry_out(proposal("700", "645"))
    assert await replicas[0].version() > before
    assert await totals() == [700 * MICRO, 700 * MICRO]
    for reader in readers:
        await reader.close()


async def test_an_entry_ends_the_one_before_and_is_ended_by_the_one_after_and_nothing_is_deleted(engine: Engine):
    approvals = approvals_of(engine)
    await approvals.carry_out(proposal("700", "645", date(2022, 9, 1)))
    await approvals.carry_out(proposal("720", "700", date(2022, 11, 1)))
    await approvals.carry_out(proposal("710", "700", date(2022, 10, 1)))
    await approvals.carry_out(proposal("715", "710", date(2022, 10, 1)))
    values = table(RuleValueRow)
    columns = select(values.c.value, values.c.valid_from, values.c.valid_until)
    with reading(engine) as connection:
        rows = [tuple(row) for row in connection.execute(columns.order_by(values.c.value_id))]
    assert rows == [
        ("700", date(2022, 9, 1), date(2022, 10, 1)),
        ("720", date(2022, 11, 1), None),
        ("710", date(2022, 10, 1), date(2022, 10, 1)),
        ("715", date(2022, 10, 1), date(2022, 11, 1)),
    ]


async def test_the_news_goes_to_everyone_who_works_for_the_program_and_to_no_partner(engine: Engine, tmp_path: Path):
    assert not import_folder(engine, load_program(), write_folder(tmp_path / "data"), today=DAY).problems
    for name in ("ana", "carla", "admin"):
        link_user(engine, "T01", f"U0{name.upper()}", f"{name}@example.com")
    await approvals_of(engine).carry_out(proposal("700", "645"))
    outbox = table(OutboxRow)
    with reading(engine) as connection:
        assert sorted(connection.scalars(select(outbox.c.place))) == ["U0ADMIN", "U0CARLA"]


async def test_a_figure_that_has_changed_meanwhile_refuses_the_whole_table(engine: Engine):
    approvals = approvals_of(engine)
    await approvals.carry_out(proposal("700", "645"))
    figures = (FigureChange("gold", "combined", "300", "not set"), FigureChange("platinum", "combined", "720", "645"))
    with pytest.raises(InvalidChange, match=r"Platinum's total is 700 by now, and was 645"):
        await approvals.carry_out(NewProposal(KIND, TableChange(DAY, "Portal", figures).payload))
    with reading(engine) as connection:
        assert list(connection.scalars(select(table(RuleValueRow).c.value))) == ["700"]
