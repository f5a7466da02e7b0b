"""Proposals and their decisions, one method each; a decision and its change are made in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from tiercore.access import SlackUser
from tiercore.approvals import proposals
from tiercore.approvals.cards import is_anybody_asked, put_cards, put_outcome, uncarded
from tiercore.approvals.types import (
    WAITING_TIME,
    NewProposal,
    NoSuchProposal,
    Part,
    Proposal,
    ProposalState,
    Shown,
    read_value,
)
from tiercore.people.people import identity_of
from tiercore.people.types import OPERATOR, InvalidChange, NotAllowed
from tiercore.storage.engine import FACTS_LOCK, PEOPLE_LOCK, Busy
from tiercore.storage.transactions import Transactions, utc_now

# Makes the change of an approved proposal. InvalidChange refuses it, and then the proposal stays open.
Deed = Callable[[Connection, Proposal, datetime], None]


class Approvals:
    """The proposals of one database. `deeds` make the change of each kind of proposal once it is approved.

    Changes raise InvalidChange (it can't be done, or not any more) and NotAllowed. Whoever may not decide a proposal
    gets the same answer as for one that doesn't exist.
    """

    def __init__(self, engine: Engine, deeds: Mapping[str, Deed], moment: Callable[[], datetime] = utc_now) -> None:
        self._proposing = Transactions(engine, moment, PEOPLE_LOCK)
        self._deciding = Transactions(engine, moment, FACTS_LOCK)
        self._deeds = deeds

    async def propose(
        self, new: NewProposal, by: SlackUser | None, *, alone_after: timedelta | None = None
    ) -> Proposal:
        """Record a proposal and queue its cards; not again while the same one is open. `by` is None for the operator.

        Where nobody else may decide it, it is carried out `alone_after` this time; without one it is refused.
        """
        return await self._proposing.write(lambda db, now: self.propose_in(db, new, by, now, alone_after=alone_after))

    def propose_in(
        self,
        connection: Connection,
        new: NewProposal,
        by: SlackUser | None,
        now: datetime,
        *,
        alone_after: timedelta | None = None,
    ) -> Proposal:
        """Like `propose`, in the caller's transaction."""
        assert new.kind in self._deeds, new.kind
        if proposed := proposals.same(connection, new, by):
            return proposed
        proposal = proposals.propose(connection, new, by, now)
        deciders = proposals.deciders(connection, proposal)
        if not deciders and alone_after is None:
            raise InvalidChange("Nobody else could approve this: people.csv has no CAM, CC or other admin for it.")
        if not deciders and alone_after is not None:
            proposals.set_alone_at(connection, proposal, now + alone_after)
        put_cards(connection, proposal, deciders, now)
        return proposals.find(connection, proposal.proposal_id) or proposal

    async def decide(self, by: SlackUser, value: str, *, approve: bool, note: str = "") -> Proposal:
        """Approve or decline the proposal of a card's button. Approving makes its change in the same transaction; where
        that is refused, the proposal stays open.
        """
        return await self._deciding.write(lambda db, now: self._decide(db, by, value, now, approve=approve, note=note))

    def _decide(
        self, connection: Connection, by: SlackUser, value: str, now: datetime, *, approve: bool, note: str
    ) -> Proposal:
        proposal, part = _theirs(connection, by, value)
        if part is not Part.DECIDER:
            raise NotAllowed("You proposed this yourself, so someone else has to decide it.")
        person = identity_of(connection, by)
        assert person is not None
        state = ProposalState.APPROVED if approve else ProposalState.DECLINED
        ended = proposals.settle(connection, proposal, state, now, by=person.email, user=by, note=note)
        if approve:
            self._deeds[proposal.kind](connection, ended, now)
        put_outcome(connection, ended, now)
        return ended

    async def withdraw(self, by: SlackUser, value: str) -> Proposal:
        """Take back one's own proposal, as long as it is open."""

        def withdraw(db: Connection, now: datetime) -> Proposal:
            proposal, part = _theirs(db, by, value)
            if part is not Part.PROPOSER:
                raise NotAllowed("Only whoever proposed it can withdraw it. You can decline it.")
            ended = proposals.settle(db, proposal, ProposalState.WITHDRAWN, now, by=proposal.proposed_by, user=by)
            put_outcome(db, ended, now)
            return ended

        return await self._proposing.write(withdraw)

    async def shown_to(self, user: SlackUser, proposal_id: str) -> Shown | None:
        """The proposal as the user may see it now; None for one that they have nothing to do with."""

        def show(db: Connection) -> Shown | None:
            proposal = proposals.find(db, proposal_id)
            part = proposals.part_of(db, user, proposal) if proposal else None
            return Shown(proposal, part, is_anybody_asked(db, proposal)) if proposal and part else None

        return await self._proposing.read(show)

    async def approved(self, proposal_id: str) -> Proposal | None:
        """The proposal if it was approved, without a permission check."""
        proposal = await self._proposing.read(lambda db: proposals.find(db, proposal_id))
        return proposal if proposal and proposal.state is ProposalState.APPROVED else None

    async def carry_out(self, new: NewProposal) -> Proposal:
        """Carry out what the operator proposes without anybody's approval, with no cards."""

        def carry_out(db: Connection, now: datetime) -> Proposal:
            proposal = proposals.propose(db, new, None, now)
            ended = proposals.settle(db, proposal, ProposalState.APPROVED, now, by=OPERATOR, note="alone")
            self._deeds[new.kind](db, ended, now)
            return ended

        return await self._deciding.write(carry_out)

    async def open_for(self, user: SlackUser, kind: str | None = None) -> Sequence[Shown]:
        """The open proposals that the user made or may decide, oldest first."""
        return await self._proposing.read(lambda db: [Shown(*each) for each in proposals.mine(db, user, kind)])

    async def settle_due(self) -> int:
        """Carry out what waited because nobody else could decide it, and end what nobody decided in 30 days. Returns
        how many. What somebody else could decide by now waits for them, and who was linked meanwhile gets a card. While
        an import runs, nothing is done.
        """
        now = self._proposing.clock()
        waiting = await self._proposing.read(lambda db: proposals.in_state(db, ProposalState.OPEN))
        due = [each for each in waiting if _is_due(each, now)]
        settled = 0
        with suppress(Busy):
            await self._ask_newly_linked(waiting)
            for each in due:
                settled += await self._deciding.write(partial(self._settle, each), patience=0)
        return settled

    async def _ask_newly_linked(self, waiting: Sequence[Proposal]) -> None:
        """Queue cards for those who may decide and have been linked since."""

        def unasked(db: Connection) -> list[Proposal]:
            return [each for each in waiting if uncarded(db, each, proposals.deciders(db, each))]

        def ask(db: Connection, now: datetime, proposal: Proposal) -> None:
            current = proposals.find(db, proposal.proposal_id)
            if current is not None and current.is_open:
                put_cards(db, current, proposals.deciders(db, current), now)

        for each in await self._proposing.read(unasked) if waiting else ():
            await self._proposing.write(partial(ask, proposal=each), patience=0)

    def _settle(self, proposal: Proposal, connection: Connection, now: datetime) -> bool:
        current = proposals.find(connection, proposal.proposal_id)
        if current is None or not current.is_open or not _is_due(current, now):
            return False  # another replica was first
        deciders = proposals.deciders(connection, current)
        if current.alone_at is not None and deciders:
            proposals.set_alone_at(connection, current, None)
            put_cards(connection, current, deciders, now)
            return False
        self._end(connection, current, now)
        return True

    def _end(self, connection: Connection, proposal: Proposal, now: datetime) -> None:
        """Carry the proposal out after its waiting time; it expires where it can't be, or was never decided."""
        note = ""
        if proposal.alone_at is not None and proposal.alone_at <= now:
            try:
                with connection.begin_nested():
                    ended = proposals.settle(connection, proposal, ProposalState.APPROVED, now, by=WAITING_TIME)
                    self._deeds[proposal.kind](connection, ended, now)
                put_outcome(connection, ended, now)
                return
            except InvalidChange as error:
                note = str(error)
        ended = proposals.settle(connection, proposal, ProposalState.EXPIRED, now, by=WAITING_TIME, note=note)
        put_outcome(connection, ended, now)


def _theirs(connection: Connection, by: SlackUser, value: str) -> tuple[Proposal, Part]:
    """The proposal that a button's value names, and the user's part in it. Raises NoSuchProposal, and InvalidChange
    where its card showed something else than what is proposed.
    """
    proposal_id, seal = read_value(value)
    proposal = proposals.find(connection, proposal_id)
    part = proposals.part_of(connection, by, proposal) if proposal else None
    if proposal is None or part is None:
        raise NoSuchProposal
    if seal != proposal.seal:
        raise InvalidChange("What is proposed has changed since this card was sent. Nothing was decided.")
    return proposal, part


def _is_due(proposal: Proposal, now: datetime) -> bool:
    alone = proposal.alone_at is not None and proposal.alone_at <= now
    return alone or now >= proposal.expires_at
