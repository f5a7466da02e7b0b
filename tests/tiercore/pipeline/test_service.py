"""What people say of open deals, and asking about those past their day, on both engines."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.support.pipeline import import_deals
from tests.support.sample_folder import write_folder
from tests.support.served_bot import link_user
from tiercore.access import NotLinked, SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.people.people import unlink_user
from tiercore.people.types import InvalidChange
from tiercore.pipeline.service import PipelineDeals
from tiercore.pipeline.types import NoSuchDeal
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.engine import PEOPLE_LOCK, reading
from tiercore.storage.tables.ledger import PipelineDealRow, SaleRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.people import AuditRow
from tiercore.storage.transactions import Transactions
from tiercore.typed.service import TypedEntries
from tiercore.typed.types import Draft, Kind

PROGRAM, TODAY, TEAM = load_program(), date(2022, 9, 5), "T01LOCAL"
NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
ANA, BEA, CARLA, ADMIN, EVE = (SlackUser(TEAM, f"U0{name}") for name in ("ANA", "BEA", "CARLA", "ADMIN", "EVE"))
COMING = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-10-04,95,ana@example.com"
PAST = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-01,95,ana@example.com"


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    assert import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=TODAY).problems == []
    return engine


def linked(engine: Engine, *users: str) -> None:
    for each in users:
        link_user(engine, TEAM, f"U0{each.upper()}", f"{each}@example.com")


def service(engine: Engine, today: date = TODAY, now: datetime = NOW) -> PipelineDeals:
    return PipelineDeals(Transactions(engine, lambda: now, PEOPLE_LOCK), lambda _moment: today)


@pytest.fixture
def deals(filled: Engine, tmp_path: Path) -> Callable[..., None]:
    def stored(*rows: str) -> None:
        assert import_deals(filled, PROGRAM, tmp_path / "deals", *rows).problems == []

    return stored


def asked(engine: Engine) -> list[str]:
    """Whom messages about deals are for, in the order in which they were queued."""
    source = table(OutboxRow)
    with reading(engine) as connection:
        keyed = select(source.c.place).where(source.c.key.startswith("pipeline_deal:")).order_by(source.c.outbox_id)
        return list(connection.scalars(keyed))


def deal_ids(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return sorted(connection.scalars(select(table(PipelineDealRow).c.deal_id)))


async def test_a_deal_of_another_partner_reads_as_one_that_does_not_exist(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana", "bea", "carla", "admin")
    deals(COMING)
    found = service(filled)
    for work in (
        lambda user, deal: found.find(user, deal),
        lambda user, deal: found.lose(user, deal),
        lambda user, deal: found.put_off(user, deal),
        lambda user, deal: found.move(user, deal, TODAY + timedelta(9)),
        lambda user, deal: found.as_sale(user, deal, "00000000A1"),
    ):
        for deal_id in ("D1", "D9", "' OR 1=1", ""):
            with pytest.raises(NoSuchDeal):
                await work(BEA, deal_id)
        with pytest.raises(NotLinked):
            await work(EVE, "D1")
    for user in (ANA, CARLA, ADMIN):
        assert (await found.find(user, "D1")).client == "Acme"


async def test_a_day_that_is_over_or_far_away_is_refused(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana")
    deals(COMING)
    for day in (TODAY - timedelta(1), TODAY + timedelta(400)):
        with pytest.raises(InvalidChange):
            await service(filled).move(ANA, "D1", day)
    await service(filled).move(ANA, "D1", TODAY)
    assert (await service(filled).find(ANA, "D1")).expected_on == TODAY


async def test_what_was_said_is_in_the_audit(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana")
    deals(COMING)
    await service(filled).lose(ANA, "D1")
    with reading(filled) as connection:
        rows = connection.execute(select(table(AuditRow))).all()
    assert any("deal lost" in map(str, row) and "ana@example.com" in map(str, row) for row in rows)


async def test_many_replicas_ask_once(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana", "carla")
    deals(PAST)
    await asyncio.gather(*(service(filled).ask_about_past() for _ in range(8)))
    for _ in range(3):
        deals(PAST)
        await service(filled).ask_about_past()
    assert asked(filled) == ["U0ANA"]


class CountingTransactions(Transactions):
    """Transactions that count those that write."""

    writes = 0

    async def write(self, change, patience=0):
        self.writes += 1
        return await super().write(change, patience)


async def test_nothing_is_written_while_nobody_can_be_asked(filled: Engine, deals: Callable[..., None]):
    deals(PAST)
    transactions = CountingTransactions(filled, lambda: NOW, PEOPLE_LOCK)
    waiting = PipelineDeals(transactions, lambda _: TODAY)
    assert [await waiting.ask_about_past() for _ in range(3)] == [0, 0, 0]
    assert transactions.writes == 0
    linked(filled, "ana")
    assert await waiting.ask_about_past() == 1


async def test_a_day_that_people_moved_is_asked_about_once_when_it_is_over(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana")
    deals(PAST)
    assert await service(filled).ask_about_past() == 1
    await service(filled).move(ANA, "D1", TODAY + timedelta(3))
    assert await service(filled).ask_about_past() == 0
    later = service(filled, TODAY + timedelta(4))
    assert [await later.ask_about_past() for _ in range(3)] == [1, 0, 0]


async def test_who_is_asked_is_the_owner_then_who_typed_it_then_the_partners_people_then_its_cam(
    filled: Engine, deals: Callable[..., None]
):
    row = "D1,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-01,95,"
    deals(row + "bea@example.com")  # who may not see Partner A
    linked(filled, "bea")
    assert await service(filled).ask_about_past() == 0
    assert asked(filled) == [], "it waits until somebody is linked whom it concerns"
    linked(filled, "carla")
    assert await service(filled).ask_about_past() == 1
    linked(filled, "ana")
    deals(row + "bea@example.com", "D2,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-02,95,carla@example.com")
    await service(filled).ask_about_past()
    deals("D3,PA,C1,,,Sales Hub,sourced,5000,USD,2022-09-02,95,")
    await service(filled).ask_about_past()
    assert asked(filled) == ["U0CARLA", "U0CARLA", "U0ANA"]


async def test_an_old_list_of_deals_asks_nobody_more_than_five_times_a_day(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana")
    deals(*(PAST.replace("D1", f"D{number}") for number in range(12)))
    queued = [await service(filled, now=NOW + timedelta(days=days)).ask_about_past() for days in (0, 0, 1, 2, 3)]
    assert queued == [5, 0, 5, 2, 0]


async def test_a_deal_that_is_gone_from_a_whole_file_is_closed_and_one_that_was_typed_stays(
    filled: Engine, deals: Callable[..., None], tmp_path: Path
):
    linked(filled, "ana")
    deals(COMING, COMING.replace("D1", "D2"))
    typed = TypedEntries(filled, PROGRAM, lambda: NOW)
    cells = {
        "client_id": "C1",
        "product_line": "Sales Hub",
        "motion": "sourced",
        "mrr": "10",
        "currency": "USD",
        "expected_on": "2022-10-01",
        "probability": "",
    }
    await typed.save(ANA, Draft(Kind.DEAL, "PA", cells, "00000000A1"), TODAY)
    deals(COMING)
    assert deal_ids(filled) == ["D1", "T-00000000A1"]
    imported = import_deals(filled, PROGRAM, tmp_path / "part", COMING.replace("D1", "D3"), whole=False)
    assert (imported.problems, deal_ids(filled)) == ([], ["D1", "D3", "T-00000000A1"])


async def test_a_deal_whose_sale_is_imported_under_its_id_is_won(
    filled: Engine, deals: Callable[..., None], tmp_path: Path
):
    linked(filled, "ana")
    deals(COMING)
    sale = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
    folder = tmp_path / "sales"
    folder.mkdir()
    (folder / "sales.csv").write_text(f"{sale}D1,PA,C1,Sales Hub,upsell,sourced,5000,USD,2022-09-04\n")
    imported = import_folder(filled, PROGRAM, folder, today=TODAY)
    assert (imported.counts["pipeline.csv"].removed, deal_ids(filled)) == (1, [])
    with pytest.raises(NoSuchDeal):
        await service(filled).find(ANA, "D1")


async def test_a_won_deals_sale_keeps_its_id_however_often_the_window_is_opened(
    filled: Engine, deals: Callable[..., None]
):
    linked(filled, "ana")
    deals(PAST)
    first = await service(filled).as_sale(ANA, "D1", "00000000A1")
    again = await service(filled).as_sale(ANA, "D1", "00000000B2")
    assert (first.token, again.token, first.kind) == ("00000000A1", "00000000A1", Kind.SALE)
    assert first.cells["sold_on"] == "2022-09-01"


async def test_what_was_said_of_a_deal_ends_when_it_is_another_partners(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana", "bea")
    deals(PAST)
    await service(filled).as_sale(ANA, "D1", "00000000A1")
    await service(filled).ask_about_past()
    await service(filled).lose(ANA, "D1")
    deals(PAST.replace("PA,C1", "PB,C2"))
    found = await service(filled).find(BEA, "D1")
    assert (found.client, found.asked_for) == ("Be, Inc", None)
    assert (await service(filled).as_sale(BEA, "D1", "00000000B2")).token == "00000000B2"
    assert await service(filled).ask_about_past() == 1
    assert asked(filled) == ["U0ANA", "U0BEA"]
    await service(filled).put_off(BEA, "D1")
    for work in (service(filled).find(ANA, "D1"), service(filled).lose(ANA, "D1")):
        with pytest.raises(NoSuchDeal):
            await work


async def test_later_on_an_old_card_leaves_the_day_that_somebody_gave_the_deal(
    filled: Engine, deals: Callable[..., None]
):
    linked(filled, "ana", "carla")
    deals(PAST)
    await service(filled).move(CARLA, "D1", TODAY + timedelta(9))
    with pytest.raises(InvalidChange, match="another day"):
        await service(filled).put_off(ANA, "D1")
    assert (await service(filled).find(ANA, "D1")).expected_on == TODAY + timedelta(9)


async def test_people_who_say_it_at_once_lose_a_deal_once(filled: Engine, deals: Callable[..., None]):
    linked(filled, "ana", "carla", "admin")
    deals(COMING)
    work = (service(filled).lose(user, "D1") for user in (ANA, CARLA, ADMIN) * 3)
    found = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["DealLine", *["NoSuchDeal"] * 8]


async def test_people_who_win_a_deal_at_once_type_one_sale(filled: Engine, deals: Callable[..., None]):
    linked(filled, "carla", "admin")
    deals(COMING)
    typed = TypedEntries(filled, PROGRAM, lambda: NOW)

    users = (CARLA, ADMIN) * 3
    drafts = await asyncio.gather(
        *(service(filled).as_sale(user, "D1", f"{number:010X}") for number, user in enumerate(users))
    )
    upsells = [replace(each, cells={**each.cells, "deal_type": "upsell"}) for each in drafts]
    await asyncio.gather(*(typed.save(user, each, TODAY) for user, each in zip(users, upsells, strict=True)))
    with reading(filled) as connection:
        sales = connection.scalars(select(table(SaleRow).c.sale_id)).all()
    assert len([each for each in sales if each.startswith("T-")]) == 1
    with pytest.raises(NoSuchDeal):
        await service(filled).find(ADMIN, "D1")


async def test_where_the_one_who_was_asked_sees_it_no_more_the_next_is_asked(
    filled: Engine, deals: Callable[..., None]
):
    linked(filled, "ana", "carla")
    deals(PAST)
    await service(filled).ask_about_past()
    Transactions(filled).write_now(lambda db, _: unlink_user(db, ANA))
    assert await service(filled).ask_about_past() == 0, "the message may still be delivered"
    await service(filled).ask_somebody_else("D1")
    assert [await service(filled).ask_about_past() for _ in range(3)] == [1, 0, 0]
    assert asked(filled) == ["U0ANA", "U0CARLA"]


async def test_a_won_deal_with_a_client_that_has_bought_nothing_becomes_a_sale(
    filled: Engine, deals: Callable[..., None], tmp_path: Path
):
    linked(filled, "carla")
    folder = tmp_path / "clients"
    folder.mkdir()
    (folder / "clients.csv").write_text("client_id,name,country\nC9,Neu AG,DE\n")
    assert import_folder(filled, PROGRAM, folder, today=TODAY, keep_people=True).problems == []
    deals(PAST.replace("C1", "C9"), "D2,PA,,Neu GmbH,DE,Sales Hub,sourced,10,USD,2022-10-04,,")
    draft = await service(filled).as_sale(CARLA, "D1", "00000000A1")
    typed = TypedEntries(filled, PROGRAM, lambda: NOW)
    choices, _ = await typed.form(CARLA, draft, TODAY)
    assert "C9" in {client_id for client_id, _ in choices.clients or ()}
    await typed.save(CARLA, replace(draft, cells={**draft.cells, "deal_type": "net_new"}), TODAY)
    with pytest.raises(NoSuchDeal):
        await service(filled).find(CARLA, "D1")


def test_a_bad_pipeline_names_every_cell(filled: Engine, tmp_path: Path):
    imported = import_deals(
        filled,
        PROGRAM,
        tmp_path / "bad",
        "D1,PA,,,,Sales Hub,sourced,5000,USD,2022-10-04,95,",
        "D2,PA,C9,,,Sales Hub,sourced,5000,USD,2022-10-04,101,",
        "D3,PX,C1,,,Sales Hub,guessed,-1,USD,soon,half,nobody",
        "D3,PA,C1,,,Sales Hub,sourced,1,USD,2022-10-04,,",
    )
    assert {(each.line, each.column) for each in imported.problems} == {
        (2, "client_id"),
        *((3, column) for column in ("client_id", "probability")),
        *((4, column) for column in ("partner_id", "motion", "mrr", "expected_on", "probability", "owner")),
        (5, "deal_id"),
    }
    assert all(each.remedy for each in imported.problems)
