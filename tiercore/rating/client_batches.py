"""Rating many clients at a time, from rows to the credits that differ from the stored ones (architecture#rebuilds).

A batch is plain rows, so that it can go to another process or machine and back. What a client earns is rating's one
pure function; here it is only carried out for several clients.
"""

import pickle
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from tiercore.facts.entries import Client
from tiercore.program import Program
from tiercore.rating.book_rows import books_of, credit_row
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import Contradiction
from tiercore.rating.garbage import uncollected
from tiercore.rating.plain_lines import doubtful_rows, plain_rows
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
_Own = tuple[Sequence[Row], Sequence[Row], Sequence[Row]]  # a client's sales, levels and agreements
Contradictions = Sequence[tuple[Client, Contradiction]]


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
    contradictions: Contradictions


class Compared(NamedTuple):
    """What the clients of a batch earn: all rows `found`, the stored ones `removed`, with their numbers, and those
    `added`.
    """

    found: list[Row]
    removed: list[Row]
    added: list[Row]
    contradictions: Contradictions

    def rated(self, batch: ClientBatch) -> RatedClients:
        """The same as it is stored."""
        owners = {(row[1], row[0]) for row in self.found} | {(row[2], row[1]) for row in batch.stored}
        removed = [(row[0], row[1]) for row in self.removed]
        return RatedClients(removed, self.added, frozenset(owners), self.contradictions)


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
    return compare_clients(pickled, batch).rated(batch)


def compare_clients(pickled: bytes, batch: ClientBatch) -> Compared:
    """Rate the clients of the batch, and compare with what is stored."""
    found, contradictions = _found(pickled, batch)
    return Compared(found, *_differing(batch.stored, found), contradictions)


def _found(pickled: bytes, batch: ClientBatch) -> tuple[list[Row], Contradictions]:
    """The rows that the batch's clients earn, and the contradictions of the doubted ones."""
    program, rules = program_of(pickled), _plain_rules(pickled)
    found: list[Row] = []
    contradictions: list[tuple[Client, Contradiction]] = []
    sales, levels, agreements = _by(batch.sales, 2), _by(batch.levels, 0), _by(batch.agreements, 2)
    for client in batch.clients:
        client_id = client[0]
        own: _Own = sales.get(client_id, ()), levels.get(client_id, ()), agreements.get(client_id, ())
        doubted, rows = client_id in batch.doubted, plain_rows(client[2], *own, rules)
        if rows is not None:
            found += rows
            own = _doubtful(*own, rules) if doubted else ((), (), ())
        if any(own):
            (book,) = books_of((client,), *own)
            lines = lines_of(book, program.catalogue)
            credits = credits_of(book, program, lines)
            found += map(credit_row, credits) if rows is None else ()
            if doubted:
                contradictions += ((book.client, each) for each in contradictions_of(book, lines, credits))
    return found, contradictions


def _doubtful(sales: Sequence[Row], levels: Sequence[Row], agreements: Sequence[Row], rules: PlainRules) -> _Own:
    """The rows of a plain client in which contradictions are: agreements, where there are no levels at all."""
    return *doubtful_rows(sales, levels, rules), () if levels else agreements


def _differing(stored: Sequence[Row], found: list[Row]) -> tuple[list[Row], list[Row]]:
    """The stored rows that weren't found again, and the found ones that aren't stored; equal rows count one by one."""
    if [row[1:] for row in stored] == found:  # nearly always: spare the hashes
        return [], []
    left: dict[Row, list[Row]] = {}
    for row in stored:
        left.setdefault(row[1:], []).append(row)
    added = []
    for row in found:
        same = left.get(row)
        if same:
            same.pop()
        else:
            added.append(row)
    return [row for rows in left.values() for row in rows], added
