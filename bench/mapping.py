"""What reading an export through a mapping adds to an import: the same sales in our own form and in a foreign one."""

import csv
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tiercore.ingest.discovery import Files
from tiercore.ingest.importing import import_source
from tiercore.ingest.mapping import MappedSource, read_mapping
from tiercore.ingest.mapping.exports import tables_of
from tiercore.ingest.tables import Source
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade

_FIRST, _DAYS, _TODAY = date(2017, 1, 1), 365 * 6, date(2023, 1, 1)
_TYPES = {"net_new": "New Business", "upsell": "Upgrade"}
_MAPPING = """
[[rows]]
column = "Deal Stage"
count = ["Closed Won"]
skip = ["Closed Lost"]

[partners]
partner_id = "Partner ID"
name = "Partner"
country = { value = "US" }
currency = { value = "USD" }
joined_on = { value = "2016-01-01" }

[clients]
client_id = "Company ID"
name = "Associated Company"
country = "Country"

[sales]
sale_id = "Record ID"
partner_id = "Partner ID"
client_id = "Company ID"
product_line = "Product"
deal_type = { column = "Deal Type", values = { "New Business" = "net_new", "Upgrade" = "upsell" } }
motion = { column = "Motion", values = { "Partner Collab" = "sourced" } }
mrr = { arr = "ARR" }
currency = "Currency"
sold_on = "Close Date"
"""
_EXPORT = (
    "Record ID,Partner ID,Partner,Company ID,Associated Company,Country,Product,Deal Type,Motion,ARR,Currency"
    ",Close Date,Deal Stage"
)


def compare(folder: Path, sales: int) -> tuple[float, float]:
    """The seconds of CPU that an import takes in our own form, and through a mapping: the best of two."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = list(_facts(sales))
    own, export = folder / "own", folder / "deals.csv"
    _write_own(own, facts)
    _write_export(export, facts)
    catalogue = load_program().catalogue
    mapping = read_mapping(_MAPPING, "mapping.toml")
    times: list[tuple[float, float]] = []
    for _ in range(2):
        of_own = _imported(folder, Files(own))
        times.append((of_own, _imported(folder, MappedSource(mapping, tables_of(export), export.name, catalogue))))
    return min(each for each, _ in times), min(each for _, each in times)


def _imported(folder: Path, source: Source) -> float:
    file = folder / "compared.db"
    file.unlink(missing_ok=True)
    engine = create_database_engine(database_url(f"sqlite:///{file}"))
    upgrade(engine)
    started = time.process_time()
    imported = import_source(engine, load_program(), source, today=_TODAY)
    took = time.process_time() - started
    engine.dispose()
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    return took


def _facts(sales: int) -> Iterator[tuple[str, str, str, int, date]]:
    """Sale, client, deal type, dollars a month, day."""
    random_ = random.Random(7)
    for number in range(sales):
        deal = "net_new" if number % 20 == 0 else "upsell"
        day = _FIRST + timedelta(number * _DAYS // sales)
        yield f"S{number}", f"C{number // 20}", deal, random_.randrange(50, 900), day


def _write_own(folder: Path, facts: list[tuple[str, str, str, int, date]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    clients = dict.fromkeys(client for _, client, *_ in facts)
    _write(folder / "partners.csv", "partner_id,name,country,currency,joined_on", ["P1,Agency,US,USD,2016-01-01"])
    _write(folder / "clients.csv", "client_id,name,country", [f"{each},Client {each},US" for each in clients])
    header = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on"
    rows = [f"{sale},P1,{client},Sales Hub,{deal},sourced,{mrr},USD,{day}" for sale, client, deal, mrr, day in facts]
    _write(folder / "sales.csv", header, rows)


def _write_export(file: Path, facts: list[tuple[str, str, str, int, date]]) -> None:
    rows = [
        f"{sale},P1,Agency,{client},Client {client},US,Sales Hub,{_TYPES[deal]},Partner Collab,{12 * mrr},usd,{day},"
        "Closed Won"
        for sale, client, deal, mrr, day in facts
    ]
    _write(file, _EXPORT, rows)


def _write(file: Path, header: str, rows: list[str]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(row.split(",") for row in [header, *rows])
