"""Scenarios of one database: a partner's books with steps that nobody has imported. Nothing is stored."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Connection

from tiercore.access import Grant
from tiercore.program import Program
from tiercore.scenarios.applying import with_steps
from tiercore.scenarios.books import NeedsOthers, PartnerBooks
from tiercore.scenarios.outcome import Difference, difference
from tiercore.scenarios.reading import read_books
from tiercore.scenarios.steps import Step, client_of
from tiercore.storage.transactions import Transactions

T = TypeVar("T")
Compute = Callable[[PartnerBooks], T]


class Scenarios:
    """What a partner's answers would be after steps. Books are read and rated in a thread, from one state of the data.

    A client that several partners serve is rated from all of their entries; what is answered is about the grant's
    partner alone.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def difference(self, grant: Grant, steps: Sequence[Step], program: Program, as_of: date) -> Difference:
        """The partner without and with the steps, on the first day on which all of them have happened."""
        clients = {client for step in steps if (client := client_of(step))}
        return await self.computed(grant, clients, as_of, lambda books: difference(books, steps, program, as_of))

    async def books(self, grant: Grant, clients: Collection[str], as_of: date) -> PartnerBooks:
        """The partner's books with those of the clients, as they are stored."""
        return await self.computed(grant, clients, as_of, lambda books: books)

    async def with_steps(self, grant: Grant, steps: Iterable[Step], program: Program, as_of: date) -> PartnerBooks:
        """The partner's books after the steps."""
        known = list(steps)
        clients = {client for step in known if (client := client_of(step))}
        return await self.computed(grant, clients, as_of, lambda books: with_steps(books, known, program))

    async def computed(self, grant: Grant, clients: Collection[str], as_of: date, compute: Compute[T]) -> T:
        """What `compute` makes of the partner's books, in a thread. Where it needs the other clients, they are read."""
        partner_id = grant.partner.partner_id

        def read(connection: Connection) -> T:
            books = read_books(connection, partner_id, clients, as_of)
            try:
                return compute(books)
            except NeedsOthers:
                return compute(read_books(connection, partner_id, clients, as_of, others=True))

        return await self._transactions.snapshot(read)
