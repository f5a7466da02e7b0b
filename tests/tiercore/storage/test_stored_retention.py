"""Stored retention: written with the timelines and read with the facts, on both engines."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.engine import URL

from tests.support.old_schema import step_back
from tests.support.sample_folder import FOLDER, write_folder
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.points import MICRO
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.rating.install_base import month_of
from tiercore.rating.retention_months import retention_months
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.derive import REBUILD_NEEDED, rebuild_all, stored_fingerprint
from tiercore.storage.engine import writing
from tiercore.storage.reader import NOBODY, Query, Scope, create_reader
from tiercore.storage.schema import current_revision, upgrade
from tiercore.storage.tables.derived import CreditRow, RetentionRow
from tiercore.storage.tables.ledger import SubscriptionLevelRow

PROGRAM = load_program()
TODAY = date(2022, 9, 5)
RETENTION = ("customer_dollar_retention", "gross_revenue_retention")
CANCELLATION = "C1,Sales Hub,0,USD,2022-08-15,\n"


def run(engine: Engine, folder: Path, **options: bool) -> None:
    assert import_folder(engine, PROGRAM, folder, today=TODAY, **options).problems == []


def stored(engine: Engine) -> list[tuple]:
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(table(RetentionRow))))


class Counting:
    """A reader that counts its statements."""

    def __init__(self, url: URL) -> None:
        self.inner, self.fetched = create_reader(url), 0
        self.immediate, self.open, self.close = self.inner.immediate, self.inner.open, self.inner.close

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> list[list[tuple]]:
        self.fetched += 1
        return await self.inner.fetch(*queries, scope=scope)


async def figures(url: URL, *days: date) -> Sequence[object]:
    """Partner A's C$R or GRR on the days, each read together with everything else."""
    reader = Counting(url)
    await reader.open()
    answers = Answers(Ledger(reader, PROGRAM))
    grant = (await answers.reach(Mailbox("ana@example.com"))).grant("PA")
    found: list[object] = []
    for day in days:
        reader.fetched = 0
        gap = await answers.gap(grant, "elite", day)
        assert reader.fetched == 1
        found.extend(each.have for each in gap.today.requirements if each.name in RETENTION)
    await reader.close()
    return found


async def test_an_imported_cancellation_lowers_retention_from_the_next_month_for_a_year(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data", subscriptions=FOLDER["subscriptions.csv"] + CANCELLATION))
    days = [date(2022, 8, 31), date(2022, 9, 1), date(2023, 8, 31), date(2023, 9, 1)]
    assert await figures(engine.url, *days) == [100 * MICRO, 80 * MICRO, 80 * MICRO, 100 * MICRO]


async def test_a_lasting_base_continues_after_the_last_stored_month(engine: Engine, tmp_path: Path):
    open_end = FOLDER["agreements.csv"].replace("2022-10-31", "")
    run(engine, write_folder(tmp_path / "data", agreements=open_end))
    assert stored(engine)[-1][1] < month_of(date(2040, 1, 1))
    assert await figures(engine.url, date(2040, 1, 1)) == [100 * MICRO]


def test_stored_rows_match_the_stored_credits_of_each_partner_with_a_base(engine: Engine, tmp_path: Path):
    run(engine, write_folder(tmp_path / "data"))
    with engine.connect() as connection:
        credits = [rows.credit(row) for row in connection.execute(select(table(CreditRow))).mappings()]
        found = connection.execute(select(table(SubscriptionLevelRow))).mappings()
        levels = [rows.subscription_level(row) for row in found]
    expected = [
        (partner, *month)
        for partner in ("PA", "PB", "PC", "PD")
        for month in retention_months([each for each in credits if each.partner_id == partner], levels, PROGRAM)
    ]
    assert stored(engine) == expected
    assert {row[0] for row in expected} == {"PA", "PB", "PD"}


@pytest.mark.parametrize(
    ("file", "row"),
    [
        ("subscriptions", "C1,Marketing Hub,8250,USD,2022-08-15,"),
        ("agreements", "A1,PA,C1,2021-01-01,2024-06-30"),
        ("sales", "S1,PC,C1,Marketing Hub,net_new,assisted,6000,USD,2021-10-05"),
    ],
)
def test_a_clients_change_updates_its_partners_retention_like_a_rebuild(
    engine: Engine, tmp_path: Path, file: str, row: str
):
    run(engine, write_folder(tmp_path / "data"))
    before = stored(engine)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / f"{file}.csv").write_text(FOLDER[f"{file}.csv"].splitlines()[0] + f"\n{row}\n")
    run(engine, tmp_path / "more", dry_run=True)
    assert stored(engine) == before
    run(engine, tmp_path / "more")
    after = stored(engine)
    assert after != before
    with writing(engine) as connection:
        rebuild_all(connection, PROGRAM)
    assert stored(engine) == after


@pytest.mark.parametrize("revision", ["0001", "0006", "0007"])
async def test_a_rebuild_adds_retention_to_an_upgraded_database(engine: Engine, tmp_path: Path, revision: str):
    run(engine, write_folder(tmp_path / "data", subscriptions=FOLDER["subscriptions.csv"] + CANCELLATION))
    before = stored(engine)
    step_back(engine, revision)
    assert current_revision(engine) == revision
    assert upgrade(engine)
    assert stored(engine) == []
    with writing(engine) as connection:
        assert stored_fingerprint(connection) == REBUILD_NEEDED
        rebuild_all(connection, PROGRAM)
    assert stored(engine) == before
    assert await figures(engine.url, TODAY) == [80 * MICRO]


def test_an_import_into_an_upgraded_database_rates_everything(engine: Engine, tmp_path: Path):
    folder = write_folder(tmp_path / "data")
    run(engine, folder)
    before = stored(engine)
    step_back(engine, "0001")
    upgrade(engine)
    run(engine, folder)
    assert stored(engine) == before


def test_an_empty_database_needs_no_rebuild(engine: Engine):
    with engine.connect() as connection:
        assert stored_fingerprint(connection) is None


@pytest.mark.parametrize(
    ("day", "low"),
    [(date(2022, 3, 1), 12_000_00), (date(2021, 12, 31), 0), (date(2022, 11, 1), 0), (date(2020, 1, 1), 0)],
    ids=["a year of it", "it began within the year", "the agreement has ended", "before everything"],
)
async def test_the_lowest_managed_mrr_covers_every_day_of_the_year(engine: Engine, tmp_path: Path, day: date, low: int):
    run(engine, write_folder(tmp_path / "data"))
    reader = create_reader(engine.url)
    await reader.open()
    answers = Answers(Ledger(reader, PROGRAM))
    standing = await answers.standing_in_detail((await answers.reach(Mailbox("ana@example.com"))).grant("PA"), day)
    await reader.close()
    assert standing.awards is not None
    assert standing.awards.conditions[0].have == low
