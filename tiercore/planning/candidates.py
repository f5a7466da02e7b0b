"""What a plan may choose from: what the partner could sell to whom, and which clients it could manage.

Each candidate is rated by the rating itself, with the entry that an import would bring (how-tiers-work#plans).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tiercore.facts.entries import Agreement, Client, Entry, Motion, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.planning.deals import deal_options, has_deal
from tiercore.planning.market import Market, credit_of_sale, managed_on, new_client, sale_entries
from tiercore.planning.problem import MOST_WHOLE, SaleOption, TakenOn, WholeOption
from tiercore.planning.steps import Kind
from tiercore.rating.credits import ClientBook, is_active
from tiercore.rating.lines import LineKey, level_on, levels_by_line, sales_by_line
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import ExtendAgreement

_UPSELL_PART = 2  # an upsell adds at most half of what its line pays


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sale or an agreement that a plan may choose, with what the optimizer has to know of it.

    `client` is None for new clients, `entries` are those of a deal or an agreement (a sale's depend on its amount).
    """

    kind: Kind
    client: Client | None
    product_line: str | None
    motion: Motion | None
    option: SaleOption | WholeOption
    last_day: date
    entries: tuple[Entry, ...] = ()
    account: str = ""

    @property
    def key(self) -> LineKey:
        """The line that is sold."""
        return LineKey(self.product_line or "", self.account)


def sales_of(market: Market, motion: Motion) -> list[Candidate]:
    """The candidates that are sales of the motion."""
    return list(_sales(market, motion, _lines_sold(market)))


def wholes_of(market: Market) -> list[Candidate]:
    """Those that are taken whole or not at all: at most MOST_WHOLE deals and agreements, cheapest points first."""
    found = [*_deals(market), *(_agreements(market) if market.wish.managed else ())]
    found.sort(key=lambda each: (_cost_of_points(each), str(each.client and each.client.client_id)))
    return found[:MOST_WHOLE]


def _cost_of_points(candidate: Candidate) -> tuple[float, int]:
    option = candidate.option
    assert isinstance(option, WholeOption)
    return option.cost / option.combined, -option.combined


def motions_of(market: Market) -> list[Motion]:
    """Sourced sales; assisted ones where they are asked for, or cost less: with the same costs they bring no more."""
    efforts = market.program.on(market.as_of).efforts
    if market.wish.assisted:
        return [Motion.ASSISTED]
    return [Motion.SOURCED, *([Motion.ASSISTED] if efforts["assisted"] < efforts["sourced"] else [])]


def taken_on(market: Market) -> TakenOn | None:
    """What managing clients that aren't on file brings; None where the wish is for no managed points."""
    rules = market.program.on(market.as_of)
    rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(new_client(market).country))
    return TakenOn(rate, rules.efforts["taken_on"]) if market.wish.managed and rate else None


def taken_on_entries(market: Market, mrr: Money) -> tuple[Entry, ...]:
    """Clients that aren't on file, with what they pay and an agreement."""
    client = replace(new_client(market), client_id="plan-managed")
    line = _lines_sold(market)[0]
    level = SubscriptionLevel(client.client_id, line, mrr, market.as_of)
    mine = market.books.partner.partner_id
    return (client, level, Agreement("plan-managed", mine, client.client_id, market.as_of))


def _lines_sold(market: Market) -> list[str]:
    """The product lines of the partner's own sales, those sold most first; without any, those of the program."""
    catalogue, mine = market.program.catalogue, market.books.partner.partner_id
    sold = Counter(
        catalogue.line_of(sale.product_line).hub
        for book in market.books.clients.values()
        for sale in book.sales
        if sale.partner_id == mine and catalogue.line_of(sale.product_line).known
    )
    return sorted(sold, key=lambda hub: (-sold[hub], hub)) or list(market.program.on(market.as_of).line_names)[:1]


def _sales(market: Market, motion: Motion, lines: list[str]) -> Iterator[Candidate]:
    for client_id in sorted(market.books.clients):
        book = market.books.clients[client_id]
        if market.fits(book.client):
            yield from _to_client(market, book, motion, lines)
    if lines:
        yield from _to_new_clients(market, motion, lines[0])


def _to_client(market: Market, book: ClientBook, motion: Motion, lines: list[str]) -> Iterator[Candidate]:
    """A cross-sell of a line that the client doesn't have, and an upsell of the one that pays most."""
    catalogue = market.program.catalogue
    levels = levels_by_line(book.levels, catalogue)
    paying = _paying(market, book)
    if not paying:
        return
    known = {key.hub for key in levels.keys() | sales_by_line(book.sales, catalogue).keys()}
    if missing := next((each for each in lines if each not in known), None):
        yield from _offered(market, book, Kind.CROSS_SELL, motion, LineKey(missing, ""), max(paying.values()))
    key = max(paying, key=lambda each: (paying[each], each))
    last = levels[key][-1]
    if last.effective_on <= market.as_of and last.mrr.currency == market.per_100_usd.currency:
        yield from _offered(market, book, Kind.UPSELL, motion, key, paying[key] // _UPSELL_PART)


def _paying(market: Market, book: ClientBook) -> dict[LineKey, int]:
    """What each line of the client pays today, in minor units of the plan's currency."""
    found = {}
    for key, levels in levels_by_line(book.levels, market.program.catalogue).items():
        now = level_on(levels, market.as_of)
        amount = market.converted(now.mrr) if now else None
        if amount:
            found[key] = amount
    return found


def _offered(
    market: Market, book: ClientBook, kind: Kind, motion: Motion, key: LineKey, most: int
) -> Iterator[Candidate]:
    rate = _rate(market, book, motion, key, market.as_of)
    if not rate or not most or has_deal(market, book.client.client_id, key):
        return
    option = SaleOption(rate, most, managed_rate(market, book, motion, key))
    last_day = _last_day(market, book, motion, key)
    yield Candidate(kind, book.client, key.hub, motion, option, last_day, account=key.account)


def _to_new_clients(market: Market, motion: Motion, line: str) -> Iterator[Candidate]:
    """A sale to clients that aren't on file, in the partner's own market, or in growth markets where that is wished."""
    client = new_client(market)
    book = ClientBook(client)
    if rate := _rate(market, book, motion, LineKey(line, ""), market.as_of):
        option = SaleOption(rate, None, is_named=False)
        last_day = _last_day(market, book, motion, LineKey(line, ""))
        yield Candidate(Kind.NEW_CLIENTS, None, line, motion, option, last_day)


def _rate(market: Market, book: ClientBook, motion: Motion, key: LineKey, day: date) -> int:
    """The points for US$100 of such a sale that count on the plan's day; 0 where they can't be told, or don't count."""
    probe = market.per_100_usd
    sold = credit_of_sale(market, book, motion, key, probe, day)
    whole = sold and sold.micropoints is not None and sold.doubt is None and sold.mrr == probe
    return sold.rate if sold and whole and is_active(sold, as_of=market.by) else 0


def managed_rate(market: Market, book: ClientBook, motion: Motion, key: LineKey) -> int:
    """The managed points for US$100 that such a sale brings, too, where the client is managed on the plan's day.

    0 where that is no whole number, because the points are shared.
    """
    entries = sale_entries(market, book, motion, key, market.per_100_usd, market.as_of)
    more = managed_on(market, merged(book, entries, market.program.catalogue)) - managed_on(market, book)
    return 0 if more % MICRO else max(0, more // MICRO)


def _last_day(market: Market, book: ClientBook, motion: Motion, key: LineKey) -> date:
    """The last day on which the sale brings as much: the plan's day, or the one before its rate or table changes."""
    probe = market.per_100_usd

    def points(day: date) -> int:
        sold = credit_of_sale(market, book, motion, key, probe, day)
        return sold.micropoints or 0 if sold and is_active(sold, as_of=market.by) else 0

    for change in market.program.rating_changes:
        if market.as_of < change <= market.by and points(change) < points(market.as_of):
            return change - timedelta(days=1)
    return market.by


def _deals(market: Market) -> Iterator[Candidate]:
    for each, client, option, entries in deal_options(market):
        line = market.program.catalogue.line_of(each.deal.product_line).hub
        yield Candidate(Kind.DEAL, client, line, each.deal.motion, option, market.by, entries)


def _agreements(market: Market) -> Iterator[Candidate]:
    """The clients that the partner doesn't manage on the plan's day, with what managing them would bring then."""
    efforts = market.program.on(market.as_of).efforts
    for client_id in sorted(market.books.clients):
        book = market.books.clients[client_id]
        entries = rows_of(ExtendAgreement(client_id, None, market.as_of), market.books, market.program)
        if client_id in market.left_out or not book.levels or not entries:
            continue
        points = managed_on(market, merged(book, entries, market.program.catalogue)) - managed_on(market, book)
        mrr = _mrr_on(market, book.levels)
        if points <= 0 or not mrr:
            continue
        last = _last_managed_day(market, book)
        kind = Kind.EXTEND if last else Kind.MANAGE
        cost = mrr * efforts["extended" if last else "managed"]
        option = WholeOption(Source.MANAGED, points, mrr, cost)
        yield Candidate(kind, book.client, None, None, option, last or market.by, tuple(entries))


def _mrr_on(market: Market, levels: list[SubscriptionLevel]) -> int | None:
    """What the client pays on the plan's day, in minor units of the plan's currency; None where it can't be told."""
    lines = levels_by_line(levels, market.program.catalogue).values()
    amounts = [market.converted(held.mrr) for line in lines if (held := level_on(line, market.by))]
    return None if None in amounts else sum(each for each in amounts if each)


def _last_managed_day(market: Market, book: ClientBook) -> date | None:
    """The last day of the agreement in force today that ends before the plan's day; None without one."""
    mine = market.books.partner.partner_id
    ends = [
        each.ends_on
        for each in book.agreements
        if each.partner_id == mine and each.ends_on and each.starts_on <= market.as_of <= each.ends_on
    ]
    return max(ends, default=None)
