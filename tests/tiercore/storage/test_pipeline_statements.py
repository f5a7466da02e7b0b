"""Open deals as they are read: each once, whatever else its partner has."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.support.pipeline import TODAY, import_deals
from tests.support.sample_folder import write_folder
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.planning.steps import Wish as PlanWish
from tiercore.program import Program, load_program
from tiercore.scenarios.wishes import Asked, Wish, WishKind
from tiercore.storage.reader import NOBODY, Query, Reader, Scope, create_reader
from tiercore.storage.transactions import Transactions


class MeasuredReader:
    """A reader that adds up the characters of the rows that it reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self.immediate, self.size = reader, reader.immediate, 0

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple[Any, ...]]]:
        found = await self._reader.fetch(*queries, scope=scope)
        self.size += len(repr(found))
        return found

    async def open(self) -> None:
        await self._reader.open()

    async def close(self) -> None:
        await self._reader.close()


async def sizes_read(engine: Engine, program: Program, folder: Path, number: int) -> dict[str, int]:
    """How much each answer that shows open deals reads of a partner with so many of them."""
    rows = (f"X{each:03},PA,,Neu {each:03},DE,Marketing Hub,sourced,900,USD,2022-10-20,60," for each in range(number))
    assert import_deals(engine, program, folder, *rows).problems == []
    reader = MeasuredReader(create_reader(engine.url))
    await reader.open()
    answers = Answers(Ledger(reader, program), Transactions(engine))
    plans, what_if = answers.plans, answers.what_if
    assert plans
    assert what_if
    grant = (await answers.reach(Mailbox("admin@example.com"))).grant_of("PA")
    new_client = Asked(Wish(WishKind.SELL, product_line="Sales Hub", hundredths=500_00), ("Neu", "001"))
    asked = {
        "pipeline": lambda: answers.pipeline(grant, TODAY),
        "progress": lambda: answers.progress(grant, TODAY),
        "gap": lambda: answers.gap(grant, "platinum", TODAY, by=TODAY + timedelta(200)),
        "digest": lambda: answers.reports.digest(grant, "progress", TODAY),
        "plan": lambda: plans.plan(grant, PlanWish("gold"), TODAY),
        "what if": lambda: what_if.ask(grant, [new_client], TODAY),
    }
    sizes = dict[str, int]()
    for name, ask in asked.items():
        reader.size = 0
        await ask()
        sizes[name] = reader.size
    await reader.close()
    return sizes


async def test_what_an_answer_reads_of_a_deal_does_not_grow_with_the_number_of_deals(engine: Engine, tmp_path: Path):
    program = load_program()
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    few = await sizes_read(engine, program, tmp_path / "few", 10)
    many = await sizes_read(engine, program, tmp_path / "many", 60)
    assert {name: size for name, size in many.items() if size > 6 * few[name]} == {}
    assert all(many[name] > few[name] for name in many)
