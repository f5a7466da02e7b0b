"""Lookups of the people in people.csv and their Slack users."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.types import PROGRAM_STAFF, Identity, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import LinkRow, PersonRow

_TEAM, _USER = re.compile(r"[TE][A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")


def identity_by_email(connection: Connection, email: str) -> Identity | None:
    """The person with that e-mail, None if people.csv has none."""
    person = table(PersonRow)
    columns = (person.c.name, person.c.role, person.c.partner_id)
    rows = connection.execute(select(*columns).where(person.c.email == email.strip().lower())).all()
    if not rows:
        return None
    partners = frozenset(row.partner_id for row in rows if row.partner_id)
    looks_after = frozenset(row.partner_id for row in rows if row.partner_id and Role(row.role) in PROGRAM_STAFF)
    roles, access = (Role(row.role) for row in rows), (f"{row.role} {row.partner_id}" for row in rows)
    return Identity(email.strip().lower(), rows[0].name, frozenset(roles), partners, looks_after, frozenset(access))


def identity_of(connection: Connection, user: SlackUser) -> Identity | None:
    """The person the Slack user is linked to, None if there is no link."""
    link = table(LinkRow)
    same = (link.c.team_id == user.team_id) & (link.c.user_id == user.user_id)
    email = connection.scalar(select(link.c.email).where(same))
    return identity_by_email(connection, email) if email else None


def linked_users(connection: Connection, emails: Sequence[str], team_id: str) -> list[str]:
    """The IDs of the team's Slack users who are linked to one of the e-mails."""
    link = table(LinkRow)
    where = (link.c.team_id == team_id) & link.c.email.in_(emails)
    return list(connection.scalars(select(link.c.user_id).where(where).order_by(link.c.user_id)))


def link_user(connection: Connection, user: SlackUser, email: str) -> str | None:
    """Link the Slack user to the e-mail, replacing any earlier link. Returns the e-mail linked before.

    Raises InvalidChange for malformed IDs.
    """
    if not _TEAM.fullmatch(user.team_id):
        raise InvalidChange(f"{user.team_id!r} isn't a Slack team ID, like T024BE7LD.")
    if not _USER.fullmatch(user.user_id):
        raise InvalidChange(f"{user.user_id!r} isn't a Slack user ID, like U012A3CDE: profile → Copy member ID.")
    before = unlink_user(connection, user)
    row = {"team_id": user.team_id, "user_id": user.user_id, "email": email}
    connection.execute(insert(table(LinkRow)), [row])
    return before


def unlink_user(connection: Connection, user: SlackUser) -> str | None:
    """Remove the Slack user's link. Returns the e-mail linked before, None if there was no link."""
    link = table(LinkRow)
    same = (link.c.team_id == user.team_id) & (link.c.user_id == user.user_id)
    before: str | None = connection.scalar(select(link.c.email).where(same))
    connection.execute(delete(link).where(same))
    return before
