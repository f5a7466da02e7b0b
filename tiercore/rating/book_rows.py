"""Entries from rows, and credits as rows (architecture#rebuilds); the columns are those of client_batches.py."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.rating.credits import ClientBook, Credit

Row = tuple[Any, ...]
# By value: a call of the enumeration takes ten times that.
_DEAL_TYPES = {each.value: each for each in DealType}
_MOTIONS = {each.value: each for each in Motion}


def books_of(
    clients: Iterable[Row], sales: Iterable[Row], levels: Iterable[Row], agreements: Iterable[Row]
) -> list[ClientBook]:
    """Each client's book, from the rows of all of them."""
    books = {row[0]: ClientBook(Client(*row)) for row in clients}
    for row in sales:
        books[row[2]].sales.append(_sale(row))
    for row in levels:
        books[row[0]].levels.append(level_of(row))
    for agreement_id, partner_id, client_id, starts_on, ends_on in agreements:
        agreement = Agreement(agreement_id, partner_id, client_id, _day(starts_on), _day(ends_on) if ends_on else None)
        books[client_id].agreements.append(agreement)
    return list(books.values())


def _sale(row: Row) -> Sale:
    sale_id, partner_id, client_id, line, deal_type, motion, minor, currency, sold_on, account = row
    mrr = Money(minor, currency)
    return Sale(
        sale_id, partner_id, client_id, line, _DEAL_TYPES[deal_type], _MOTIONS[motion], mrr, _day(sold_on), account
    )


def level_of(row: Row) -> SubscriptionLevel:
    """The subscription level of a row with the columns of LEVEL."""
    client_id, line, minor, currency, effective_on, renews_on, account = row
    renewal = _day(renews_on) if renews_on else None
    return SubscriptionLevel(client_id, line, Money(minor, currency), _day(effective_on), renewal, account or None)


def _day(value: Any) -> date:
    """The day, which SQLite stores as its ISO text."""
    return date.fromisoformat(value) if type(value) is str else value


def credit_row(credit: Credit) -> Row:
    """The credit as a row with the columns of CREDIT: its days as ordinals, enumerations as their values."""
    return (
        credit.partner_id,
        credit.client_id,
        credit.product_line,
        credit.source._value_,
        credit.micropoints,
        credit.program_cents,
        credit.mrr.minor,
        credit.mrr.currency,
        credit.rate,
        credit.shared_by,
        credit.starts_on.toordinal(),
        credit.lapses_on.toordinal() if credit.lapses_on else None,
        credit.opened_by._value_,
        credit.closed_by._value_ if credit.closed_by else None,
        credit.entry_id,
        credit.rated_on.toordinal(),
        credit.lapsing,
        credit.doubt,
        credit.assumed,
        credit.edition,
        credit.account,
        credit.origin._value_ if credit.origin else None,
    )
