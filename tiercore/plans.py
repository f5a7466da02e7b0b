"""Plans for a partner that may be seen: its books are read and rated in a thread. Nothing is stored."""

from collections.abc import Collection
from datetime import date

from tiercore.access import Grant
from tiercore.ledger import Ledger
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.steps import Wish
from tiercore.questions.pipeline import OpenDeal
from tiercore.scenarios.service import Scenarios
from tiercore.storage import client_statements, pipeline_statements
from tiercore.storage.decoding import open_deal_of

MOST_CLIENTS = 200  # that a plan chooses from: those with most points where a partner has more


class Plans:
    """Makes plans over one ledger and the scenarios of its database."""

    def __init__(self, ledger: Ledger, scenarios: Scenarios) -> None:
        self._ledger, self._scenarios = ledger, scenarios

    async def plan(self, grant: Grant, wish: Wish, as_of: date) -> Plan:
        """The cheapest plan for the wish, or why there is none. Raises UnknownTier and NotAhead."""
        await self._ledger.require_seen(grant)
        program, deals = self._ledger.program, await self._deals(grant, as_of)
        named = {each.deal.client_id for each in deals if each.deal.client_id}
        clients = sorted({*await self._clients(grant, as_of), *named})
        return await self._scenarios.computed(
            grant, clients, as_of, lambda books: plan_for(wish, as_of, program, books, deals)
        )

    async def _deals(self, grant: Grant, as_of: date) -> list[OpenDeal]:
        """The open deals to come."""
        [found] = await self._ledger.fetch(
            grant, (pipeline_statements.PIPELINE, {"partner_id": grant.partner.partner_id})
        )
        deals = [open_deal_of(row) for row in found]
        return [each for each in deals if not each.is_past(as_of)]

    async def _clients(self, grant: Grant, as_of: date) -> Collection[str]:
        key = {"partner_id": grant.partner.partner_id}
        known = await self._ledger.clients_known(grant)
        if len(known) <= MOST_CLIENTS:
            return [row[0] for row in known]
        page = {**key, "day": as_of.toordinal(), "on": as_of.isoformat(), "start": 0, "limit": MOST_CLIENTS}
        [largest] = await self._ledger.fetch(grant, (client_statements.CLIENTS["points"], page))
        return [row[0] for row in largest]
