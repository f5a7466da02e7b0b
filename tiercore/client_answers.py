"""The questions about a partner's clients and the credits behind its figures, one method each."""

from dataclasses import replace
from datetime import date

from tiercore.access import Grant
from tiercore.facts.entries import Client
from tiercore.facts.holds import EXPIRY
from tiercore.ledger import Ledger
from tiercore.program import Program
from tiercore.questions.client import ClientDetail, ClientLedger, client_on, no_mrr
from tiercore.questions.clients import Clients, Unpaid
from tiercore.questions.standing import notes_on
from tiercore.questions.why import Why, why_on
from tiercore.questions.why_retention import RetentionWhy, months_counted, why_retention_on
from tiercore.rating.install_base import first_day
from tiercore.storage import client_statements
from tiercore.storage.decoding import (
    ClientRow,
    agreement_of,
    client_line_of,
    credit_behind,
    credit_of,
    level_of,
    sale_of,
    stay_of,
    typed_by_client,
    typed_by_entry,
)


class ClientAnswers:
    """What a partner's clients bring, from one ledger; `Answers` has these methods, too."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    @property
    def program(self) -> Program:
        """The rules as of the version of the data that was read last."""
        return self.ledger.program

    async def clients(self, grant: Grant, order: str, start: int, limit: int, as_of: date) -> Clients:
        """A page of the clients with active credits: `limit` of them from `start` on, in one of clients.ORDERS."""
        window = {"partner_id": grant.partner.partner_id, "day": as_of.toordinal(), "on": as_of.isoformat()}
        partner, balance, holds, [found, unpaid, typed] = await self.ledger.partner_on(
            grant,
            as_of,
            (client_statements.CLIENTS[order], {**window, "start": start, "limit": limit}),
            (client_statements.UNPAID, window),
            (client_statements.TYPED, window),
        )
        page = [ClientRow._make(row) for row in found]
        if start and not page:  # the list has become shorter
            return await self.clients(grant, order, 0, limit, as_of)
        return Clients(
            partner=partner,
            as_of=as_of,
            rules=self.program.on(as_of),
            balance=balance,
            order=order,
            start=start,
            count=page[0].clients if page else 0,
            lines=tuple(client_line_of(row, holds.get(EXPIRY)) for row in page),
            unpaid=tuple(Unpaid(row[0], row[1], no_mrr(bool(row[2]))) for row in unpaid),
            notes=tuple(notes_on(self.program, balance)),
            held=holds.get(EXPIRY),
            typed=typed_by_client(typed),
        )

    async def client(self, grant: Grant, text: str, as_of: date) -> ClientDetail:
        """One client of the partner, by ID or name. Raises NoSuchClient."""
        client_id = await self.ledger.client_named(grant, text)
        key = {"partner_id": grant.partner.partner_id, "client_id": client_id}
        facts, balance, [[client], sales, levels, agreements, credits, typed] = await self.ledger.load(
            grant,
            as_of,
            (client_statements.CLIENT, {"client_id": client_id}),
            (client_statements.SALES_OF_CLIENT, key),
            (client_statements.LEVELS_OF_CLIENT, {"client_id": client_id}),
            (client_statements.AGREEMENTS_OF_CLIENT, key),
            (client_statements.CREDITS_OF_CLIENT, key),
            (client_statements.TYPED, key),
        )
        ledger = ClientLedger(
            Client(*client),
            [sale_of(row) for row in sales],
            [level_of(row) for row in levels],
            [agreement_of(row) for row in agreements],
            [credit_of(row) for row in credits],
        )
        found = client_on(as_of, self.program, facts, balance, ledger)
        return replace(found, typed=typed_by_entry(typed))

    async def why(self, grant: Grant, figure: str, start: int, limit: int, as_of: date) -> Why:
        """The credits behind one of why.FIGURES_OF_POINTS, largest first: `limit` of them from `start` on."""
        window = {"partner_id": grant.partner.partner_id, "day": as_of.toordinal(), "start": start, "limit": limit}
        facts, balance, [rows, typed] = await self.ledger.load(
            grant, as_of, (client_statements.CREDITS_BEHIND[figure], window), (client_statements.TYPED, window)
        )
        found = [credit_behind(row) for row in rows]
        if start and not found:  # the list has become shorter
            return await self.why(grant, figure, 0, limit, as_of)
        count = found[0].total if found else 0
        credits = [(each.credit, each.client, each.country) for each in found]
        found_out = why_on(as_of, self.program, facts, balance, figure, start, count, credits)
        return replace(found_out, typed=typed_by_entry(typed))

    async def why_retention(self, grant: Grant, start: int, most: int, as_of: date) -> RetentionWhy:
        """The lines of clients behind C$R or GRR, the largest part first: `most` from `start` on."""
        months = months_counted(as_of)
        days = {"changed_after": first_day(months.start).isoformat(), "changed_by": first_day(months.stop).isoformat()}
        key = {"partner_id": grant.partner.partner_id, **days}
        facts, balance, [levels, stays] = await self.ledger.load(
            grant, as_of, (client_statements.LEVELS_OF_CHANGED, key), (client_statements.STAYS_OF_CHANGED, key)
        )
        changed = map(stay_of, stays), map(level_of, levels)
        return why_retention_on(as_of, self.program, facts, balance, (start, most), *changed)
