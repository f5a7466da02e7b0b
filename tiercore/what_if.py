"""What if …? From typed wishes to the difference that they make, for a partner that may be seen. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tiercore.access import Grant, PartnerIndex, PartnerName
from tiercore.ledger import Ledger, client_among
from tiercore.program import Model
from tiercore.questions.client import NoSuchClient
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.naming import line_and_client
from tiercore.scenarios.outcome import WhatIfAnswer, difference
from tiercore.scenarios.service import Scenarios
from tiercore.scenarios.steps import NewClient, Step
from tiercore.scenarios.wishes import Asked, Assumption, CannotHappen, Wish, WishKind, step_of
from tiercore.storage.decoding import Rows, open_deal_of
from tiercore.storage.pipeline_statements import PIPELINE


class WhatIf:
    """Answers what would be if something happened, over one ledger and the scenarios of its database."""

    def __init__(self, ledger: Ledger, scenarios: Scenarios) -> None:
        self._ledger, self.scenarios = ledger, scenarios

    async def ask(
        self,
        grant: Grant,
        asked: Sequence[Asked],
        as_of: date,
        model: Model | None = None,
        *,
        new_clients: bool = False,
    ) -> WhatIfAnswer:
        """The partner with and without what is asked, in its order.

        With `new_clients`, a sale to a client like none of the partner's is one to a new client of that name. Raises
        NoSuchClient for a client that the partner doesn't have, and CannotHappen.
        """
        await self._ledger.require_seen(grant)
        names_clients = any(each.words and not each.wish.client_id for each in asked)
        known = await self._ledger.clients_known(grant) if names_clients else ()
        wishes = [await self._named(grant, each, known, new_clients=new_clients) for each in asked]
        program, clients = self._ledger.program, {each.client_id for each in wishes if each.client_id}

        def compute(books: PartnerBooks) -> WhatIfAnswer:
            steps, assumed = list[Step](), list[tuple[Assumption, ...]]()
            for wish in wishes:
                step, said = step_of(wish, books, program, as_of)
                steps.append(step)
                assumed.append(tuple(said))
            return WhatIfAnswer(difference(books, steps, program, as_of, model), tuple(assumed))

        return await self.scenarios.computed(grant, clients, as_of, compute)

    async def _named(self, grant: Grant, asked: Asked, known: Rows, *, new_clients: bool) -> Wish:
        """The wish with its known client, or as a new one, and its line. Raises NoSuchClient and CannotHappen."""
        wish, errors = asked.wish, list[NoSuchClient]()
        if not asked.words or wish.client_id:
            return _complete(wish)
        readings = line_and_client(asked.words, self._ledger.program.catalogue)
        line, client = readings[-1]
        if asked.is_new and client and wish.kind is WishKind.SELL:
            if not new_clients:
                raise NoSuchClient(client)
            return replace(wish, product_line=line, new_client=NewClient(client))
        for line, client in readings:
            if not client:
                return _complete(replace(wish, product_line=line))
            try:
                client_id = await client_among(known, client)
            except NoSuchClient as error:
                errors.append(error)
            else:
                return _complete(replace(wish, client_id=client_id, product_line=line or wish.product_line))
        if wish.kind is WishKind.SELL and (new := await self._new_client(grant, errors[-1], may_be=new_clients)):
            return replace(wish, product_line=line, new_client=new)
        raise errors[-1]

    async def _new_client(self, grant: Grant, error: NoSuchClient, *, may_be: bool) -> NewClient | None:
        """The new client of an open deal with that name, or where it `may_be`, one that is like no client.

        Raises NoSuchClient with the new clients of open deals that are like it.
        """
        [rows] = await self._ledger.fetch(grant, (PIPELINE, {"partner_id": grant.partner.partner_id}))
        deals = {each.client: each.deal.country for each in map(open_deal_of, rows) if each.is_new}
        index = PartnerIndex([PartnerName(each, each) for each in deals])
        if named := index.named(error.text):
            return NewClient(named[0].name, deals[named[0].name])
        near = [*error.suggestions, *((each.partner_id, each.name) for each in index.alike(error.text))]
        if near:
            raise NoSuchClient(error.text, near)
        return NewClient(error.text) if may_be else None


def _complete(wish: Wish) -> Wish:
    """The wish. Raises CannotHappen where it needs a client and has none."""
    if wish.kind.takes_client and not wish.client_id:
        raise CannotHappen(f"Say which client, like /whatif {wish.kind.value} Acme.")
    return wish
