"""A batch of partners gives what each partner's credits, levels and tool usage give one by one."""

import pickle
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date

from hypothesis import given, settings

from tests.support.ledgers import PARTNERS, ledgers
from tiercore.facts.entries import Agreement, Client, Entry, Sale, SubscriptionLevel, ToolUsage
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.install_base import month_of
from tiercore.rating.partner_batches import PartnerBatch, rate_partners
from tiercore.rating.rating import credits_of
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import term_of, timeline_of

PROGRAM = load_program()


def credits_in(ledger: Sequence[Entry]) -> list[Credit]:
    """Every credit of the ledger."""
    books = {each.client_id: ClientBook(each) for each in ledger if isinstance(each, Client)}
    for each in ledger:
        match each:
            case Sale():
                books[each.client_id].sales.append(each)
            case SubscriptionLevel():
                books[each.client_id].levels.append(each)
            case Agreement():
                books[each.client_id].agreements.append(each)
    return [credit for book in books.values() for credit in credits_of(book, PROGRAM)]


def level_row(level: SubscriptionLevel, *, as_text: bool) -> tuple[object, ...]:
    """The level as PostgreSQL's driver gives it, or with its days as the text that SQLite stores."""
    day, renewal = level.effective_on, level.renews_on
    days = (day.isoformat(), renewal.isoformat() if renewal else None) if as_text else (day, renewal)
    return (level.client_id, level.product_line, *astuple(level.mrr), *days, level.account or "")


def test_a_level_that_is_restated_keeps_the_month_in_which_it_is():
    days = [date(2022, 1, 5), date(2022, 3, 5), date(2022, 5, 5)]
    levels = [("C1", "Sales Hub", 100_00, "USD", each.isoformat(), None, "") for each in days]
    terms = [("P1", "C1", "managed", 1, 1, days[0].toordinal(), None, 0, False, False)]
    found = rate_partners(pickle.dumps(PROGRAM), PartnerBatch(["P1"], terms, levels, (), (), ())).months.added
    assert {row[4:] for row in found} == {(100_00,) * 4}
    assert [row[1] for row in found[:5]] == [month_of(days[0]) + more for more in range(1, 6)]


@settings(max_examples=60)
@given(ledger=ledgers())
def test_a_batch_gives_each_partner_the_timeline_and_months_that_its_credits_give(ledger: Sequence[Entry]):
    credits, usage = credits_in(ledger), defaultdict[str, list[ToolUsage]](list)
    levels = [each for each in ledger if isinstance(each, SubscriptionLevel)]

    def its(of: Sequence[Credit]) -> list[SubscriptionLevel]:
        """The levels of the clients that these credits are from."""
        return [each for each in levels if each.client_id in {credit.client_id for credit in of}]

    for each in ledger:
        if isinstance(each, ToolUsage):
            usage[each.client_id].append(each)
    own = {each.partner_id: [c for c in credits if c.partner_id == each.partner_id] for each in PARTNERS}
    for as_text in (True, False):
        rated = rate_partners(
            pickle.dumps(PROGRAM),
            PartnerBatch(
                partners=list(own),
                terms=[(partner_id, *term_of(credit)) for partner_id, of in own.items() for credit in of],
                levels=[level_row(each, as_text=as_text) for each in levels],
                usage=[(each.client_id, each.month, each.tools_used) for of in usage.values() for each in of],
                timelines=(),
                months=(),
            ),
        )
        timelines = [(partner_id, *day) for partner_id, of in own.items() for day in timeline_of(of, usage)]
        months = [(each, *month) for each, of in own.items() for month in retention_months(of, its(of), PROGRAM)]
        assert (rated.timelines.added, rated.months.added) == (timelines, months)
