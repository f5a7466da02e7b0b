"""Lookups of the people in people.csv and their Slack users."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, or_, select, true

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.types import PROGRAM_STAFF, Identity, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import are_in_same_enterprise, in_same_enterprise
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.workspaces import counts_in, is_programs, is_single

_TEAM, _USER = re.compile(r"[TE][A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")


def is_user(rows: Table, user: SlackUser) -> ColumnElement[bool]:
    """Whether a row with `team_id` and `user_id` is about the user. Inside an enterprise the ID alone names a person;
    between enterprises, or workspaces without one, nobody is the same (slack#grid).
    """
    return in_same_enterprise(rows.c.team_id, user.team_id) & (rows.c.user_id == user.user_id)


def are_same_user(connection: Connection, one: SlackUser, other: SlackUser) -> bool:
    """Whether both are one person of one workspace or enterprise."""
    return one.user_id == other.user_id and are_in_same_enterprise(connection, one.team_id, other.team_id)


def identity_by_email(connection: Connection, email: str, team_id: str | None = None) -> Identity | None:
    """The person with that e-mail, None if people.csv has none; for a team, as what counts there (slack#workspaces)."""
    person = table(PersonRow)
    columns = (person.c.name, person.c.role, person.c.partner_id)
    counts = true() if team_id is None else counts_in(person, team_id)
    rows = connection.execute(select(*columns).where(person.c.email == email.strip().lower(), counts)).all()
    if not rows:
        return None
    partners = frozenset(row.partner_id for row in rows if row.partner_id)
    looks_after = frozenset(row.partner_id for row in rows if row.partner_id and Role(row.role) in PROGRAM_STAFF)
    roles, access = (Role(row.role) for row in rows), (f"{row.role} {row.partner_id}" for row in rows)
    return Identity(email.strip().lower(), rows[0].name, frozenset(roles), partners, looks_after, frozenset(access))


def identity_of(connection: Connection, user: SlackUser) -> Identity | None:
    """The person the Slack user is linked to, in whichever workspace of their enterprise, as what counts there; None if
    there is no link, or nothing counts.
    """
    link = table(LinkRow)
    email = connection.scalar(select(func.min(link.c.email)).where(is_user(link, user)))
    return identity_by_email(connection, email, user.team_id) if email else None


def linked_staff(connection: Connection, emails: Sequence[str], team_id: str) -> list[SlackUser]:
    """The Slack users who are linked to one of these e-mails of people of the program: those of the team, or of its
    enterprise; where the app is in several workspaces, those of the program's own. Somebody is named once.
    """
    link = table(LinkRow)
    near = or_(in_same_enterprise(link.c.team_id, team_id), ~is_single())
    where = near & is_programs(link.c.team_id) & link.c.email.in_(emails)
    columns = (func.min(link.c.team_id), link.c.user_id)
    found = connection.execute(select(*columns).where(where).group_by(link.c.user_id).order_by(link.c.user_id))
    return [SlackUser(*row) for row in found]


def staff_of(connection: Connection, team_id: str, partner_id: str | None) -> list[SlackUser]:
    """The Slack users of the partner's CAMs and CCs, found as `linked_staff` does."""
    person = table(PersonRow)
    is_staff = person.c.role.in_([role.value for role in PROGRAM_STAFF])
    emails = connection.scalars(select(person.c.email).where(is_staff, person.c.partner_id == partner_id).distinct())
    return linked_staff(connection, list(emails), team_id)


def links_of(connection: Connection, email: str) -> list[SlackUser]:
    """The Slack users who are linked to the e-mail, in whatever workspace."""
    link = table(LinkRow)
    found = select(link.c.team_id, link.c.user_id).where(link.c.email == email).order_by(link.c.team_id, link.c.user_id)
    return [SlackUser(*row) for row in connection.execute(found)]


def link_user(connection: Connection, user: SlackUser, email: str) -> str | None:
    """Link the Slack user to the e-mail, replacing any earlier link, made in whichever workspace of their enterprise.
    Returns the e-mail linked before.

    Raises InvalidChange for malformed IDs.
    """
    if not _TEAM.fullmatch(user.team_id):
        raise InvalidChange(
            f"{user.team_id!r} isn't the ID of a Slack team, like T024BE7LD, or of an enterprise, like E024BE7LD."
        )
    if not _USER.fullmatch(user.user_id):
        raise InvalidChange(f"{user.user_id!r} isn't a Slack user ID, like U012A3CDE: profile → Copy member ID.")
    before = unlink_user(connection, user)
    row = {"team_id": user.team_id, "user_id": user.user_id, "email": email}
    connection.execute(insert(table(LinkRow)), [row])
    return before


def unlink_user(connection: Connection, user: SlackUser) -> str | None:
    """Remove the Slack user's link. Returns the e-mail linked before, None if there was no link."""
    link = table(LinkRow)
    same = is_user(link, user)
    before: str | None = connection.scalar(select(func.min(link.c.email)).where(same))
    connection.execute(delete(link).where(same))
    return before
