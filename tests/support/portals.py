"""Facts invented in any size, as rows of the nine files: for a folder, and for a local HubSpot."""

import csv
from collections.abc import Sequence
from pathlib import Path

from bot.playground.portal import Rows

_LINES = ("Marketing Hub Professional", "Sales Hub Professional", "Service Hub Professional")
_FILES = {
    "partners.csv": "partner_id name country currency joined_on elite_invited_on membership_until",
    "clients.csv": "client_id name country",
    "sales.csv": "sale_id partner_id client_id product_line deal_type motion mrr currency sold_on account",
    "subscriptions.csv": "client_id product_line mrr currency effective_on renews_on account",
    "agreements.csv": "agreement_id partner_id client_id starts_on ends_on",
}


def invented_rows(deals: int = 3, lines: int = 3) -> Rows:
    """One partner with so many deals, each of so many product lines and for a client of its own. The clients pay what
    they bought, and every other one is under an agreement.
    """
    rows: dict[str, list[Sequence[str]]] = {name: [] for name in _FILES}
    rows["partners.csv"].append(["P1", "Orbit Agency", "US", "USD", "2019-01-01", "", "2027-07-14"])
    for number in range(1, deals + 1):
        client, day = f"C{number:05}", f"2022-{1 + number % 8:02}-{1 + number % 28:02}"
        motion = "sourced" if number % 2 else "assisted"
        rows["clients.csv"].append([client, f"Client {number}", ("DE", "IN", "US")[number % 3]])
        for place, line in enumerate(_LINES[:lines]):
            bought = [f"{100 + 5 * place + number % 7}.50", "USD"]
            sale = f"S{number:05}-{place}"
            rows["sales.csv"].append([sale, "P1", client, line, "net_new", motion, *bought, day, ""])
            rows["subscriptions.csv"].append([client, line, *bought, day, "", ""])
        if number % 2:
            rows["agreements.csv"].append([f"A{number:05}", "P1", client, day, "" if number % 4 == 1 else "2024-01-31"])
    return {
        name: [dict(zip(header.split(), row, strict=True)) for row in rows[name]] for name, header in _FILES.items()
    }


def write_rows(rows: Rows, folder: Path) -> Path:
    """Write the rows as CSV files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in _FILES.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header.split())
            writer.writeheader()
            writer.writerows(rows[name])
    return folder
