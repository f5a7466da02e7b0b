"""From a step to the very entries that an import would bring if it happened (how-tiers-work#what-if)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from tiercore.facts.entries import Agreement, Certification, Client, DealType, Entry, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Catalogue, Program
from tiercore.rating.credits import ClientBook
from tiercore.rating.lines import HeldLevel, LineKey, key_of, level_on, levels_by_line
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.steps import (
    NEW_CLIENT,
    Downgrade,
    EndAgreement,
    ExtendAgreement,
    Lose,
    NewClient,
    RenewCertification,
    Sell,
    Step,
)

PREFIX = "what-if-"  # of the IDs of entries that a scenario adds


def rows_of(step: Step, books: PartnerBooks, program: Program) -> list[Entry]:
    """The entries that an import would bring with the step, beside those of `books`; each replaces one with its key.

    A sale raises the level of its line where its client's levels are known, and the later ones that are on file. Raises
    KeyError where the client's book wasn't read.
    """
    match step:
        case Sell():
            return list(_sale(step, books, program))
        case Lose():
            book = books.clients[step.client_id]
            lines = levels_by_line(book.levels, program.catalogue)
            return [each for key in lines for each in _lowered(book, lines[key], key, None, step.on, program.catalogue)]
        case Downgrade():
            return list(_downgrade(step, books.clients[step.client_id], program.catalogue))
        case EndAgreement():
            return list(_ended(step, books))
        case ExtendAgreement():
            return list(_extended(step, books))
        case RenewCertification():
            valid = (step.valid_from, step.valid_until)
            return [Certification(books.partner.partner_id, step.certification, *valid)]


def deal_type_of(step: Sell, book: ClientBook | None, catalogue: Catalogue) -> DealType:
    """The kind of deal that the sale is: as it says, or by what the client has on file."""
    if step.deal_type:
        return step.deal_type
    if book is None or not (book.sales or book.levels):
        return DealType.NET_NEW
    key = LineKey(catalogue.line_of(step.product_line).hub, step.account or "")
    held = level_on(levels_by_line(book.levels, catalogue).get(key, ()), step.sold_on)
    sold = any(key_of(each, catalogue) == key and each.sold_on <= step.sold_on for each in book.sales)
    pays = held.mrr.minor > 0 if held else sold
    return DealType.UPSELL if pays else DealType.CROSS_SELL


def _sale(step: Sell, books: PartnerBooks, program: Program) -> Iterator[Entry]:
    number = len(books.added) + 1
    book = _added_before(step, books) if step.client_id == NEW_CLIENT else books.clients.get(step.client_id)
    client = book.client if book else _new_client(step, f"{PREFIX}{number}", books)
    if book is None and step.client_id != NEW_CLIENT:
        raise KeyError(step.client_id)
    deal = deal_type_of(step, book, program.catalogue)
    sale = Sale(
        f"{PREFIX}{number}",
        books.partner.partner_id,
        client.client_id,
        step.product_line,
        deal,
        step.motion,
        step.mrr,
        step.sold_on,
        step.account,
    )
    if book is None:
        yield client
        yield sale
        yield SubscriptionLevel(client.client_id, step.product_line, step.mrr, step.sold_on, None, step.account)
        return
    yield sale
    if book.levels and deal is not DealType.RENEWAL:
        yield from _raised(sale, book, program.catalogue)


def _new_client(step: Sell, client_id: str, books: PartnerBooks) -> Client:
    new = step.new_client or NewClient("A new client")
    return Client(client_id, new.name, new.country or books.partner.country)


def _added_before(step: Sell, books: PartnerBooks) -> ClientBook | None:
    """The client of that name that an earlier step added."""
    name = step.new_client.name if step.new_client else None
    added = (each.client_id for each in books.added if isinstance(each, Client) and each.name == name)
    return next((books.clients[each] for each in added if each in books.clients), None)


def _raised(sale: Sale, book: ClientBook, catalogue: Catalogue) -> Iterator[SubscriptionLevel]:
    """The line's level from the sale on, and its later ones until the line is cancelled, each higher by the sale.

    A line that pays in another currency isn't raised: the two amounts don't add.
    """
    held = levels_by_line(book.levels, catalogue).get(key_of(sale, catalogue), [])
    now = level_on(held, sale.sold_on)
    if now and now.mrr.minor and now.mrr.currency != sale.mrr.currency:
        return
    before = now.mrr if now and now.mrr.minor else Money(0, sale.mrr.currency)
    text = _higher(now, sale.product_line, catalogue) if now and now.mrr.minor else sale.product_line
    renews_on = now.entry.renews_on if now else None
    yield SubscriptionLevel(sale.client_id, text, before + sale.mrr, sale.sold_on, renews_on, sale.account)
    for later in held:
        if later.effective_on > sale.sold_on:
            if not later.mrr.minor or later.mrr.currency != sale.mrr.currency:
                return
            yield replace(later.entry, mrr=later.mrr + sale.mrr)


def _higher(held: HeldLevel, sold: str, catalogue: Catalogue) -> str:
    """The name of the higher edition of the line, the one held or the one sold."""
    now = held.entry.product_line
    return now if catalogue.line_of(now).rank >= catalogue.line_of(sold).rank else sold


def _downgrade(step: Downgrade, book: ClientBook, catalogue: Catalogue) -> Iterable[SubscriptionLevel]:
    """The level of the day, under the name that the line is held by unless another edition is named, and later ones."""
    key = LineKey(catalogue.line_of(step.product_line).hub, step.account or "")
    held = levels_by_line(book.levels, catalogue).get(key, [])
    now = level_on(held, step.on)
    goes_on = (
        now is not None and now.mrr.minor and not (step.mrr.minor and catalogue.line_of(step.product_line).edition)
    )
    text = now.entry.product_line if now and goes_on else step.product_line
    new = SubscriptionLevel(book.client.client_id, text, step.mrr, step.on, None, step.account)
    others = _lowered(book, held, key, step.mrr, step.on, catalogue)
    same_day = now is not None and now.effective_on == step.on  # else the day's lowered level is what `new` replaces
    kept = (each for each in others if each.effective_on > step.on or (same_day and each.product_line != text))
    return {level_key(each): each for each in (*kept, new)}.values()


def _lowered(
    book: ClientBook, held: Sequence[HeldLevel], key: LineKey, most: Money | None, on: date, catalogue: Catalogue
) -> Iterator[SubscriptionLevel]:
    """The line's levels from the day on, none of them above `most` (None: zero); other currencies stay."""
    now = level_on(held, on)
    levels = [replace(now.entry, effective_on=on)] if now and now.effective_on < on else []
    later = (each for each in book.levels if key_of(each, catalogue) == key and each.effective_on >= on)
    for each in (*levels, *later):
        limit = most if most and most.minor else Money(0, each.mrr.currency)
        if limit.currency == each.mrr.currency and limit < each.mrr:
            yield replace(each, mrr=limit)


def _own(books: PartnerBooks, client_id: str) -> list[Agreement]:
    """The partner's agreements with the client, the one that ends last at the end."""
    own = [each for each in books.clients[client_id].agreements if each.partner_id == books.partner.partner_id]
    return sorted(own, key=lambda each: (each.ends_on or date.max, each.starts_on, each.agreement_id))


def _ended(step: EndAgreement, books: PartnerBooks) -> Iterator[Agreement]:
    """Those in force after the day end on it; one that begins later can't be taken back by an entry."""
    for each in _own(books, step.client_id):
        if each.starts_on <= step.ends_on and (each.ends_on is None or each.ends_on > step.ends_on):
            yield replace(each, ends_on=step.ends_on)


def _extended(step: ExtendAgreement, books: PartnerBooks) -> Iterator[Agreement]:
    own = _own(books, step.client_id)
    last = own[-1] if own else None
    if last and (last.ends_on is None or last.ends_on >= step.on - timedelta(days=1)):
        if last.ends_on is not None and (step.ends_on is None or step.ends_on >= last.starts_on):
            yield replace(last, ends_on=step.ends_on)
        return
    new = f"{PREFIX}{len(books.added) + 1}"
    yield Agreement(new, books.partner.partner_id, step.client_id, step.on, step.ends_on)


def merged(book: ClientBook, entries: Sequence[Entry], catalogue: Catalogue) -> ClientBook:
    """The book with the client's entries among `entries`, each in place of the one with its key."""
    found = ClientBook(book.client, list(book.sales), list(book.levels), list(book.agreements))
    for each in entries:
        match each:
            case Sale(client_id=book.client.client_id):
                found.sales = [*(old for old in found.sales if old.sale_id != each.sale_id), each]
            case SubscriptionLevel(client_id=book.client.client_id):
                found.levels = [*(old for old in found.levels if level_key(old) != level_key(each)), each]
            case Agreement(client_id=book.client.client_id):
                others = (old for old in found.agreements if old.agreement_id != each.agreement_id)
                found.agreements = [*others, each]
            case _:
                pass
    return found


def level_key(level: SubscriptionLevel) -> tuple[str, date, str]:
    """What tells two levels of one client apart."""
    return level.product_line, level.effective_on, level.account or ""


def touched(entries: Sequence[Entry], clients: Mapping[str, ClientBook]) -> dict[str, ClientBook]:
    """The books of the clients that the entries are about, as they are before; a new client's is empty."""
    new = {each.client_id: ClientBook(each) for each in entries if isinstance(each, Client)}
    about = {each.client_id for each in entries if isinstance(each, Sale | SubscriptionLevel | Agreement)}
    return {client_id: clients.get(client_id) or new[client_id] for client_id in sorted(about)}
