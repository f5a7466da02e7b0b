"""What people say of open deals, one method each. Permissions are checked in the transaction that stores."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from tiercore.access import NotLinked, SlackUser
from tiercore.facts.entries import PipelineDeal
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.types import Identity, InvalidChange
from tiercore.pipeline import asking, storing
from tiercore.pipeline.types import LATEST, DealLine, NoSuchDeal, Said
from tiercore.storage.engine import Busy
from tiercore.storage.transactions import Transactions
from tiercore.typed.types import Draft, Kind


class PipelineDeals:
    """The open deals of one database. Whoever may see a partner may say what became of its deals: they are no points.

    Every method with a user raises NotLinked, and NoSuchDeal for a deal that isn't theirs. `today` gives the day.
    """

    def __init__(self, transactions: Transactions, today: Callable[[datetime], date]) -> None:
        self._transactions, self._today = transactions, today

    async def find(self, user: SlackUser, deal_id: str) -> DealLine:
        """The open deal."""
        return await self._transactions.read(lambda db: _theirs(db, user, deal_id)[0])

    async def lose(self, user: SlackUser, deal_id: str) -> DealLine:
        """The deal is lost: it is open no longer, unless a file or a sync brings it with another day."""
        return await self._say(user, deal_id, Said.LOST)

    async def put_off(self, user: SlackUser, deal_id: str) -> DealLine:
        """Nothing is known yet. Nobody is asked about this day again. Raises InvalidChange where its day isn't over."""
        return await self._say(user, deal_id, Said.LATER)

    async def ask_somebody_else(self, deal_id: str) -> None:
        """Whoever was asked about the deal can't see it any more: the next of its people is asked in their place."""

        def forget(db: Connection, _: datetime) -> None:
            if line := storing.open_deal(db, deal_id):
                storing.ask_again(db, line)

        await self._transactions.write(forget)

    async def move(self, user: SlackUser, deal_id: str, to: date) -> DealLine:
        """The deal is expected on another day. Raises InvalidChange for a day that is over, or far away."""
        today = self._today(self._transactions.clock())
        if not today <= to <= today + timedelta(LATEST):
            raise InvalidChange("Choose a day from today on, at most a year ahead.")
        return await self._say(user, deal_id, Said.MOVED, to)

    async def as_sale(self, user: SlackUser, deal_id: str, token: str) -> Draft:
        """The sale that the deal becomes when it is won, as a draft. Its ID stays the same however often it is opened:
        the deal is won once that sale is on file.
        """

        def draft(db: Connection, now: datetime) -> Draft:
            line, _ = _theirs(db, user, deal_id)
            sale_id = storing.won_as(db, line, f"T-{token}")
            today = self._today(now)
            sold_on = min(line.expected_on, today)
            return Draft(Kind.SALE, line.deal.partner_id, _cells(line.deal, sold_on), sale_id.removeprefix("T-"))

        return await self._transactions.write(draft)

    async def _say(self, user: SlackUser, deal_id: str, said: Said, to: date | None = None) -> DealLine:
        def say(db: Connection, now: datetime) -> DealLine:
            line, person = _theirs(db, user, deal_id)
            if said is Said.LATER and line.expected_on >= self._today(now):
                raise InvalidChange("Somebody has given it another day by now. Ask /pipeline.")
            storing.say(db, line, said, to, person.email, now)
            record(db, now, person.email, f"deal {said.value}", line.deal.partner_id, deal_id)
            return line

        return await self._transactions.write(say)

    async def ask_about_past(self) -> int:
        """Queue a message about each deal that is past its day, once for each day; how many. Nothing is written where
        nobody can be asked, and nothing is done while another change runs.
        """

        def ask(db: Connection, now: datetime) -> int:
            return asking.ask(db, now, self._today(now))

        now = self._transactions.clock()
        today = self._today(now)
        if await self._transactions.read(lambda db: next(asking.due(db, now, today), None)) is None:
            return 0
        with suppress(Busy):
            return await self._transactions.write(ask, patience=0)
        return 0


def _theirs(connection: Connection, user: SlackUser, deal_id: str) -> tuple[DealLine, Identity]:
    person = identity_of(connection, user)
    if person is None:
        raise NotLinked
    line = storing.open_deal(connection, deal_id)
    if line is None or not (person.is_admin or line.deal.partner_id in person.partners):
        raise NoSuchDeal
    return line, person


def _cells(deal: PipelineDeal, sold_on: date) -> dict[str, str]:
    """The deal as the cells of a sale; its deal type is for people to say."""
    return {
        "client_id": deal.client_id or "",
        "product_line": deal.product_line,
        "motion": deal.motion.value,
        "mrr": deal.mrr.as_decimal(),
        "currency": deal.mrr.currency,
        "sold_on": sold_on.isoformat(),
    }
