"""What a plan is rated in: a partner's books, and the credits that a sale would bring (how-tiers-work#plans)."""

from dataclasses import dataclass, replace
from datetime import date

from tiercore.facts.entries import Client, Entry, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.planning.steps import Wish
from tiercore.program import Program
from tiercore.questions.pipeline import OpenDeal
from tiercore.rating.credits import ClientBook, Credit, in_program_cents, is_active
from tiercore.rating.lines import LineKey
from tiercore.rating.rating import credits_of
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import NEW_CLIENT, Sell


@dataclass(frozen=True, slots=True)
class Market:
    """What candidates are rated with: the books, the rules, the wish, the two days, and the plan's currency with the
    amount of it that stands for US$100. `left_out` are IDs of clients that no plan names, `deals` the open deals.
    """

    books: PartnerBooks
    program: Program
    wish: Wish
    as_of: date
    by: date
    per_100_usd: Money
    left_out: frozenset[str] = frozenset()
    deals: tuple[OpenDeal, ...] = ()

    def credits(self, book: ClientBook) -> list[Credit]:
        """The partner's credits from the client."""
        mine = self.books.partner.partner_id
        return [each for each in credits_of(book, self.program) if each.partner_id == mine]

    def converted(self, amount: Money) -> int | None:
        """An amount in minor units of the plan's currency, by the program's table; None without one."""
        per_100 = self.program.on(self.as_of).per_100_usd(amount.currency)
        if isinstance(per_100, Unknown):
            return None
        if amount.currency == self.per_100_usd.currency:
            return amount.minor
        return in_program_cents(amount.minor, per_100) * self.per_100_usd.minor // 100_00

    def fits(self, client: Client) -> bool:
        """Whether the wish allows sales to the client."""
        if client.client_id in self.left_out:
            return False
        return not self.wish.growth or self.program.on(self.as_of).is_growth_market(client.country)


def new_client(market: Market) -> Client:
    """A client that isn't on file."""
    growth = sorted(market.program.on(market.as_of).growth_markets)
    country = growth[0] if market.wish.growth and growth else market.books.partner.country
    return Client("plan-new", "New clients", country)


def credit_of_sale(
    market: Market, book: ClientBook, motion: Motion, key: LineKey, mrr: Money, day: date
) -> Credit | None:
    """The sold credit of a sale on the day, as the rating makes it; None where it makes none or several."""
    entries = sale_entries(market, book, motion, key, mrr, day)
    after = merged(book, entries, market.program.catalogue)
    ids = {each.sale_id for each in after.sales} - {each.sale_id for each in book.sales}
    found = [each for each in market.credits(after) if each.entry_id in ids and each.source is motion.source]
    return found[0] if len(found) == 1 else None


def sale_entries(market: Market, book: ClientBook, motion: Motion, key: LineKey, mrr: Money, day: date) -> list[Entry]:
    """The entries of such a sale, as an import would bring them."""
    known = {**market.books.clients, book.client.client_id: book}
    if book.client.client_id in market.books.clients:
        step = Sell(book.client.client_id, key.hub, motion, mrr, day, account=key.account or None)
        rows = rows_of(step, replace(market.books, clients=known), market.program)
        return [_with_own_id(each, key, motion) for each in rows]
    rows = rows_of(Sell(NEW_CLIENT, key.hub, motion, mrr, day), market.books, market.program)
    return [_of_client(_with_own_id(each, key, motion), book.client) for each in rows]


def _with_own_id(entry: Entry, key: LineKey, motion: Motion) -> Entry:
    """A sale with an ID of its own, as a plan may have two of one client."""
    return replace(entry, sale_id=f"plan-{key.hub}-{key.account}-{motion}") if isinstance(entry, Sale) else entry


def _of_client(entry: Entry, client: Client) -> Entry:
    if isinstance(entry, Sale | SubscriptionLevel):
        return replace(entry, client_id=client.client_id)
    return client


def managed_on(market: Market, book: ClientBook) -> int:
    """The micropoints from managing the client on the plan's day."""
    found = (
        each for each in market.credits(book) if each.source is Source.MANAGED and is_active(each, as_of=market.by)
    )
    return sum(each.micropoints or 0 for each in found)
