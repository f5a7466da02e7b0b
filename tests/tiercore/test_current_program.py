"""The rules follow what people enter, in every replica."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select

from tests.support.sample_folder import write_folder
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.approvals.service import Approvals
from tiercore.approvals.tier_table import KIND, TierTable
from tiercore.approvals.types import NewProposal
from tiercore.facts.points import MICRO
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.program.entered import FigureChange, TableChange
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.reader import create_reader
from tiercore.storage.tables.approvals import RuleValueRow

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
