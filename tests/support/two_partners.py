"""A database with the sample folder, users, open deals, what people said of them, and goals of two partners."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert
from sqlmodel import SQLModel

from tests.support.pipeline import import_deals
from tests.support.sample_folder import TABLE, write_folder
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.pipeline.service import PipelineDeals
from tiercore.program import Program, load_program
from tiercore.storage.engine import writing
from tiercore.storage.schema import upgrade
from tiercore.storage.transactions import Transactions
from tiercore.stored_deals import store_deal_points

TODAY = date(2022, 9, 5)
ANA = SlackUser("T01", "U0ANA")
ADMIN = SlackUser("T01", "U0ADMIN")
DEALS = (("PA", "C1"), ("PA", "C9"), ("PB", "C2"), ("PB", "C8"))
GOAL = {
    **dict.fromkeys(("team_id", "created_by"), "x"),
    "tier": "gold",
    "day": 738_000,
    "kept_on": 737_900,
    "missing": 1,
    "steps": "[]",
    "created_at": 0,
}


def load_table() -> Program:
    """The rules with the tests' thresholds."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.toml"
        file.write_text(TABLE)
        return load_program(file)


def fill(engine: Engine) -> None:
    """Migrate the empty database and fill it."""
    upgrade(engine)
    program = load_table()
    with TemporaryDirectory() as folder:
        data = write_folder(Path(folder) / "data")
        assert not import_folder(engine, program, data, today=TODAY).problems
        link_user(engine, ANA.team_id, ANA.user_id, "ana@example.com")
        link_user(engine, ANA.team_id, ADMIN.user_id, "admin@example.com")
        _fill_plans(engine, program, Path(folder) / "plans")


def _fill_plans(engine: Engine, program: Program, folder: Path) -> None:
    """Open deals, what people said of them, and goals, of Ana's partner and of another; C9 has nothing but a deal."""
    folder.mkdir()
    (folder / "clients.csv").write_text("client_id,name,country\nC8,Fremd,DE\nC9,Neu AG,DE\n")
    deals = [f"D{client},{partner},{client},,,Sales Hub,sourced,5,USD,2022-10-04,," for partner, client in DEALS]
    assert not import_deals(engine, program, folder, *deals, whole=False).problems
    now = datetime(2022, 9, 5, tzinfo=UTC)
    service = PipelineDeals(Transactions(engine, lambda: now), lambda _: TODAY)
    for _, client in DEALS:
        asyncio.run(service.move(ADMIN, f"D{client}", date(2022, 11, 4)))
    with writing(engine) as connection:
        goals = ({**GOAL, "goal_id": f"G{partner}", "partner_id": partner} for partner in ("PA", "PB"))
        connection.execute(insert(SQLModel.metadata.tables["goal"]), list(goals))
        store_deal_points(connection, program, TODAY)
