"""Random histories of a few clients and partners, drawn fast and again from the same seed."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel, ToolUsage
from tiercore.facts.money import Money

PARTNERS = ("P1", "P2", "P3")
_LINES = (
    ("Marketing Hub", "Marketing Hub Starter", "Marketing Hub Professional", "Marketing Hub Enterprise"),
    ("CMS Hub Professional", "Content Hub Professional", "Content Hub", "Content Hub Enterprise"),
    ("Sales Hub Professional", "Sales Hub Professional", "Sales Hub Enterprise"),
)
_NOTABLE = (  # around the days of changed rules, at the ends of months, in a leap year
    *(date(2024, 2, 26), date(2024, 2, 27), date(2024, 2, 28), date(2024, 2, 29), date(2023, 2, 28), date(2024, 3, 1)),
    *(date(2025, 7, 14), date(2025, 7, 15), date(2025, 7, 16), date(2023, 1, 31), date(2023, 8, 31), date(2024, 8, 31)),
)
_AMOUNTS = (1, 99_99, 300_00, 300_00, 500_00, 700_00, 850_05, 1_000_00, 1_000_00, 1_333_33, 2_000_00, 5_432_10)
_CURRENCIES = ("USD", "USD", "USD", "EUR", "JPY", "GBP", "NZD")  # the last one has no table
_DEALS = (*DealType, DealType.UPSELL, DealType.NET_NEW)
_MOTIONS = tuple(Motion)


@dataclass(slots=True)
class History:
    """What happened to a few clients, from all partners; the entries are in the order in which they were drawn."""

    clients: list[Client] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    levels: list[SubscriptionLevel] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    usage: list[ToolUsage] = field(default_factory=list)


def history(chance: random.Random, name: str = "") -> History:
    """One to three clients with a few lines each; every id begins with `name`."""
    found = History()
    first = date(2021, 7, 1) + timedelta(chance.randrange(1_300))
    for number in range(chance.choice((1, 1, 2, 3))):
        client = Client(f"{name}C{number}", "Acme", chance.choice(("US", "DE", "IN")))
        found.clients.append(client)
        days = _days(chance, first)
        for names in chance.sample(_LINES, chance.choice((1, 1, 2))):
            _line(chance, found, client.client_id, names, days, name)
        _agreements(chance, found, client.client_id, days, name)
    return found


def _days(chance: random.Random, first: date) -> list[date]:
    """The days on which things happen to a client: few, so that many happen on the same day."""
    within = chance.choice((100, 300, 700))
    return [first + timedelta(chance.randrange(within)) for _ in range(6)] + [chance.choice(_NOTABLE)]


def _line(
    chance: random.Random, found: History, client: str, names: Sequence[str], days: Sequence[date], name: str
) -> None:
    currency, accounts = chance.choice(_CURRENCIES), chance.choice(((None,), (None,), (None, "East")))
    for _ in range(chance.randrange(4)):
        number, money = len(found.sales), Money(chance.choice(_AMOUNTS), currency)
        deal, motion = chance.choice(_DEALS), chance.choice(_MOTIONS)
        who, account = f"{name}{chance.choice(PARTNERS)}", chance.choice(accounts)
        sold_on = chance.choice(days)
        found.sales.append(
            Sale(f"{name}S{number}", who, client, chance.choice(names), deal, motion, money, sold_on, account)
        )
    keys = dict.fromkeys(
        (chance.choice(names), chance.choice(days), chance.choice(accounts)) for _ in range(chance.randrange(6))
    )
    for text, day, account in keys:
        paid_in = currency if chance.random() < 0.92 else "GBP"
        amount = 0 if chance.random() < 0.2 else chance.choice(_AMOUNTS)
        found.levels.append(SubscriptionLevel(client, text, Money(amount, paid_in), day, None, account))


def _agreements(chance: random.Random, found: History, client: str, days: Sequence[date], name: str) -> None:
    for _ in range(chance.choice((0, 1, 2, 3))):
        starts = chance.choice(days)
        ends = None if chance.random() < 0.4 else starts + timedelta(chance.choice((0, 30, 90, 365)))
        who = f"{name}{chance.choice(PARTNERS)}"
        found.agreements.append(Agreement(f"{name}A{len(found.agreements)}", who, client, starts, ends))


def write_histories(folder: Path, histories: Iterable[History]) -> None:
    """The histories as a folder of files; their names must differ."""
    folder.mkdir()
    every = list(histories)
    sales, levels = [each for one in every for each in one.sales], [each for one in every for each in one.levels]
    agreements = [each for one in every for each in one.agreements]
    partners = sorted({each.partner_id for each in (*sales, *agreements)})
    for name, header, rows in (
        (
            "partners",
            "partner_id,name,country,currency,joined_on",
            [(p, p, "US", "USD", "2020-01-01") for p in partners],
        ),
        ("clients", "client_id,name,country", [(c.client_id, c.name, c.country) for one in every for c in one.clients]),
        (
            "sales",
            "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on,account",
            [
                (
                    *(s.sale_id, s.partner_id, s.client_id, s.product_line, s.deal_type.value, s.motion.value),
                    *(s.mrr.as_decimal(), s.mrr.currency, s.sold_on, s.account or ""),
                )
                for s in sales
            ],
        ),
        (
            "subscriptions",
            "client_id,product_line,mrr,currency,effective_on,account",
            [
                (v.client_id, v.product_line, v.mrr.as_decimal(), v.mrr.currency, v.effective_on, v.account or "")
                for v in levels
            ],
        ),
        (
            "agreements",
            "agreement_id,partner_id,client_id,starts_on,ends_on",
            [(a.agreement_id, a.partner_id, a.client_id, a.starts_on, a.ends_on or "") for a in agreements],
        ),
        (
            "usage",
            "client_id,month,tools_used",
            [(u.client_id, f"{u.month:%Y-%m}", u.tools_used) for one in every for u in one.usage],
        ),
    ):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header.split(","), *rows])
