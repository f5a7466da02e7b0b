"""Reading a partner's open deals and rating them: what they would earn if they were closed on their days."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from datetime import date

from sqlalchemy import Connection

from tiercore.access import Grant
from tiercore.deal_points import NOTHING_ADDED, Rated, rated
from tiercore.facts.entries import Partner
from tiercore.ledger import VERSION, Changed, Ledger, computed
from tiercore.pipeline_points import pipeline_on
from tiercore.questions.pipeline import OpenDeal, Pipeline
from tiercore.questions.progress import horizon
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance
from tiercore.storage import reach_statements, statements
from tiercore.storage.books import books_of
from tiercore.storage.decoding import Rows, books_of_rows, open_deal_of
from tiercore.storage.pipeline_statements import BOOKS, DEAL_POINTS, PIPELINE
from tiercore.storage.transactions import Transactions
from tiercore.stored_deals import coming, stored_points

_KNOWN = 2_000  # partners' deals


class OpenDeals:
    """The open deals in one ledger; `transactions` read the whole books of their clients, which rating needs, where
    the database shows no reader another partner's rows.
    """

    def __init__(self, ledger: Ledger, transactions: Transactions | None) -> None:
        self._ledger, self._transactions = ledger, transactions
        self._known: OrderedDict[Hashable, Rated] = OrderedDict()  # by the partner's own version: good while it is

    async def pipeline(self, grant: Grant, as_of: date, *, judged: bool = True) -> Pipeline:
        """The partner's pipeline as seen on the day, all from one state of the data; see `pipeline_on`."""

        async def compute() -> Pipeline:
            key = {"partner_id": grant.partner.partner_id}
            window = {**key, "day": as_of.toordinal(), "until": horizon(as_of).toordinal()}
            facts, balance, [version, ahead, deals, points] = await self._ledger.load(
                grant,
                as_of,
                VERSION,
                (statements.BALANCES_AHEAD, window),
                (PIPELINE, key),
                (DEAL_POINTS, key),
            )
            rows = version, [Balance._make(row) for row in ahead], deals, points
            return await self.from_rows(grant, as_of, facts, balance, rows, judged=judged)

        return await self._ledger.steadily(compute)

    async def from_rows(
        self,
        grant: Grant,
        as_of: date,
        facts: Facts,
        balance: Balance,
        rows: tuple[Rows, Sequence[Balance], Rows, Rows],
        *,
        judged: bool = True,
    ) -> Pipeline:
        """The same from rows that were read: of VERSION, the balances up to the horizon, of PIPELINE and DEAL_POINTS.

        Raises Changed where the data has another version by now.
        """
        version, ahead, deals, points = rows
        known = [open_deal_of(row) for row in deals]
        ahead_of_day = coming(known, as_of)
        found = stored_points(self._ledger.program, points, ahead_of_day)
        if found is None:
            found = await self.rated(grant, facts.partner, ahead_of_day, version)
        asked = as_of, self._ledger.program, facts, balance, ahead, known, found
        if not judged or not found.deals:
            return pipeline_on(*asked, judged=judged)
        return await asyncio.to_thread(pipeline_on, *asked)

    async def rated(self, grant: Grant, partner: Partner, deals: Sequence[OpenDeal], version: Rows) -> Rated:
        """Deals to come, rated by the state of the data with this version. Raises Changed where it has changed."""
        if not deals:
            return NOTHING_ADDED
        key = grant.partner.partner_id, grant.version, self._ledger.program, tuple(deals)
        found = self._known.get(key)
        if found is None or not grant.version:
            found = self._known[key] = await self._rated(grant, partner, deals, version)
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
        return found

    async def _rated(self, grant: Grant, partner: Partner, deals: Sequence[OpenDeal], version: Rows) -> Rated:
        if not self._ledger.immediate:
            return await self._rated_from_books(partner, deals, version)
        key = {"partner_id": grant.partner.partner_id}
        books = await self._ledger.fetch_at(grant, version, *((each, key) for each in BOOKS))

        def rate() -> Rated:
            return rated(self._ledger.program, partner, deals, books_of_rows(*books))

        return await computed(sum(map(len, books)), rate)

    async def _rated_from_books(self, partner: Partner, deals: Sequence[OpenDeal], version: Rows) -> Rated:
        assert self._transactions is not None, "give Answers the transactions to read clients' books with"
        ids = sorted({each.deal.client_id for each in deals if each.deal.client_id})
        program = self._ledger.program

        def rate(connection: Connection) -> Rated:
            if [tuple(row) for row in connection.execute(reach_statements.VERSION)] != [tuple(row) for row in version]:
                raise Changed
            books = {book.client.client_id: book for book in books_of(connection, ids)}
            return rated(program, partner, deals, books)

        return await self._transactions.snapshot(rate)
