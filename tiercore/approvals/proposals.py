"""Proposals in the database: made, decided once, withdrawn, expired. Each step is audited in its own transaction."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tiercore.access import SlackUser
from tiercore.approvals.types import NewProposal, NoSuchProposal, Part, Proposal, ProposalState, written
from tiercore.facts.entries import Role
from tiercore.people.audit import record
from tiercore.people.people import are_same_user, identity_by_email, identity_of
from tiercore.people.types import OPERATOR, Identity, InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.approvals import ProposalRow
from tiercore.storage.tables.ledger import PersonRow

_proposal = table(ProposalRow)


def propose(connection: Connection, new: NewProposal, by: SlackUser | None, now: datetime) -> Proposal:
    """Record the proposal of a Slack user, or with None of the operator.

    Raises NotAllowed for someone who doesn't belong to the partner; what is about everyone is for admins.
    """
    person = identity_of(connection, by) if by else None
    if by and not (person and _may_propose(person, new.partner_id)):
        raise NotAllowed("Only an admin can propose this." if new.partner_id is None else "You can't propose this.")
    proposal = Proposal(
        secrets.token_urlsafe(12),
        new.kind,
        json.loads(written(new.payload)),
        new.partner_id,
        person.email if person else OPERATOR,
        by,
        now,
    )
    row = {
        "proposal_id": proposal.proposal_id,
        "kind": proposal.kind,
        "payload": written(proposal.payload),
        "partner_id": proposal.partner_id,
        "proposed_by": proposal.proposed_by,
        "team_id": by.team_id if by else "",
        "user_id": by.user_id if by else "",
        "proposed_at": as_ms(now),
        "state": ProposalState.OPEN.value,
        "note": "",
    }
    connection.execute(insert(_proposal), [row])
    record(connection, now, actor_of(by), f"proposed {new.kind}", new.partner_id or "everyone", proposal.proposal_id)
    return proposal


def same(connection: Connection, new: NewProposal, by: SlackUser | None) -> Proposal | None:
    """The user's open proposal of exactly this: a second click, or Slack's second try, proposes nothing new."""
    user = (by.team_id, by.user_id) if by else ("", "")
    partner = _proposal.c.partner_id
    found = select(_proposal).where(
        _proposal.c.state == ProposalState.OPEN.value,
        _proposal.c.kind == new.kind,
        _proposal.c.payload == written(new.payload),
        partner.is_(None) if new.partner_id is None else partner == new.partner_id,
        _proposal.c.team_id == user[0],
        _proposal.c.user_id == user[1],
    )
    row = connection.execute(found.limit(1)).first()
    return _proposal_of(row) if row else None


def find(connection: Connection, proposal_id: str) -> Proposal | None:
    """The proposal, without a permission check."""
    row = connection.execute(select(_proposal).where(_proposal.c.proposal_id == proposal_id)).one_or_none()
    return _proposal_of(row) if row else None


def in_state(connection: Connection, state: ProposalState, kind: str | None = None) -> list[Proposal]:
    """The proposals in a state, of one kind or all, oldest first, without a permission check."""
    found = select(_proposal).where(_proposal.c.state == state.value)
    if kind is not None:
        found = found.where(_proposal.c.kind == kind)
    rows = connection.execute(found.order_by(_proposal.c.proposed_at, _proposal.c.proposal_id))
    return [_proposal_of(row) for row in rows]


def part_of(connection: Connection, user: SlackUser, proposal: Proposal) -> Part | None:
    """What the user has to do with the proposal, by today's people.csv; None for nothing.

    Whoever proposed it decides nothing, from whichever Slack user.
    """
    person = identity_of(connection, user)
    if person is None:
        return None
    same = proposal.proposer is not None and are_same_user(connection, user, proposal.proposer)
    if same or person.email == proposal.proposed_by:
        return Part.PROPOSER
    return Part.DECIDER if may_decide(person, proposal.partner_id) else None


def may_decide(person: Identity, partner_id: str | None) -> bool:
    """Whether the person decides proposals about the partner; with None, about everyone."""
    return person.is_admin if partner_id is None else person.may_settle(partner_id)


def _may_propose(person: Identity, partner_id: str | None) -> bool:
    return person.is_admin or (partner_id is not None and partner_id in person.partners)


def deciders(connection: Connection, proposal: Proposal) -> list[str]:
    """The e-mails of those who may decide it, in order."""
    row = table(PersonRow)
    candidates = (row.c.role == Role.ADMIN.value) | (row.c.partner_id == (proposal.partner_id or ""))
    emails = connection.scalars(select(row.c.email).where(candidates).distinct().order_by(row.c.email)).all()
    people = [identity_by_email(connection, email) for email in emails if email != proposal.proposed_by]
    return [each.email for each in people if each and may_decide(each, proposal.partner_id)]


def settle(
    connection: Connection,
    proposal: Proposal,
    state: ProposalState,
    now: datetime,
    *,
    by: str,
    user: SlackUser | None = None,
    note: str = "",
) -> Proposal:
    """End an open proposal. Raises InvalidChange where it has been ended already: of two clicks, one does it."""
    values: dict[str, Any] = {
        "state": state.value,
        "decided_by": by,
        "decided_user": user.user_id if user else None,
        "decided_at": as_ms(now),
        "note": note,
    }
    same = (_proposal.c.proposal_id == proposal.proposal_id) & (_proposal.c.state == ProposalState.OPEN.value)
    if connection.execute(update(_proposal).where(same).values(values)).rowcount != 1:
        ended = find(connection, proposal.proposal_id)
        raise InvalidChange(_already(connection, ended) if ended else str(NoSuchProposal()))
    actor, subject = actor_of(user) if user else by, proposal.partner_id or "everyone"
    record(connection, now, actor, f"{state.value} {proposal.kind}", subject, proposal.proposal_id)
    ended = find(connection, proposal.proposal_id)
    assert ended is not None
    return ended


def set_alone_at(connection: Connection, proposal: Proposal, at: datetime | None) -> None:
    """When the proposal is carried out without a second person; None for never."""
    values = {"alone_at": as_ms(at) if at else None}
    connection.execute(update(_proposal).where(_proposal.c.proposal_id == proposal.proposal_id).values(values))


def actor_of(user: SlackUser | None) -> str:
    """A Slack user, or with None the operator, as the audit log names them."""
    return f"{user.team_id}/{user.user_id}" if user else OPERATOR


def _already(connection: Connection, ended: Proposal) -> str:
    person = identity_by_email(connection, ended.decided_by or "")
    by = f" by {person.name}" if person else ""
    return f"This was already {ended.state.value}{by}. Nothing was changed now."


def mine(connection: Connection, user: SlackUser, kind: str | None = None) -> Sequence[tuple[Proposal, Part]]:
    """The open proposals that the user made or may decide, oldest first."""
    found = [(each, part_of(connection, user, each)) for each in in_state(connection, ProposalState.OPEN, kind)]
    return [(each, part) for each, part in found if part]


def _proposal_of(row: Any) -> Proposal:
    return Proposal(
        row.proposal_id,
        row.kind,
        json.loads(row.payload),
        row.partner_id,
        row.proposed_by,
        SlackUser(row.team_id, row.user_id) if row.user_id else None,
        from_ms(row.proposed_at),
        ProposalState(row.state),
        row.decided_by,
        row.decided_user,
        from_ms(row.decided_at) if row.decided_at is not None else None,
        row.note,
        from_ms(row.alone_at) if row.alone_at is not None else None,
    )
