"""Questions answered directly from a client's entries, without a database."""

import random
from datetime import date

from tests.support import partner_a
from tests.support.entries import book
from tiercore.facts.entries import Partner
from tiercore.program import Program, load_program
from tiercore.questions.changes import Changes, changes_between
from tiercore.questions.client import ClientDetail, ClientLedger, client_on
from tiercore.questions.requirements import Facts
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.netting import CreditEvent
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, balance_on, timeline_of

PROGRAM = load_program()
FACTS = Facts(Partner("P1", "Partner A", "US", "USD", date(2019, 1, 1)), [], None, None)


def start_event(credit: Credit) -> CreditEvent:
    names = (credit.client_id, "Acme", credit.product_line, credit.source.value)
    day, line = credit.starts_on.toordinal(), (credit.edition, credit.account)
    return CreditEvent(*names, day, credit.opened_by.value, credit.micropoints, credit.shared_by, credit.doubt, *line)


def end_event(credit: Credit) -> CreditEvent:
    assert credit.lapses_on is not None
    assert credit.closed_by is not None
    return start_event(credit)._replace(day=credit.lapses_on.toordinal(), cause=credit.closed_by.value)


def changes(client_book: ClientBook, since: date, day: date, *, shuffler: random.Random | None = None) -> Changes:
    """What a partner gained and lost with one client, directly from its entries."""
    credits = [credit for credit in credits_of(client_book, PROGRAM) if credit.partner_id == "P1"]
    timeline = timeline_of(credits)
    opened = [start_event(credit) for credit in credits if since < credit.starts_on <= day]
    closed = [end_event(credit) for credit in credits if credit.lapses_on and since < credit.lapses_on <= day]
    for moves in (opened, closed) if shuffler else ():
        shuffler.shuffle(moves)
    before, after = balance_on(timeline, since), balance_on(timeline, day)
    return changes_between(since, day, PROGRAM, FACTS, before, after, opened, closed)


def detail(client_book: ClientBook, on: date, partner: str = "P1", facts: Facts | None = None) -> ClientDetail:
    """The client as the partner sees it."""
    ledger = ClientLedger(
        client_book.client,
        [each for each in client_book.sales if each.partner_id == partner],
        client_book.levels,
        [each for each in client_book.agreements if each.partner_id == partner],
        [each for each in credits_of(client_book, PROGRAM) if each.partner_id == partner],
    )
    return client_on(on, PROGRAM, facts or partner_a.facts(), Balance(on.toordinal()), ledger)


def client_of(*entries, on: date) -> ClientDetail:
    return detail(book(*entries), on)


def months_of(*client_books: ClientBook, program: Program = PROGRAM, partner: str = "P1") -> list[RetentionMonth]:
    """The partner's retention months from these clients' entries."""
    credits = [credit for each in client_books for credit in credits_of(each, program) if credit.partner_id == partner]
    return retention_months(credits, [level for each in client_books for level in each.levels], program)
