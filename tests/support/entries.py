"""Small books of entries for tests, and hypothesis strategies that generate them."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.rating.credits import ClientBook

CLIENT = Client("C1", "Acme", "US")
HUB = "Marketing Hub Professional"
FIRST = date(2021, 1, 1)


def usd(dollars: int) -> Money:
    return Money(dollars * 100, "USD")


def sale(
    sold_on: date,
    dollars: int,
    *,
    sale_id: str = "S1",
    partner: str = "P1",
    deal: DealType = DealType.NET_NEW,
    motion: Motion = Motion.SOURCED,
    line: str = HUB,
    currency: str = "USD",
    client: str = "C1",
) -> Sale:
    return Sale(sale_id, partner, client, line, deal, motion, Money(dollars * 100, currency), sold_on)


def level(effective_on: date, dollars: int, *, line: str = HUB, currency: str = "USD") -> SubscriptionLevel:
    return SubscriptionLevel("C1", line, Money(dollars * 100, currency), effective_on)


def agreement(
    starts_on: date, ends_on: date | None = None, *, partner: str = "P1", agreement_id: str = "A1"
) -> Agreement:
    return Agreement(agreement_id, partner, "C1", starts_on, ends_on)


def book(*entries: Sale | SubscriptionLevel | Agreement, country: str = "US") -> ClientBook:
    client_book = ClientBook(Client("C1", "Acme", country))
    lists = {Sale: client_book.sales, SubscriptionLevel: client_book.levels, Agreement: client_book.agreements}
    for entry in entries:
        lists[type(entry)].append(entry)
    return client_book


def managed(*levels: SubscriptionLevel, client: str = "C1", starts_on: date = FIRST) -> ClientBook:
    """A client with an agreement from `starts_on` and these levels."""
    client_book = ClientBook(Client(client, client, "US"))
    client_book.levels += [replace(each, client_id=client) for each in levels]
    client_book.agreements.append(Agreement(f"A-{client}", "P1", client, starts_on))
    return client_book


days = st.integers(0, 6 * 365).map(lambda offset: FIRST + timedelta(offset))
lines = st.sampled_from([HUB, "Sales Hub Professional"])
partners = st.sampled_from(["P1", "P2", "P3"])
amounts = st.integers(0, 5_000_00)
currencies = st.sampled_from(["USD", "USD", "USD", "EUR", "JPY", "BRL"])


@st.composite
def books(draw: st.DrawFn) -> ClientBook:
    """A client's varied entries: several partners and lines, decreases, mixed currencies, ended agreements."""
    client_book = ClientBook(Client("C1", "Acme", draw(st.sampled_from(["US", "IN", "DE"]))))
    currency = draw(currencies)
    for number in range(draw(st.integers(0, 6))):
        client_book.sales.append(
            Sale(
                f"S{number}",
                draw(partners),
                "C1",
                draw(lines),
                draw(st.sampled_from(list(DealType))),
                draw(st.sampled_from(list(Motion))),
                Money(draw(amounts), currency),
                draw(days),
            )
        )
    keys = draw(st.lists(st.tuples(lines, days), max_size=6, unique=True))
    for line, day in keys:
        odd = draw(st.integers(0, 9)) == 0
        money = Money(draw(amounts), "GBP" if odd else currency)
        client_book.levels.append(SubscriptionLevel("C1", line, money, day))
    for number in range(draw(st.integers(0, 4))):
        starts = draw(days)
        ends = draw(st.none() | st.integers(0, 900).map(lambda more, starts=starts: starts + timedelta(more)))
        client_book.agreements.append(Agreement(f"A{number}", draw(partners), "C1", starts, ends))
    return client_book
