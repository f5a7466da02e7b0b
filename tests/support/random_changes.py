"""Random changes of the sample folder's data: imports of a few rows, and what people do."""

import random
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from tests.support.pipeline import TODAY, import_deals, import_entries, random_deals
from tiercore.access import SlackUser
from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Entry,
    Motion,
    Partner,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.facts.money import Money
from tiercore.people.holds import hold, lift
from tiercore.pipeline.service import PipelineDeals
from tiercore.program import Program
from tiercore.storage.engine import writing
from tiercore.storage.transactions import Transactions, utc_now

PARTNERS, CLIENTS = ("PA", "PB", "PC", "PD"), ("C1", "C2", "C3", "C4")
ADMIN = SlackUser("T01", "U0ADMIN")
LINES = ("Marketing Hub", "Sales Hub", "Service Hub Professional")
CERTIFICATION = "Solutions Partner Certification"


def an_entry(chance: random.Random) -> Entry:
    """A row of any kind that answers read, about any of the partners and clients."""
    partner, client, line = chance.choice(PARTNERS), chance.choice(CLIENTS), chance.choice(LINES)
    day, number = TODAY - timedelta(chance.randrange(-60, 500)), chance.randrange(4)
    money = Money(chance.choice((0, 50_00, 900_00, 7_000_00)), "USD")
    return chance.choice(
        (
            lambda: Partner(partner, f"Name {number}", "US", "USD", date(2019, 1, 1)),
            lambda: Client(client, f"Client {number}", chance.choice(("US", "IN"))),
            lambda: Sale(f"N{number}", partner, client, line, DealType.NET_NEW, Motion.SOURCED, money, _past(day)),
            lambda: Sale(f"D{number}", partner, client, line, DealType.UPSELL, Motion.ASSISTED, money, _past(day)),
            lambda: SubscriptionLevel(client, line, money, day, day + timedelta(400)),
            lambda: Agreement(f"B{number}", partner, client, day, chance.choice((None, day + timedelta(300)))),
            lambda: ToolUsage(client, TODAY.replace(month=chance.randint(1, 9), day=1), chance.randrange(6)),
            lambda: Certification(partner, CERTIFICATION, date(2022, 1, 1), day + timedelta(400)),
            lambda: TierCredited(partner, chance.choice(("gold", "platinum")), _past(day)),
            lambda: chance.choice(random_deals(chance.randrange(100), partner)),
        )
    )()


def _past(day: date) -> date:
    return min(day, TODAY)


async def change(engine: Engine, program: Program, chance: random.Random, folder: Path) -> None:
    """One random change: mostly an import of a few rows, sometimes what people do."""
    partner = chance.choice((*PARTNERS, ""))
    kind = chance.randrange(10)
    if kind < 6:
        import_entries(engine, program, folder, [an_entry(chance) for _ in range(chance.choice((1, 1, 2, 5)))])
    elif kind == 6:
        with writing(engine) as connection:
            hold(connection, "expiry", partner, "being corrected", utc_now())
    elif kind == 7:
        with writing(engine) as connection, suppress(ValueError, LookupError):
            lift(connection, "expiry", partner, utc_now())
    elif kind == 8:
        import_deals(engine, program, folder, f"D{chance.randrange(4)},PA,C1,,,Sales Hub,sourced,5,USD,2022-10-04,,")
    else:
        service = PipelineDeals(Transactions(engine), lambda _: TODAY)
        with suppress(LookupError, ValueError):
            await service.move(ADMIN, f"D{chance.randrange(4)}", TODAY + timedelta(chance.randrange(1, 200)))
