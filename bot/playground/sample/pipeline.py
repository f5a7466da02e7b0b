"""The sample's deals that aren't closed yet on a day: a few for each partner."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from bot.playground.sample.agencies import AGENCIES, SIZES, Agency
from bot.playground.sample.catalogue import currency_of, pick_product, price
from tiercore.facts.entries import Client, Motion, PipelineDeal, Sale
from tiercore.facts.money import Money

_OPEN_FOR = timedelta(days=100)  # how long before its day a deal is known
_CHANCES = (95, 90, 75, 60, 50, 30, 10, None)
_NEW = "Kiteworks Academy|Lumen Bakery|Mossbank Clinics|Northgate Cycles|Oriel Hotels|Pilot Foods".split("|")
# Partner A's, with which it reaches Platinum: client, product, motion, US$, day, probability, ID.
_FIXED = (
    ("Cobalt Ridge Solar", "Sales Hub Professional", Motion.SOURCED, 1_500, date(2022, 9, 8), 95),
    ("Bright Harbor Logistics", "Marketing Hub Professional", Motion.SOURCED, 4_000, date(2022, 9, 28), 60),
    ("Fjord Outdoor", "Service Hub Professional", Motion.ASSISTED, 1_800, date(2022, 10, 12), 50),
    ("", "Marketing Hub Professional", Motion.SOURCED, 2_500, date(2022, 11, 4), 30),
    ("Evergreen Credit Union", "CMS Hub Professional", Motion.ASSISTED, 400, date(2022, 11, 21), None),
)


def open_deals(sales: list[Sale], clients: list[Client], day: date) -> Iterator[PipelineDeal]:
    """The deals that are open on the day, of partners that have joined by then; `sales` are those known then."""
    by_id, own = {each.client_id: each for each in clients}, defaultdict[str, list[Client]](list)
    before = day - _OPEN_FOR
    for partner_id, client_id in dict.fromkeys(
        (each.partner_id, each.client_id) for each in sales if each.sold_on <= before
    ):
        own[partner_id].append(by_id[client_id])
    for agency in AGENCIES:
        if agency.joined_on <= day:
            own_clients = tuple(own[agency.partner_id])
            found = _fixed(agency, clients) if agency is AGENCIES[0] else _drawn(agency, own_clients, day)
            yield from (each for each in found if day < each.expected_on <= day + _OPEN_FOR)


def _fixed(agency: Agency, clients: list[Client]) -> Iterator[PipelineDeal]:
    by_name = {each.name: each for each in clients}
    for number, (name, product, motion, usd, day, probability) in enumerate(_FIXED, 1):
        client, mrr = by_name.get(name), Money(usd * 100, "USD")
        if client or not name:
            yield _deal(
                agency, f"D{agency.partner_id[1:]}-{number}", client, name, product, motion, mrr, day, probability
            )


def _drawn(agency: Agency, clients: tuple[Client, ...], day: date) -> Iterable[PipelineDeal]:
    """A deal in each of the coming months."""
    now = day.year * 12 + day.month - 1
    return filter(None, (_drawn_in(months, agency, clients) for months in range(now, now + 5)))


@lru_cache(maxsize=1_024)
def _drawn_in(months: int, agency: Agency, clients: tuple[Client, ...]) -> PipelineDeal | None:
    """The deal of a month: the same object whichever day asks, as long as the partner's clients are the same."""
    random = Random(f"{agency.partner_id}:{months}")  # noqa: S311 - a sample must be repeatable
    year, month = divmod(months, 12)
    expected_on = date(year, month + 1, random.randint(3, 27))
    client = random.choice(clients) if clients and random.random() < 0.75 else None
    scale = SIZES[agency.size].scale
    product = pick_product(random, expected_on, scale, frozenset())
    currency = currency_of(client.country if client else agency.country)
    motion, probability = random.choice(tuple(Motion)), random.choice(_CHANCES)
    if product is None:
        return None
    mrr = price(product.usd * scale, currency if agency.currency != "USD" else "USD")
    deal_id, name = f"D{agency.partner_id[1:]}-{year % 100}{month + 1:02d}", random.choice(_NEW)
    return _deal(agency, deal_id, client, name, product.name, motion, mrr, expected_on, probability)


@lru_cache(maxsize=1_024)
def _deal(
    agency: Agency,
    deal_id: str,
    client: Client | None,
    name: str,
    product: str,
    motion: Motion,
    mrr: Money,
    day: date,
    probability: int | None,
) -> PipelineDeal:
    known = client.client_id if client else None
    new, country = (None, None) if client else (name or _NEW[0], agency.country)
    owner = f"{agency.person.lower()}@example.com"
    return PipelineDeal(deal_id, agency.partner_id, known, new, country, product, motion, mrr, day, probability, owner)
