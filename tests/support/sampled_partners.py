"""Random partners whose every requirement changes now and then, for what a recalibration says of past days."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Motion,
    Partner,
    Sale,
    SubscriptionLevel,
    ToolUsage,
)
from tiercore.facts.holds import HOLDABLE
from tiercore.facts.money import Money
from tiercore.rating.credits import ClientBook

FIRST = date(2022, 1, 1)
_TOTALS = {"gold": (100, 150), "platinum": (300, 300), "diamond": (600, 900), "elite": (900, 1_200)}
_RETENTION = {"gold": (60, 70), "platinum": (80, 75)}


def _dated(path: str, unit: str, values: tuple[int, int]) -> str:
    days = zip(("2022-07-18", "2025-07-15"), values, strict=True)
    return f'[{path}]\nunit = "{unit}"\n' + "".join(f"{day} = {{ value = {value} }}\n" for day, value in days)


TABLE = "".join(
    [
        *(_dated(f"thresholds.{tier}.combined", "points", both) for tier, both in _TOTALS.items()),
        *(_dated(f"thresholds.{tier}.sold_minimum", "points", (10, 10)) for tier in _TOTALS),
        *(_dated(f"thresholds.{tier}.sourced_minimum", "points", (0, 10)) for tier in _TOTALS),
        *(_dated(f"thresholds.{tier}.managed_minimum", "points", (0, 20)) for tier in _TOTALS),
        *(_dated(f"retention.{tier}", "percent", both) for tier, both in _RETENTION.items()),
        _dated("tiers.elite.certifications", "certifications in the team", (2, 3)),
    ]
)


@dataclass(frozen=True, slots=True)
class SampledPartner:
    """A partner with all that is on file about it; `held` are its figures under correction."""

    partner: Partner
    credited: str
    certifications: list[Certification]
    books: list[ClientBook]
    usage: list[ToolUsage]
    held: tuple[str, ...]


def sampled_partner(chance: random.Random, partner_id: str = "P1") -> SampledPartner:
    """A partner of 2022 to 2027 with up to four clients."""
    invited, until = _day(chance), _day(chance) + timedelta(700)
    partner = Partner(
        *(partner_id, partner_id, "US", "USD", date(2019, 1, 1)),
        elite_invited_on=chance.choice((None, FIRST, FIRST, invited)),
        membership_until=chance.choice((None, date(2030, 1, 1), date(2030, 1, 1), until)),
    )
    books = [_book(chance, partner_id, f"{partner_id}-C{number}") for number in range(chance.randint(1, 4))]
    usage = [each for book in books for each in _usage(chance, book.client.client_id)]
    held = (chance.choice(HOLDABLE),) if chance.random() < 0.3 else ()
    credited = chance.choice(("gold", "platinum", "diamond"))
    return SampledPartner(partner, credited, _certifications(chance, partner_id), books, usage, held)


def _day(chance: random.Random) -> date:
    return FIRST + timedelta(chance.randrange(1_900))


def _book(chance: random.Random, partner_id: str, client: str) -> ClientBook:
    """A client with an agreement, whose MRR on two lines rises and falls, and which may have been sold to."""
    book, start = ClientBook(Client(client, client, "US")), FIRST + timedelta(chance.randrange(1_200))
    lines = ("Marketing Hub Professional", "Sales Hub Professional")
    keys = [(lines[0], start), *((chance.choice(lines), _day(chance)) for _ in range(chance.randint(0, 5)))]
    for line, day in dict.fromkeys(keys):
        dollars = chance.choice((0, 3_000, 20_000, 40_000, 70_000)) if (line, day) != keys[0] else 40_000
        book.levels.append(SubscriptionLevel(client, line, Money(dollars * 100, "USD"), day))
    ends = chance.choice((None, None, start + timedelta(chance.randrange(200, 1_500))))
    book.agreements.append(Agreement(f"A-{client}", partner_id, client, start, ends))
    for number in range(chance.randint(1, 4)):
        deal, motion, money = chance.choice(tuple(DealType)), chance.choice(tuple(Motion)), Money(4_000_00, "USD")
        sale_id = f"S-{client}-{number}"
        book.sales.append(Sale(sale_id, partner_id, client, chance.choice(lines), deal, motion, money, _day(chance)))
    return book


def _certifications(chance: random.Random, partner_id: str) -> list[Certification]:
    """The qualifying one, perhaps with a gap, perhaps missing; and up to three of other names."""
    found = []
    for number in range(chance.choice((0, 1, 1, 2))):
        begins = FIRST if not number else _day(chance)
        until = begins + timedelta(chance.choice((300, 900, 3_000)))
        found.append(Certification(partner_id, "Solutions Partner Certification", begins, until))
    for number in range(chance.randint(0, 3)):
        found.append(Certification(partner_id, f"Course {number}", FIRST, _day(chance) + timedelta(300)))
    return list({(each.certification, each.valid_from): each for each in found}.values())


def _usage(chance: random.Random, client: str) -> list[ToolUsage]:
    months = {_day(chance).replace(day=1) for _ in range(chance.randint(0, 3))}
    return [ToolUsage(client, month, chance.choice((1, 2, 3, 5, 8))) for month in sorted(months)]


def write_partners(folder: Path, partners: Iterable[SampledPartner]) -> None:
    """The partners as a folder of files, with an admin who sees them all; their ids must differ."""
    folder.mkdir()
    every = list(partners)
    books = [book for each in every for book in each.books]
    files = {
        "partners": ["partner_id,name,country,currency,joined_on,elite_invited_on,membership_until"],
        "clients": ["client_id,name,country", *(f"{b.client.client_id},{b.client.name},US" for b in books)],
        "sales": ["sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on"],
        "subscriptions": ["client_id,product_line,mrr,currency,effective_on"],
        "agreements": ["agreement_id,partner_id,client_id,starts_on,ends_on"],
        "usage": ["client_id,month,tools_used"],
        "certifications": ["partner_id,certification,valid_from,valid_until"],
        "tiers": ["partner_id,tier,credited_on"],
        "people": ["email,name,role,partner_id", "admin@example.com,Admin,admin,"],
    }
    for each in every:
        who, key = each.partner, each.partner.partner_id
        days = f"{who.joined_on},{who.elite_invited_on or ''},{who.membership_until or ''}"
        files["partners"].append(f"{key},{who.name},{who.country},{who.currency},{days}")
        files["tiers"].append(f"{key},{each.credited},{FIRST}")
        files["usage"] += [f"{use.client_id},{use.month:%Y-%m},{use.tools_used}" for use in each.usage]
        files["certifications"] += [
            f"{key},{one.certification},{one.valid_from},{one.valid_until}" for one in each.certifications
        ]
    for book in books:
        files["sales"] += [
            f"{s.sale_id},{s.partner_id},{s.client_id},{s.product_line},{s.deal_type},{s.motion},{s.mrr.as_decimal()},USD,"
            f"{s.sold_on}"
            for s in book.sales
        ]
        files["subscriptions"] += [
            f"{v.client_id},{v.product_line},{v.mrr.as_decimal()},USD,{v.effective_on}" for v in book.levels
        ]
        files["agreements"] += [
            f"{a.agreement_id},{a.partner_id},{a.client_id},{a.starts_on},{a.ends_on or ''}" for a in book.agreements
        ]
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n")
