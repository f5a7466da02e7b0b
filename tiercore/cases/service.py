"""Changes to cases, one method each. Permissions are checked in the same transaction as the change."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from tiercore.access import Grant, SlackUser
from tiercore.cases import storing, telling
from tiercore.cases.types import LONGEST_ANSWER, Case, CasesOpen, CaseState, Flagged
from tiercore.explaining.claims import Claim, Explained
from tiercore.explaining.explaining import explain
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.types import Identity, InvalidChange, NotAllowed
from tiercore.program import Program
from tiercore.storage.books import books_of, credits_of_partner
from tiercore.storage.bulk import chunks, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.derived import CreditRow
from tiercore.storage.tables.ledger import AgreementRow, SaleRow
from tiercore.storage.transactions import Transactions


class Cases:
    """The cases of one database. Every method with a user checks what they may see.

    A change may raise InvalidChange (it can't be made, or there is no such case for this person) and NotAllowed.
    """

    def __init__(self, transactions: Transactions, program: Program) -> None:
        self._transactions, self._program = transactions, program

    def now(self) -> datetime:
        """The current time, with which changes are dated."""
        return self._transactions.clock()

    async def explain(self, grant: Grant, claim: Claim) -> Explained:
        """What explains the claim, looked for in a thread. Nothing in it names another partner."""
        return await self._transactions.read(lambda db: self._explain(db, grant.partner.partner_id, claim))

    def _explain(self, connection: Connection, partner_id: str, claim: Claim) -> Explained:
        clients = [claim.client_id] if claim.client_id else _clients_of(connection, partner_id)
        books = [book for chunk in chunks(clients) for book in books_of(connection, chunk)]
        return explain(partner_id, books, list(credits_of_partner(connection, partner_id)), self._program, claim)

    async def flag(self, user: SlackUser, grant: Grant, claim: Claim, claimed: str) -> Flagged:
        """Look for what explains the claim and open a case about it, or join the one that is open about this figure
        and day. There is no case where the dashboard shows what we have.
        """
        explained = await self.explain(grant, claim)
        if explained.matches:
            return Flagged(explained, None)
        return await self._transactions.write(
            lambda db, now: _open(db, user, grant.partner.partner_id, claimed, explained, now)
        )

    async def find(self, user: SlackUser, case_id: str) -> tuple[Case, bool]:
        """The case, and whether the user may answer it."""

        def read(db: Connection) -> tuple[Case, bool]:
            case, person = storing.find(db, user, case_id)
            return case, person.may_settle(case.partner_id)

        return await self._transactions.read(read)

    async def of_partners(self, user: SlackUser, partner_ids: Collection[str] | None, limit: int) -> list[Case]:
        """The partners' cases (None: everybody's), those that wait first. The partners come from the user's Reach."""
        return await self._transactions.read(lambda db: storing.of_partners(db, user.team_id, partner_ids, limit))

    async def waiting(self, team: str, partner_ids: Sequence[str] | None) -> CasesOpen:
        """How many cases of the partners (None: everybody's) wait that the workspace's people may see, and the oldest
        of them.
        """
        found = await self._transactions.read(lambda db: storing.waiting(db, team, partner_ids))
        return CasesOpen(len(found), found[0] if found else None)

    async def take_over(self, user: SlackUser, case_id: str) -> Case:
        """Become the one who takes care of it: its CAMs, CCs and admins."""
        return await self._change(user, case_id, "took over", staff=True, owner=user.user_id)

    async def answer(self, user: SlackUser, case_id: str, text: str, picked: int | None) -> Case:
        """Answer it, perhaps with one of the explanations: its CAMs, CCs and admins."""
        return await self._change(
            user, case_id, "answered", CaseState.ANSWERED, staff=True, answer=text[:LONGEST_ANSWER], picked=picked
        )

    async def resolve(self, user: SlackUser, case_id: str) -> Case:
        """Close it: nothing more is to be done. Whoever may see the partner can."""
        return await self._change(user, case_id, "resolved", CaseState.RESOLVED)

    async def reopen(self, user: SlackUser, case_id: str) -> Case:
        """The answer doesn't explain it: the case is open again."""
        return await self._change(user, case_id, "reopened", CaseState.OPEN)

    async def withdraw(self, user: SlackUser, case_id: str) -> Case:
        """Take it back: only who opened it."""
        return await self._change(user, case_id, "withdrew", CaseState.WITHDRAWN)

    async def _change(
        self,
        user: SlackUser,
        case_id: str,
        event: str,
        state: CaseState | None = None,
        *,
        staff: bool = False,
        **values: object,
    ) -> Case:
        def write(db: Connection, now: datetime) -> Case:
            case, person = storing.find(db, user, case_id)
            _require(case, person, user, event, staff=staff)
            changed = dict(values) if state is None else {**values, "state": state.value, **_moment(state, now)}
            if staff and case.owner is None:
                changed["owner"] = user.user_id
            step = storing.change(db, case_id, **changed)
            record(db, now, f"{user.team_id}/{user.user_id}", f"{event} a case", case.partner_id, _about(case))
            telling.go_on(db, case, step, event, user, now)
            return storing.find(db, user, case_id)[0]

        return await self._transactions.write(write)


def _open(
    connection: Connection, user: SlackUser, partner_id: str, claimed: str, explained: Explained, now: datetime
) -> Flagged:
    """Open the case or join it, and tell those who are to answer it."""
    person = identity_of(connection, user)
    if person is None or not (person.is_admin or partner_id in person.partners):
        raise NotAllowed("Only people who see this partner can flag its figures.")
    case_id = storing.same(connection, user.team_id, partner_id, explained.claim)
    joined = case_id is not None
    case_id = case_id or storing.add(connection, user, partner_id, claimed, explained, now)
    case = storing.find(connection, user, case_id)[0]
    told = telling.who_answers(connection, user, partner_id)
    telling.begin(connection, case, [user, *told], now)
    if joined and case.claimed != claimed:
        case = _claim_anew(connection, user, case, claimed, explained, now)
    record(
        connection,
        now,
        f"{user.team_id}/{user.user_id}",
        "joined a case" if joined else "opened a case",
        partner_id,
        _about(case),
    )
    return Flagged(explained, case, joined, tuple(each.user_id for each in told if each.user_id != user.user_id))


def _claim_anew(
    connection: Connection, user: SlackUser, case: Case, claimed: str, explained: Explained, now: datetime
) -> Case:
    """Tell in the thread that somebody sees another value. That of the person who opened the case takes the place of
    their former one, and the case is open again.
    """
    values: dict[str, object] = {}
    if case.opened_by.user_id == user.user_id:
        found = storing.found(claimed, explained)
        values = {**found, "state": CaseState.OPEN.value, "answer": "", "picked": None, "answered_at": None}
    step = storing.change(connection, case.case_id, **values)
    telling.go_on(connection, case, step, "claimed", user, now, claimed=claimed, was=case.claimed)
    return storing.find(connection, user, case.case_id)[0]


def _require(case: Case, person: Identity, user: SlackUser, event: str, *, staff: bool) -> None:
    """Raise unless the person may make the change, and the case is in a state for it."""
    if staff and not person.may_settle(case.partner_id):
        raise NotAllowed("Only the partner's CAM or CC, or an admin, can do this.")
    if event == "withdrew" and case.opened_by.user_id != user.user_id:
        raise NotAllowed("Only the person who opened the case can withdraw it.")
    if case.state.is_over:
        raise InvalidChange(f"This case is already {case.state.value}. Flag the figure again to open a new one.")
    if event == "reopened" and case.state is not CaseState.ANSWERED:
        raise InvalidChange("This case has no answer yet.")


def _moment(state: CaseState, now: datetime) -> dict[str, object]:
    if state is CaseState.ANSWERED:
        return {"answered_at": as_ms(now)}
    return {"resolved_at": as_ms(now)} if state.is_over else {}


def _about(case: Case) -> str:
    """The case in the audit log: the figure, the day and what the dashboard shows."""
    of = f" of {case.claim.client_id}" if case.claim.client_id else ""
    return f"{case.claim.figure.value}{of} on {case.claim.day}: {case.claimed}"


def _clients_of(connection: Connection, partner_id: str) -> list[str]:
    """Every client that the partner has an entry or a credit of."""
    found: set[str] = set()
    for model in (SaleRow, AgreementRow, CreditRow):
        source = table(model)
        found.update(connection.scalars(select(source.c.client_id).where(source.c.partner_id == partner_id).distinct()))
    return sorted(found)
