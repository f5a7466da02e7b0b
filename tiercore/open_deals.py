"""Reading a partner's open deals and rating them: what they would earn if they were closed on their days."""

from datetime import date

from sqlalchemy import Connection

from tiercore.access import Grant
from tiercore.facts.entries import Partner
from tiercore.facts.holds import EXPIRY
from tiercore.ledger import Ledger
from tiercore.pipeline_points import NOTHING_ADDED, Rated, pipeline_on, rated
from tiercore.questions.pipeline import OpenDeal, Pipeline
from tiercore.questions.progress import horizon
from tiercore.rating.timeline import Balance
from tiercore.storage import statements
from tiercore.storage.books import books_of
from tiercore.storage.decoding import open_deal_of
from tiercore.storage.transactions import Transactions


class OpenDeals:
    """The open deals in one ledger; `transactions` read the whole books of their clients, which rating needs."""

    def __init__(self, ledger: Ledger, transactions: Transactions | None) -> None:
        self._ledger, self._transactions = ledger, transactions

    async def pipeline(self, grant: Grant, as_of: date) -> Pipeline:
        """The partner's pipeline as seen on the day, all from one state of the data."""

        async def compute() -> Pipeline:
            key = {"partner_id": grant.partner.partner_id}
            window = {**key, "day": as_of.toordinal(), "until": horizon(as_of).toordinal()}
            facts, balance, [ahead, deals] = await self._ledger.load(
                grant, as_of, (statements.BALANCES_AHEAD, window), (statements.PIPELINE, key)
            )
            known, rows = [open_deal_of(row) for row in deals], [Balance._make(row) for row in ahead]
            held = facts.holds.get(EXPIRY)
            counted = await self._rated(facts.partner, [each for each in known if not each.is_past(as_of)])
            return pipeline_on(as_of, self._ledger.program, facts, balance, rows, known, counted, held)

        return (await self._ledger.consistently(compute))[0]

    async def _rated(self, partner: Partner, deals: list[OpenDeal]) -> Rated:
        """The deals to come with their points; the books of their clients are read and rated in a thread."""
        if not deals:
            return NOTHING_ADDED
        assert self._transactions is not None, "give Answers the transactions to read clients' books with"
        ids = sorted({each.deal.client_id for each in deals if each.deal.client_id})
        program = self._ledger.program

        def rate(connection: Connection) -> Rated:
            books = {book.client.client_id: book for book in books_of(connection, ids)}
            return rated(program, partner, deals, books)

        return await self._transactions.read(rate)
