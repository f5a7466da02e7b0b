"""What if …? From typed wishes to the difference that they make, for a partner that may be seen. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tiercore.access import Grant
from tiercore.ledger import Ledger
from tiercore.program import Model
from tiercore.questions.client import NoSuchClient
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.outcome import WhatIfAnswer, difference
from tiercore.scenarios.service import Scenarios
from tiercore.scenarios.steps import Step
from tiercore.scenarios.wishes import Asked, Assumption, CannotHappen, Wish, line_and_client, step_of


class WhatIf:
    """Answers what would be if something happened, over one ledger and the scenarios of its database."""

    def __init__(self, ledger: Ledger, scenarios: Scenarios) -> None:
        self._ledger, self.scenarios = ledger, scenarios

    async def ask(self, grant: Grant, asked: Sequence[Asked], as_of: date, model: Model | None = None) -> WhatIfAnswer:
        """The partner with and without what is asked, in its order.

        Raises NoSuchClient for a client that the partner doesn't have, and CannotHappen.
        """
        await self._ledger.require_seen(grant)
        wishes = [await self._named(grant, each) for each in asked]
        program, clients = self._ledger.program, {each.client_id for each in wishes if each.client_id}

        def compute(books: PartnerBooks) -> WhatIfAnswer:
            steps, assumed = list[Step](), list[tuple[Assumption, ...]]()
            for wish in wishes:
                step, said = step_of(wish, books, program, as_of)
                steps.append(step)
                assumed.append(tuple(said))
            return WhatIfAnswer(difference(books, steps, program, as_of, model), tuple(assumed))

        return await self.scenarios.computed(grant, clients, as_of, compute)

    async def _named(self, grant: Grant, asked: Asked) -> Wish:
        """The wish with its client's ID and its line. Raises NoSuchClient and CannotHappen."""
        wish, errors = asked.wish, list[NoSuchClient]()
        if not asked.words or wish.client_id:
            return _complete(wish)
        for line, client in line_and_client(asked.words, self._ledger.program.catalogue):
            if not client:
                return _complete(replace(wish, product_line=line))
            try:
                client_id = await self._ledger.client_named(grant, client)
            except NoSuchClient as error:
                errors.append(error)
            else:
                return _complete(replace(wish, client_id=client_id, product_line=line or wish.product_line))
        raise errors[-1]


def _complete(wish: Wish) -> Wish:
    """The wish. Raises CannotHappen where it needs a client and has none."""
    if wish.kind.takes_client and not wish.client_id:
        raise CannotHappen(f"Say which client, like /whatif {wish.kind.value} Acme.")
    return wish
