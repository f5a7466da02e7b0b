"""Subscription levels typed in Slack: what they earn for managed clients, corrected and withdrawn (data#typed)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.sample_folder import FOLDER, TABLE, write_folder
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.facts.points import MICRO
from tiercore.facts.typed import Decision
from tiercore.ingest.importing import import_folder
from tiercore.people.types import NotAllowed
from tiercore.program import load_program
from tiercore.storage import typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.tables.derived import BalanceRow
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Earning, Kind, Rejected

TODAY = date(2022, 9, 5)
ANA, CARLA, ADMIN = (SlackUser("T01LOCAL", f"U0{name}") for name in ("ANA", "CARLA", "ADMIN"))
LEVEL = {
    "client_id": "C1",
    "product_line": "Service Hub",
    "mrr": "1000",
    "currency": "USD",
    "effective_on": "2022-09-01",
}


def a_level(partner: str = "PA", **cells: str) -> Draft:
    return Draft(Kind.LEVEL, partner, {**LEVEL, **cells}, "00000000A1")


@pytest.fixture
def entries(engine: Engine, tmp_path: Path) -> TypedEntries:
    """The sample folder, imported, and its people linked."""
    (tmp_path / "rules.toml").write_text(TABLE)
    program = load_program(tmp_path / "rules.toml")
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=TODAY).stored
    for name in ("ana", "carla", "admin"):
        link_user(engine, "T01LOCAL", f"U0{name.upper()}", f"{name}@example.com")
    return TypedEntries(engine, program, lambda: datetime(2022, 9, 5, 12, tzinfo=UTC))


def managed(engine: Engine, partner: str = "PA") -> int:
    """The managed points of the partner today, in micropoints."""
    with engine.connect() as connection:
        days = table(BalanceRow)
        found = select(days.c.managed).where(days.c.partner_id == partner, days.c.day <= TODAY.toordinal())
        return int(connection.scalar(found.order_by(days.c.day.desc()).limit(1)) or 0)


async def test_a_level_earns_what_the_preview_said(engine: Engine, entries: TypedEntries):
    before = managed(engine)
    preview = await entries.preview(CARLA, a_level(), TODAY)
    assert preview.earning == Earning(10 * MICRO, date(2022, 11, 1), "", "managed")
    assert managed(engine) == before
    await entries.save(CARLA, a_level(), TODAY)
    assert managed(engine) == before + 10 * MICRO


async def test_a_level_is_corrected_and_withdrawn(engine: Engine, entries: TypedEntries):
    before = managed(engine)
    saved = await entries.save(CARLA, a_level(), TODAY)
    again = await entries.save(CARLA, replace(a_level(mrr="2000"), edits=saved.entry_id), TODAY)
    assert managed(engine) == before + 20 * MICRO
    await entries.withdraw(CARLA, again.entry_id, "Another client's.", TODAY)
    assert managed(engine) == before


async def test_a_level_that_corrects_a_file_s_is_as_it_was_once_withdrawn(engine: Engine, entries: TypedEntries):
    before = managed(engine)
    level = a_level(product_line="Sales Hub", effective_on="2022-03-01", mrr="0")
    assert (await entries.preview(CARLA, level, TODAY)).earning == Earning(0, None, "the line is cancelled", "managed")
    saved = await entries.save(CARLA, level, TODAY)
    assert managed(engine) == before - 30 * MICRO
    await entries.withdraw(CARLA, saved.entry_id, "It wasn't cancelled.", TODAY)
    assert managed(engine) == before


async def test_a_level_without_an_agreement_earns_nothing_yet_and_says_why(entries: TypedEntries):
    earning = (await entries.preview(CARLA, a_level("PB", client_id="C4"), TODAY)).earning
    assert earning == Earning(0, None, "no agreement with the client is in force on 5 Sep 2022", "managed")


async def test_nobody_types_levels_of_a_client_that_is_not_the_partner_s(entries: TypedEntries):
    for user, level in ((ANA, a_level(client_id="C3")), (CARLA, a_level("PB")), (CARLA, a_level("PB", client_id="C3"))):
        with pytest.raises(Rejected) as refused:
            await entries.preview(user, level, TODAY)
        assert set(refused.value.errors) == {"client_id"}


async def test_a_partner_proposes_a_level(engine: Engine, entries: TypedEntries):
    assert not (await entries.preview(ANA, a_level(), TODAY)).direct
    with pytest.raises(NotAllowed):
        await entries.save(ANA, a_level(), TODAY)


async def test_a_file_s_row_of_the_same_day_waits_and_what_was_typed_counts(
    engine: Engine, entries: TypedEntries, tmp_path: Path
):
    await entries.save(CARLA, a_level(), TODAY)
    before, folder = managed(engine), tmp_path / "later"
    folder.mkdir()
    header, row = FOLDER["subscriptions.csv"].splitlines()[0], "C1,Service Hub,5000,USD,2022-09-01,"
    (folder / "subscriptions.csv").write_text(f"{header}\n{row}\n")
    program = load_program(tmp_path / "rules.toml")
    assert import_folder(engine, program, folder, today=TODAY).stored
    assert managed(engine) == before
    with engine.connect() as connection:
        [match] = typed_entries.matches(connection)
    shown = await entries.match_for(CARLA, match.match_id)
    assert shown
    assert (shown[0].kind, shown[1]) == (Kind.LEVEL, True)
    await entries.decide(CARLA, match.match_id, Decision.FILE, TODAY)
    assert managed(engine) == before + 40 * MICRO


async def test_managed_points_are_reached_with_typed_entries_alone(engine: Engine, entries: TypedEntries):
    client = await entries.save(ADMIN, Draft(Kind.CLIENT, "PD", {"name": "Neu", "country": "US"}, "00000000B1"), TODAY)
    of_client = {"client_id": client.preview.draft.cells["client_id"]}
    agreement = Draft(Kind.AGREEMENT, "PD", {**of_client, "starts_on": "2022-09-01"}, "00000000B2")
    await entries.save(CARLA, agreement, TODAY)
    await entries.save(CARLA, a_level("PD", **of_client), TODAY)
    assert managed(engine, "PD") == 10 * MICRO
