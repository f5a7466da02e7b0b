"""Reading a partner's open deals and rating them: what they would earn if they were closed on their days."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from tiercore.access import Grant
from tiercore.ledger import Ledger
from tiercore.pipeline_points import NOTHING_ADDED, pipeline_on, rated
from tiercore.program import Program
from tiercore.questions.pipeline import OpenDeal, Pipeline
from tiercore.questions.progress import horizon
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance
from tiercore.storage import statements
from tiercore.storage.books import books_of
from tiercore.storage.decoding import open_deal_of
from tiercore.storage.pipeline_statements import PIPELINE
from tiercore.storage.transactions import Transactions

Asked = tuple[date, Program, Facts, Balance, Sequence[Balance], Sequence[OpenDeal]]


class OpenDeals:
    """The open deals in one ledger; `transactions` read the whole books of their clients, which rating needs."""

    def __init__(self, ledger: Ledger, transactions: Transactions | None) -> None:
        self._ledger, self._transactions = ledger, transactions

    async def pipeline(self, grant: Grant, as_of: date, *, judged: bool = True) -> Pipeline:
        """The partner's pipeline as seen on the day, all from one state of the data; see `pipeline_on`."""

        async def compute() -> Pipeline:
            key = {"partner_id": grant.partner.partner_id}
            window = {**key, "day": as_of.toordinal(), "until": horizon(as_of).toordinal()}
            facts, balance, [ahead, deals] = await self._ledger.load(
                grant, as_of, (statements.BALANCES_AHEAD, window), (PIPELINE, key)
            )
            known, rows = [open_deal_of(row) for row in deals], [Balance._make(row) for row in ahead]
            asked = as_of, self._ledger.program, facts, balance, rows, known
            coming = [each for each in known if not each.is_past(as_of)]
            if not coming:
                return pipeline_on(*asked, NOTHING_ADDED, judged=judged)
            return await self._projected(asked, coming, judged=judged)

        return (await self._ledger.consistently(compute))[0]

    async def _projected(self, asked: Asked, coming: list[OpenDeal], *, judged: bool) -> Pipeline:
        """The pipeline with deals to come: the books of their clients are read, and everything rated, in a thread."""
        assert self._transactions is not None, "give Answers the transactions to read clients' books with"
        ids = sorted({each.deal.client_id for each in coming if each.deal.client_id})
        _, program, facts, *_ = asked

        def project(connection: Connection) -> Pipeline:
            books = {book.client.client_id: book for book in books_of(connection, ids)}
            return pipeline_on(*asked, rated(program, facts.partner, coming, books), judged=judged)

        return await self._transactions.read(project)
