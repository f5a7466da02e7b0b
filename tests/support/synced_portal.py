"""A ledger synced with a local HubSpot: the mapping of its portal, syncs, and what a ledger holds."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

from sqlalchemy import Engine, select

from bot.hubspot.sync import HubSpotSync, Portal
from bot.hubspot.wanted import Wanted, wanted
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import MAPPING as PORTAL_MAPPING
from bot.playground.portal import Rows
from tests.support.hubspot_reading import HASTY
from tests.support.portals import write_rows
from tiercore.ingest.importing import import_folder
from tiercore.program import load_program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.derived import BalanceRow, CreditRow
from tiercore.storage.tables.history import ImportRow
from tiercore.storage.transactions import utc_now

PROGRAM = load_program()
NO_LIMITS = {"in_ten_seconds": 100_000, "searches_in_a_second": None}
TODAY = date(2022, 12, 5)
MAPPING = PORTAL_MAPPING.read_text("utf-8")
WANTED = wanted(MAPPING, "mapping.toml")


def sync_with(
    engine: Engine,
    hubspot: HubSpot,
    *,
    mapping: Wanted = WANTED,
    share: Fraction = Fraction(1),
    clock: Callable[[], datetime] = utc_now,
) -> HubSpotSync:
    """Syncs a ledger with a local HubSpot, trying again at once."""
    portal = Portal(hubspot.token, hubspot.url, share, HASTY, searches_a_second=1_000)
    return HubSpotSync(engine, PROGRAM, portal, mapping, lambda: TODAY, clock)


def ledger(engine: Engine) -> dict[str, list[str]]:
    """Every entry and every derived figure of a ledger."""
    held = [*map(table, rows.TABLE_OF.values()), table(BalanceRow)]
    columns = {each.name: list(each.c) for each in held}
    credit = table(CreditRow)
    columns[credit.name] = [column for column in credit.c if column.name != "credit_id"]
    with engine.connect() as connection:
        return {name: sorted(map(repr, connection.execute(select(*of)))) for name, of in columns.items()}


def imports(engine: Engine) -> int:
    """How many imports are on record."""
    with engine.connect() as connection:
        return len(connection.execute(select(table(ImportRow))).all())


def ledger_of_files(facts: Rows, folder: Path) -> dict[str, list[str]]:
    """The ledger that the same facts give when they are imported as CSV files."""
    files = write_rows(facts, folder / "files")
    engine = create_database_engine(database_url(f"sqlite:///{folder / 'files.db'}"))
    upgrade(engine)
    result = import_folder(engine, PROGRAM, files, today=TODAY, at=datetime(2022, 12, 5, tzinfo=UTC))
    assert result.stored, result.problems
    try:
        return ledger(engine)
    finally:
        engine.dispose()
