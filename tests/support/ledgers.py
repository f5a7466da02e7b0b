"""Ledgers of several clients that hypothesis makes up, stored and rated."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from tests.support.entries import books, days
from tiercore.facts.entries import Entry, Partner, SubscriptionLevel, ToolUsage
from tiercore.program import Program
from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.derive import rebuild_all
from tiercore.storage.tables.ledger import ENTRY_TABLES

PARTNERS = [Partner(partner_id, partner_id, "US", "USD", date(2020, 1, 1)) for partner_id in ("P1", "P2", "P3")]
names = st.sampled_from(
    [
        "Marketing Hub Professional",
        "Marketing Hub Enterprise",
        "Marketing Hub",
        "CMS Hub Professional",
        "Content Hub Professional",
        "Content Hub",
        "Content Hub Enterprise",
        "A line of its own",
    ]
)
accounts = st.sampled_from([None, None, "second"])


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    """Up to three clients' entries: editions, renamed lines, accounts, zeros and two levels on a day, tool usage."""
    found: list[Entry] = [*PARTNERS]
    for number in range(draw(st.integers(1, 3))):
        book, client_id = draw(books()), f"C{number}"
        found.append(replace(book.client, client_id=client_id))
        for each in book.sales:
            sale_id, line, account = f"{client_id}{each.sale_id}", draw(names), draw(accounts)
            found.append(replace(each, client_id=client_id, sale_id=sale_id, product_line=line, account=account))
        found += draw(_levels(client_id, book.levels))
        for agreement in book.agreements:
            agreement_id = f"{client_id}{agreement.agreement_id}"
            found.append(replace(agreement, client_id=client_id, agreement_id=agreement_id))
        months = draw(st.dictionaries(days.map(lambda day: day.replace(day=1)), st.integers(0, 9), max_size=4))
        found += [ToolUsage(client_id, month, tools) for month, tools in months.items()]
    return found


@st.composite
def _levels(draw: st.DrawFn, client_id: str, drawn: Sequence[SubscriptionLevel]) -> list[SubscriptionLevel]:
    found: dict[tuple[object, ...], SubscriptionLevel] = {}
    day = None
    for each in drawn:
        day = day if day and draw(st.booleans()) else each.effective_on
        minor = 0 if draw(st.integers(0, 3)) == 0 else each.mrr.minor
        line, account, mrr = draw(names), draw(accounts), replace(each.mrr, minor=minor)
        level = replace(each, client_id=client_id, product_line=line, account=account, mrr=mrr, effective_on=day)
        found[line, account, day] = level
    return list(found.values())


def store(connection: Connection, ledger: Sequence[Entry], program: Program) -> None:
    """Put the ledger in place of everything that is stored, and rate it."""
    for model in reversed(ENTRY_TABLES):
        connection.execute(delete(table(model)))
    for entry in ledger:
        connection.execute(insert(table(rows.TABLE_OF[type(entry)])), [rows.entry_row(entry)])
    rebuild_all(connection, program)
