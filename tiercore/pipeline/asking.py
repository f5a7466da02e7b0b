"""Asking once about a deal that is past its day: its owner, or who knows the partner (pipeline#past-its-day)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.people.people import identity_by_email, identity_of
from tiercore.people.types import Identity
from tiercore.pipeline import storing
from tiercore.pipeline.types import DealLine
from tiercore.storage import typed_entries
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import OutboxRow

KIND = "pipeline_deal"
MOST_A_DAY = 5  # messages to one person: an old list of deals is no reason to send hundreds
_person, _link, _outbox = table(PersonRow), table(LinkRow), table(OutboxRow)


def ask(connection: Connection, now: datetime, today: date) -> int:
    """Queue a message about each open deal past its day, to one person for each day; how many."""
    queued = 0
    for line, user in list(due(connection, now, today)):
        content = {"kind": KIND, "deal": line.deal.deal_id, "day": line.expected_on.isoformat()}
        key = f"{KIND}:{line.deal.deal_id}:{line.expected_on}:{user.team_id}/{user.user_id}"
        queued += put(connection, [OutboxMessage(key, user.team_id, user.user_id, content, now)], now)
        storing.asked(connection, line, now)
    return queued


def due(connection: Connection, now: datetime, today: date) -> Iterator[tuple[DealLine, SlackUser]]:
    """The open deals past their day that somebody is to be asked about now, each with whom to ask. Where nobody is
    linked whom a deal concerns, it waits until somebody is, and where someone was asked about MOST_A_DAY within 24
    hours, until later.
    """
    lately = dict[SlackUser, int]()
    for line in storing.past(connection, today):
        user = next(_users(connection, line), None)
        if user is None:
            continue
        if user not in lately:
            lately[user] = _asked_lately(connection, user, now)
        if lately[user] < MOST_A_DAY:
            lately[user] += 1
            yield line, user


def _asked_lately(connection: Connection, user: SlackUser, now: datetime) -> int:
    """How many messages about deals were queued for the user within the last 24 hours."""
    of_user = (_outbox.c.team_id == user.team_id) & (_outbox.c.place == user.user_id)
    recent = _outbox.c.key.startswith(f"{KIND}:") & (_outbox.c.made_at > as_ms(now - timedelta(days=1)))
    return connection.scalar(select(func.count()).select_from(_outbox).where(of_user, recent)) or 0


def _users(connection: Connection, line: DealLine) -> Iterator[SlackUser]:
    """The Slack users to ask, the best first, of those who may see the partner: the deal's owner, who typed it, the
    partner's people, its CAMs.
    """
    for email in _emails(connection, line):
        person = identity_by_email(connection, email)
        if person is None or not _sees(person, line):
            continue
        links = select(_link).where(_link.c.email == person.email).order_by(_link.c.team_id, _link.c.user_id)
        for row in connection.execute(links).all():
            user = SlackUser(row.team_id, row.user_id)
            if _sees(identity_of(connection, user), line):  # what counts in that workspace
                yield user


def _sees(person: Identity | None, line: DealLine) -> bool:
    return person is not None and (person.is_admin or line.deal.partner_id in person.partners)


def _emails(connection: Connection, line: DealLine) -> Iterator[str]:
    if line.deal.owner:
        yield line.deal.owner
    if typed := typed_entries.entry_with_key(connection, "pipeline.csv", (line.deal.deal_id,)):
        yield typed.entered_by
    for role in (Role.PARTNER, Role.CAM):
        of_role = (_person.c.partner_id == line.deal.partner_id) & (_person.c.role == role.value)
        yield from connection.scalars(select(_person.c.email).where(of_role).order_by(_person.c.email))
