"""Rating many clients at a time, from rows to the credits that differ from the stored ones (architecture#rebuilds).

A batch is plain rows, so that it can go to another process or machine and back. What a client earns is rating's one
pure function; here it is only carried out for several clients.
"""

import pickle
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Program
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import Contradiction
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.garbage import uncollected
from tiercore.rating.plain_lines import plain_rows
from tiercore.rating.plain_rules import PlainRules
from tiercore.rating.rating import credits_of, lines_of

Row = tuple[Any, ...]
CLIENT = ("client_id", "name", "country")
SALE = (
    "sale_id",
    "partner_id",
    "client_id",
    "product_line",
    "deal_type",
    "motion",
    "mrr_minor",
    "currency",
    "sold_on",
    "account",
)
LEVEL = ("client_id", "product_line", "mrr_minor", "currency", "effective_on", "renews_on", "account")
AGREEMENT = ("agreement_id", "partner_id", "client_id", "starts_on", "ends_on")
CREDIT = (
    "partner_id",
    "client_id",
    "product_line",
    "source",
    "micropoints",
    "program_cents",
    "mrr_minor",
    "currency",
    "rate",
    "shared_by",
    "starts_on",
    "lapses_on",
    "opened_by",
    "closed_by",
    "entry_id",
    "rated_on",
    "lapsing",
    "doubt",
    "assumed",
    "edition",
    "account",
    "origin",
)
# By value: a call of the enumeration takes ten times that.
_DEAL_TYPES = {each.value: each for each in DealType}
_MOTIONS = {each.value: each for each in Motion}


class ClientBatch(NamedTuple):
    """All entries of some clients, as rows with the columns above, and the credits stored for them.

    A stored credit has its number before the columns of CREDIT. Days are dates or their ISO text. Contradictions are
    looked for among `doubted`.
    """

    clients: Sequence[Row]
    sales: Sequence[Row]
    levels: Sequence[Row]
    agreements: Sequence[Row]
    stored: Sequence[Row]
    doubted: Collection[str]


class RatedClients(NamedTuple):
    """How the credits of a batch differ from the stored ones: the numbers and partners of those to remove, and the
    rows to add. `owners` are the clients with each partner that has or had credits from them.
    """

    removed: Sequence[tuple[int, str]]
    added: Sequence[Row]
    owners: frozenset[tuple[str, str]]
    contradictions: Sequence[tuple[Client, Contradiction]]


@lru_cache(maxsize=2)
def program_of(pickled: bytes) -> Program:
    """The program that another process has pickled; the same object each time."""
    found = pickle.loads(pickled)  # noqa: S301 – from the process that started this one, never from outside
    assert isinstance(found, Program)
    return found


@lru_cache(maxsize=2)
def _plain_rules(pickled: bytes) -> PlainRules:
    return PlainRules(program_of(pickled))


def _by(rows: Iterable[Row], at: int) -> dict[str, list[Row]]:
    """The rows by the client's ID in one of their columns."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[at], []).append(row)
    return found


@uncollected()
def rate_clients(pickled: bytes, batch: ClientBatch) -> RatedClients:
    """Rate the clients of the batch by a pickled program."""
    program = program_of(pickled)
    found: list[Row] = []
    contradictions: list[tuple[Client, Contradiction]] = []
    sales, levels, agreements = _by(batch.sales, 2), _by(batch.levels, 0), _by(batch.agreements, 2)
    for client in batch.clients:
        client_id = client[0]
        own = sales.get(client_id, ()), levels.get(client_id, ()), agreements.get(client_id, ())
        doubted = client_id in batch.doubted
        rows = None if doubted else plain_rows(client[2], *own, _plain_rules(pickled))
        if rows is not None:
            found += rows
            continue
        (book,) = books_of((client,), *own)
        lines = lines_of(book, program.catalogue)
        credits = credits_of(book, program, lines)
        found += map(credit_row, credits)
        if doubted:
            contradictions += ((book.client, each) for each in contradictions_of(book, lines, credits))
    removed, added = _differing(batch.stored, found)
    owners = {(row[1], row[0]) for row in found} | {(row[2], row[1]) for row in batch.stored}
    return RatedClients(removed, added, frozenset(owners), contradictions)


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


def _differing(stored: Sequence[Row], found: list[Row]) -> tuple[list[tuple[int, str]], list[Row]]:
    """The stored rows that weren't found again, and the found ones that aren't stored; equal rows count one by one."""
    if [row[1:] for row in stored] == found:  # nearly always: spare the hashes
        return [], []
    numbers: dict[Row, list[tuple[int, str]]] = {}
    for row in stored:
        numbers.setdefault(row[1:], []).append((row[0], row[1]))
    added = []
    for row in found:
        same = numbers.get(row)
        if same:
            same.pop()
        else:
            added.append(row)
    return [each for left in numbers.values() for each in left], added
