"""The lines of a portfolio are never older than the reach that they are asked for."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from tests.support.databases import Databases
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import TODAY
from tiercore.access import Mailbox
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.partner_states import PartnerStates
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

ADMIN = Mailbox("admin@example.com")


class Gated:
    """A reader whose sets of reads are answered when their gates open, those without one immediately."""

    def __init__(self, url: URL) -> None:
        self._reader, self.gates, self.waiting = create_reader(url), list[asyncio.Event | None](), 0
        self.immediate, self.open, self.close = self._reader.immediate, self._reader.open, self._reader.close

    async def fetch(self, *queries: Any, **asking: Any) -> list[list[tuple[Any, ...]]]:
        found = await self._reader.fetch(*queries, **asking)
        if len(queries) > 1 and self.gates and (gate := self.gates.pop(0)):
            self.waiting += 1
            await gate.wait()
        return found

    async def until_waiting(self, count: int) -> None:
        while self.waiting < count:
            await asyncio.sleep(0)


async def test_an_answer_under_way_from_older_data_changes_no_newer_one(databases: Databases, tmp_path: Path):
    (tmp_path / "rules.toml").write_text(TABLE)
    program, url = load_program(tmp_path / "rules.toml"), databases.filled(upgrade)
    engine, reader = create_database_engine(url), Gated(url)
    assert import_folder(engine, program, write_folder(tmp_path / "old"), today=TODAY).problems == []
    await reader.open()
    ledger = Ledger(reader, program)
    states = PartnerStates(ledger)
    before, slow, slower = await ledger.reach(ADMIN), asyncio.Event(), asyncio.Event()
    reader.gates = [slow, None, slower]
    older = asyncio.create_task(states.states(before, TODAY))
    await reader.until_waiting(1)
    renamed = FOLDER["partners.csv"]
    for name in ("Partner A", "Zweite GmbH"):
        renamed = renamed.replace(name, f"New {name}")
    folder = write_folder(tmp_path / "new", partners=renamed)
    assert import_folder(engine, program, folder, today=TODAY).problems == []
    after = await ledger.reach(ADMIN)
    newer = asyncio.create_task(states.states(after, TODAY))
    await reader.until_waiting(2)
    slow.set()
    await older
    slower.set()
    assert await newer == await PartnerStates(ledger).states(after, TODAY)
    assert await states.states(after, TODAY) == await newer
    await reader.close()
    engine.dispose()
