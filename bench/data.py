"""Data for the benchmarks: a partner with 1,000 entries and one with 100,000."""

import csv
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.people.linking import link
from tiercore.program import load_program
from tiercore.storage.transactions import Transactions

SIZES = {"USMALL": 1_000, "ULARGE": 100_000}
_FIRST, _DAYS = date(2017, 1, 1), 365 * 6


def write_folder(folder: Path, sizes: Mapping[str, int] = SIZES) -> None:
    """Write CSV files for the partners, with sales spread evenly over six years and a client per 20 sales."""
    random_ = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    partners, clients, sales, people, tiers, agreements, levels = [], [], [], [], [], [], []
    for user, size in sizes.items():
        partner = f"P-{user}"
        partners.append([partner, f"Partner {user}", "US", "USD", "2016-01-01"])
        people.append([f"{user.lower()}@example.com", user, "partner", partner])
        tiers.append([partner, "gold", "2022-01-15"])
        for number in range(size):
            client = f"C-{user}-{number // 20}"
            sold_on = _FIRST + timedelta(number * _DAYS // size)
            if number % 20 == 0:
                clients.append([client, f"Client {number // 20}", "US"])
            if number % 400 == 0:
                agreements.append([f"A-{client}", partner, client, sold_on, ""])
                levels.append([client, "Hub", random_.randrange(100, 2000), "USD", sold_on])
            deal = "net_new" if number % 20 == 0 else "upsell"
            row = [f"S-{user}-{number}", partner, client, "Hub", deal, "sourced"]
            sales.append([*row, random_.randrange(50, 900), "USD", sold_on])
    for name, header, rows in (
        ("partners", "partner_id,name,country,currency,joined_on", partners),
        ("clients", "client_id,name,country", clients),
        ("sales", "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on", sales),
        ("agreements", "agreement_id,partner_id,client_id,starts_on,ends_on", agreements),
        ("subscriptions", "client_id,product_line,mrr,currency,effective_on", levels),
        ("tiers", "partner_id,tier,credited_on", tiers),
        ("people", "email,name,role,partner_id", people),
    ):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows)


def fill(engine: Engine, folder: Path) -> None:
    """Import the folder and link a Slack user to each partner's person."""
    imported = import_folder(engine, load_program(), folder, today=date(2022, 9, 5))
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    for user in SIZES:
        _link(Transactions(engine), user)


def _link(writer: Transactions, user: str) -> None:
    writer.write_now(
        lambda connection, now: link(connection, SlackUser("T1", user), f"{user.lower()}@example.com", now)
    )
