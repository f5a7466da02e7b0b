"""The program's workspace and those of two partners, PB and PC, with something stored of every kind about Partner A,
whose people send nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person
from bot.wiring import Core
from tests.support.forged_workspaces import BEA, OTHER, OWN, PETRA, PROGRAM
from tests.support.installed_app import PARTNERS, InstalledApp, installed_app
from tests.support.sample_folder import FOLDER as SAMPLE
from tests.support.served_bot import TODAY, link_user
from tests.support.typed import VALUES, opened
from tests.support.waiting import wait_until
from tiercore.ingest.importing import import_folder
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading, writing
from tiercore.storage.tables.approvals import ProposalRow
from tiercore.storage.tables.notifications import OutboxRow

Workspaces = tuple[InstalledApp, dict[str, Slack]]
NOW = datetime(2022, 9, 5, 12, tzinfo=UTC)
THIRD = replace(
    PARTNERS,
    people=(Person("U0PETRA", "petra", "Petra", "petra@example.com"), Person("U0QUENTIN", "quentin", "Quentin")),
    channels=(Channel("C03TEAM", "team"),),
    team_id=OTHER,
    enterprise_id="E03DRITTE",
    name="Dritte",
    domain="dritte",
    bot_user_id="U03TIERBOT",
)
FOLDER = {
    "clients.csv": "client_id,name,country\nKAHID,Verdeckt Alpha,US\nKCHID,Versteckt Gamma,US\n",
    "sales.csv": "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
    "SAHID,PA,KAHID,Sales Hub,net_new,sourced,4177.31,USD,2022-08-05\n"
    "SCHID,PC,KCHID,Sales Hub,net_new,sourced,5277.49,USD,2022-08-05\n",
    "people.csv": f"{SAMPLE['people.csv']}petra@example.com,Petra Heimlich,partner,PC\n",
}
STORED = {
    "figure_case": {
        "case_id": "CASEPA",
        "partner_id": "PA",
        "client_id": "KAHID",
        "figure": "mrr",
        "measure": "mrr",
        "day": 738_400,
        "claimed": "Vertraulich 1",
        "explanations": "{}",
        "state": "open",
        "team_id": PROGRAM,
        "opened_by": "U0ANA",
        "opened_at": 1,
    },
    "goal": {
        "goal_id": "GOALPA",
        "partner_id": "PA",
        "tier": "gold",
        "day": 738_535,
        "kept_on": 738_400,
        "missing": 1,
        "steps": "[]",
        "team_id": PROGRAM,
        "created_by": "U0ADMIN",
        "created_at": 0,
    },
    "subscription": {
        "subscription_id": "SUBPA",
        "team_id": PROGRAM,
        "place": "U0ANA",
        "topic": "alerts",
        "weekday": 0,
        "minute": 540,
        "timezone": "UTC",
        "paused": False,
        "made_by": "U0ANA",
        "made_at": 0,
    },
    "link_request": {
        "request_id": "REQPA",
        "team_id": PROGRAM,
        "user_id": "U0EVE",
        "email": "ana@example.com",
    },
    "channel": {"team_id": PROGRAM, "channel_id": "C01SALES", "partner_id": "PA"},
    "upload": {
        "upload_id": "UPPA",
        "team_id": PROGRAM,
        "user_id": "U0CARLA",
        "state": "offered",
        "text": "Vertraulich",
        "counts": "[]",
    },
    "typed_entry": {
        "entry_id": "ENTRYPA",
        "file": "sales.csv",
        "entry_key": '["SAHID"]',
        "partner_id": "PA",
        "client_id": "KAHID",
        "cells": '{"sale_id": "SAHID", "partner_id": "PA", "mrr": "4177.31"}',
        "before": "{}",
        "entered_by": "carla@example.com",
        "entered_name": "Vertraulich",
        "entered_at": 1,
    },
    "pipeline_deal": {
        "deal_id": "DEALPA",
        "partner_id": "PA",
        "client_name": "Vertraulich Ltd",
        "product_line": "Sales Hub",
        "motion": "sourced",
        "mrr_minor": 417_731,
        "currency": "USD",
    },
}
IDS = ("CASEPA", "GOALPA", "SUBPA", "REQPA", "UPPA", "ENTRYPA", "DEALPA", "S4", "A1", "C3", "no-such-id")
NOT_COMPARED = {"outbox", "audit", "read_log", "answered_request", "signal", "rate_limit", "run"}


@asynccontextmanager
async def three_workspaces(core: Core, folder: Path) -> AsyncIterator[Workspaces]:
    """The bot in the three, where Bea and Petra are linked, and Carla in PB's, too; each workspace by its ID."""
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text)
    assert not import_folder(core.engine, core.program, folder, today=TODAY).problems
    async with installed_app(core) as app:
        second, third = await app.beside(PARTNERS, "PB"), await app.beside(THIRD, "PC")
        people = {BEA: "bea@example.com", PETRA: "petra@example.com", (OWN, "U0CARLA2"): "carla@example.com"}
        for (team, user), email in people.items():
            link_user(core.engine, team, user, email)
        yield app, {PROGRAM: app.slack, OWN: second, OTHER: third}


async def store_of_every_kind(app: InstalledApp) -> list[str]:
    """Store things about Partner A, in the program's workspace. Returns their IDs, and some that are nobody's."""
    _store_things(app.core)
    await _propose_sale(app)
    [proposed] = rows(app.core, ProposalRow)
    return [*IDS, proposed.proposal_id]


async def _propose_sale(app: InstalledApp) -> None:
    """Ana proposes a sale of Partner A's to a client of theirs."""
    window = await opened(app, "ana", "add sale")
    sale = {**VALUES, "client_id": "KAHID", "mrr": "4177.31"}
    checked = (await app.slack.submit_view("ana", window, sale)).shown[-1]
    await app.slack.submit_view("ana", checked)
    await wait_until(lambda: rows(app.core, ProposalRow), "it is proposed")
    await wait_until(lambda: {each.state for each in rows(app.core, OutboxRow)} == {"sent"}, "its cards are there")
    app.slack.journal.clear()


def _store_things(core: Core) -> None:
    dated: dict[str, Any] = {"link_request": {"asked_at": NOW}, "upload": {"received_at": NOW}}
    dated["pipeline_deal"] = {"expected_on": TODAY}
    with writing(core.engine) as connection:
        for name, row in STORED.items():
            connection.execute(insert(SQLModel.metadata.tables[name]), [{**row, **dated.get(name, {})}])


def snapshot(core: Core) -> dict[str, list[tuple[Any, ...]]]:
    """What is stored of the program's workspace, and of partners whose people send nothing."""
    found = {}
    with reading(core.engine) as connection:
        for name, source in SQLModel.metadata.tables.items():
            columns = [each for each in ("team_id", "partner_id") if each in source.c]
            if not columns or name in NOT_COMPARED:
                continue
            rows = connection.execute(select(source)).mappings()
            kept = [
                tuple(row.values())
                for row in rows
                if row.get("team_id") == PROGRAM or row.get("partner_id") in ("PA", "PD")
            ]
            found[name] = sorted(kept, key=str)
    return found


def rows(core: Core, model: Any) -> list[Any]:
    """The rows of a table."""
    with reading(core.engine) as connection:
        return list(connection.execute(select(table(model))).all())
