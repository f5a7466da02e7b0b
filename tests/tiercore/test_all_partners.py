"""An admin's list of all partners is kept between questions, and is never older than the data that was read with it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from tests.support.databases import Databases
from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import TODAY
from tiercore.access import Mailbox, NotLinked, Partners, SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.people.linking import link, unlink
from tiercore.program import load_program
from tiercore.storage import reach_statements
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

ADMIN, CARLA = Mailbox("admin@example.com"), Mailbox("carla@example.com")


class Counting:
    """A reader that counts its reads."""

    def __init__(self, url: URL) -> None:
        self._reader, self.reads = create_reader(url), 0
        self.before_all_partners: Callable[[], object] = lambda: None
        self.immediate, self.open, self.close = self._reader.immediate, self._reader.open, self._reader.close

    async def fetch(self, *queries: Any, **asking: Any) -> list[list[tuple[Any, ...]]]:
        self.reads += 1
        if queries[0][0] is reach_statements.EVERY_PARTNER:
            self.before_all_partners()
        return await self._reader.fetch(*queries, **asking)


def renamed(folder: Path, name: str) -> Path:
    text = FOLDER["partners.csv"].replace("Zweite GmbH", name)
    return write_folder(folder, partners=text)


async def test_all_partners_are_read_again_only_when_the_data_has_changed(databases: Databases, tmp_path: Path):
    (tmp_path / "rules.toml").write_text(TABLE)
    program, url = load_program(tmp_path / "rules.toml"), databases.filled(upgrade)
    engine, reader = create_database_engine(url), Counting(url)
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    await reader.open()
    ledger = Ledger(reader, program)
    first = await ledger.reach(ADMIN)
    read = reader.reads
    again = await ledger.reach(ADMIN)
    assert reader.reads == read + 1, "who asks is read for each question"
    assert again.partners is first.partners
    assert import_folder(engine, program, renamed(tmp_path / "new", "Dritte GmbH"), today=TODAY).problems == []
    later = await ledger.reach(ADMIN)
    assert later.grant("dritte").partner.partner_id == "PB"
    assert [each.name for each in later.partners if each.partner_id == "PB"] == ["Dritte GmbH"]
    assert [each.partner_id for each in (await ledger.reach(CARLA)).partners] != [
        each.partner_id for each in later.partners
    ]
    assert isinstance(later.partners, Partners)
    await reader.close()
    engine.dispose()


async def test_an_admin_whose_link_ends_meanwhile_leaves_the_list_of_the_others_whole(
    databases: Databases, tmp_path: Path
):
    (tmp_path / "rules.toml").write_text(TABLE)
    program, url = load_program(tmp_path / "rules.toml"), databases.filled(upgrade)
    engine, reader = create_database_engine(url), Counting(url)
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).problems == []
    leaves, stays, now = SlackUser("T1", "U1"), SlackUser("T1", "U2"), datetime(2022, 9, 5, tzinfo=UTC)

    def unlinked() -> None:
        reader.before_all_partners = lambda: None
        with engine.begin() as connection:
            unlink(connection, leaves, now)

    with engine.begin() as connection:
        for each in (leaves, stays):
            link(connection, each, ADMIN.email, now)
    await reader.open()
    ledger, reader.before_all_partners = Ledger(reader, program), unlinked
    with pytest.raises(NotLinked):
        await ledger.reach(leaves)
    assert {"PA", "PB"} <= {each.partner_id for each in (await ledger.reach(stays)).partners}
    await reader.close()
    engine.dispose()
