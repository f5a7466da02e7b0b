"""The messages about a proposal: a card for everyone who may decide it and for whoever proposed it, and its outcome in
each card's thread.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from tiercore.access import SlackUser
from tiercore.approvals.types import Proposal
from tiercore.facts.entries import Role
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.people.people import linked_staff
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.workspaces import is_programs

KIND, NEWS = "proposal", "rules_changed"
_outbox = table(OutboxRow)


def put_cards(connection: Connection, proposal: Proposal, deciders: Iterable[str], now: datetime) -> int:
    """Queue a card for the proposer and for each decider who is linked in Slack. Returns for how many deciders."""
    users = list(_users(connection, proposal, list(deciders)))
    to = [*users, proposal.proposer] if proposal.proposer else users
    content = {"kind": KIND, "proposal": proposal.proposal_id, "as": "card"}
    put(connection, [OutboxMessage(_key(proposal, each), each.team_id, each.user_id, content, now) for each in to], now)
    return len(users)


def uncarded(connection: Connection, proposal: Proposal, deciders: Iterable[str]) -> list[SlackUser]:
    """The deciders' Slack users who have no card."""
    carded = _carded(connection, proposal)
    return [each for each in _users(connection, proposal, list(deciders)) if _key(proposal, each) not in carded]


def is_anybody_asked(connection: Connection, proposal: Proposal) -> bool:
    """Whether somebody other than the proposer has a card."""
    own = {_key(proposal, proposal.proposer)} if proposal.proposer else set()
    return bool(_carded(connection, proposal) - own)


def _carded(connection: Connection, proposal: Proposal) -> set[str]:
    """The keys of the proposal's cards."""
    return set(connection.scalars(select(_outbox.c.key).where(_cards_of(proposal))))


def put_outcome(connection: Connection, proposal: Proposal, now: datetime) -> None:
    """Queue, for every card, its update and the outcome as a reply in its thread."""
    cards = select(_outbox.c.key, _outbox.c.team_id, _outbox.c.place).where(_cards_of(proposal))
    content = {"kind": KIND, "proposal": proposal.proposal_id}
    messages = [
        OutboxMessage(f"{card.key}:{what}", card.team_id, card.place, {**content, "as": what}, now, root_key=card.key)
        for card in connection.execute(cards).all()
        for what in ("change", "outcome")
    ]
    put(connection, messages, now)


def put_news(connection: Connection, proposal: Proposal, now: datetime) -> None:
    """Queue the news of an approved proposal, once, for everyone who works for the program and has no card of it."""
    link, person = table(LinkRow), table(PersonRow)
    staff = select(person.c.email).where(person.c.role != Role.PARTNER.value)
    links = connection.execute(
        select(link.c.team_id, link.c.user_id)
        .where(link.c.email.in_(staff), is_programs(link.c.team_id))
        .order_by(link.c.team_id, link.c.user_id)
    )
    carded = _carded(connection, proposal)
    users = [SlackUser(*row) for row in links]
    content = {"kind": NEWS, "proposal": proposal.proposal_id}
    messages = [
        OutboxMessage(f"{NEWS}:{proposal.proposal_id}:{user.user_id}", user.team_id, user.user_id, content, now)
        for user in users
        if _key(proposal, user) not in carded
    ]
    put(connection, messages, now)


def _cards_of(proposal: Proposal) -> ColumnElement[bool]:
    """Whether an outbox message is a card of the proposal."""
    is_about: ColumnElement[bool] = _outbox.c.key.startswith(f"{KIND}:{proposal.proposal_id}:", autoescape=True)
    is_root: ColumnElement[bool] = _outbox.c.root_key.is_(None)
    return is_about & is_root


def _users(connection: Connection, proposal: Proposal, emails: list[str]) -> Iterator[SlackUser]:
    """The deciders' Slack users: near the proposer, or for the operator in every workspace of the
    program.
    """
    if proposal.proposer:
        for user in linked_staff(connection, emails, proposal.proposer.team_id):
            if user.user_id != proposal.proposer.user_id:
                yield user
        return
    link = table(LinkRow)
    links = select(link.c.team_id, link.c.user_id).where(link.c.email.in_(emails), is_programs(link.c.team_id))
    for row in connection.execute(links.order_by(link.c.team_id, link.c.user_id)):
        yield SlackUser(row.team_id, row.user_id)


def _key(proposal: Proposal, user: SlackUser) -> str:
    return f"{KIND}:{proposal.proposal_id}:{user.user_id}"
