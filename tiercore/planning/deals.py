"""Open deals that a plan may count on: each as the sale that it would be on its day (how-tiers-work#plans)."""

from collections.abc import Iterator
from dataclasses import replace

from tiercore.facts.entries import Client, Entry, Motion, Sale, SubscriptionLevel
from tiercore.facts.points import Source
from tiercore.planning.market import Market
from tiercore.planning.problem import WholeOption
from tiercore.questions.pipeline import OpenDeal
from tiercore.rating.credits import ClientBook, is_active
from tiercore.rating.lines import LineKey
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import NEW_CLIENT, Sell


def deal_options(market: Market) -> Iterator[tuple[OpenDeal, Client, WholeOption, tuple[Entry, ...]]]:
    """The deals expected by the plan's day whose points are known, with their clients, options and entries."""
    efforts = market.program.on(market.as_of).efforts
    for each in market.deals:
        deal, mrr = each.deal, market.converted(each.deal.mrr)
        book = _book(market, each)
        is_wished = not market.wish.assisted or deal.motion is Motion.ASSISTED
        if not (market.as_of <= each.expected_on <= market.by and is_wished and mrr and book):
            continue
        if not market.fits(book.client):
            continue
        entries = _entries(market, each, book)
        before, after = _points(market, book), _points(market, merged(book, entries, market.program.catalogue))
        if before is None or after is None or after[0] <= before[0]:
            continue
        option = WholeOption(
            source=deal.motion.source,
            points=after[0] - before[0],
            mrr=mrr,
            cost=mrr * efforts["won"],
            managed=max(0, after[1] - before[1]),
        )
        yield each, book.client, option, entries


def has_deal(market: Market, client_id: str, key: LineKey) -> bool:
    """Whether a deal about the client's line is open: it is the sale that a plan would else ask for."""
    catalogue = market.program.catalogue
    return any(
        each.deal.client_id == client_id and catalogue.line_of(each.deal.product_line).hub == key.hub
        for each in market.deals
    )


def _book(market: Market, each: OpenDeal) -> ClientBook | None:
    if each.deal.client_id:
        return market.books.clients.get(each.deal.client_id)
    country = each.deal.country or market.books.partner.country
    return ClientBook(Client(f"plan-{each.deal_id}", each.client, country))


def _entries(market: Market, each: OpenDeal, book: ClientBook) -> tuple[Entry, ...]:
    """The entries that an import would bring if the deal were closed on its day."""
    deal, client = each.deal, book.client
    step = Sell(deal.client_id or NEW_CLIENT, deal.product_line, deal.motion, deal.mrr, each.expected_on)
    found: list[Entry] = []
    for row in rows_of(step, market.books, market.program):
        if isinstance(row, Client):
            found.append(client)
        elif isinstance(row, Sale):
            found.append(replace(row, sale_id=f"plan-{each.deal_id}", client_id=client.client_id))
        elif isinstance(row, SubscriptionLevel):
            found.append(replace(row, client_id=client.client_id))
    return tuple(found)


def _points(market: Market, book: ClientBook) -> tuple[int, int] | None:
    """The sold and the managed micropoints of the client on the plan's day; None where some aren't known."""
    active = [each for each in market.credits(book) if is_active(each, as_of=market.by)]
    if any(each.micropoints is None for each in active):
        return None
    managed = sum(each.micropoints or 0 for each in active if each.source is Source.MANAGED)
    return sum(each.micropoints or 0 for each in active) - managed, managed
