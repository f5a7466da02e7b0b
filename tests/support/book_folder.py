"""A client's book of entries as a folder of CSV files."""

import csv
import random
from pathlib import Path

from tiercore.rating.credits import ClientBook


def write_book(folder: Path, book: ClientBook, shuffler: random.Random) -> Path:
    """The book as a folder of CSV files with rows in any order."""
    folder.mkdir()
    tables = {
        "partners": [("partner_id", "name", "country", "currency", "joined_on")]
        + [(partner, partner, "US", "USD", "2020-01-01") for partner in ("P1", "P2", "P3")],
        "clients": [
            ("client_id", "name", "country"),
            (book.client.client_id, book.client.name, book.client.country),
        ],
        "sales": [
            ("sale_id", "partner_id", "client_id", "product_line", "deal_type", "motion", "mrr", "currency", "sold_on")
        ]
        + [
            (
                s.sale_id,
                s.partner_id,
                s.client_id,
                s.product_line,
                s.deal_type,
                s.motion,
                s.mrr.as_decimal(),
                s.mrr.currency,
                s.sold_on,
            )
            for s in book.sales
        ],
        "subscriptions": [("client_id", "product_line", "mrr", "currency", "effective_on")]
        + [(v.client_id, v.product_line, v.mrr.as_decimal(), v.mrr.currency, v.effective_on) for v in book.levels],
        "agreements": [("agreement_id", "partner_id", "client_id", "starts_on", "ends_on")]
        + [(a.agreement_id, a.partner_id, a.client_id, a.starts_on, a.ends_on or "") for a in book.agreements],
    }
    for name, (header, *body) in tables.items():
        shuffler.shuffle(body)
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *body])
    return folder
