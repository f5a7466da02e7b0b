"""The people of people.csv and their Slack users, as deeds look them up."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.types import _PROGRAM, Identity, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import BindingRow, PersonRow

_TEAM, _USER = re.compile(r"[TE][A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")


def identity_by_email(connection: Connection, email: str) -> Identity | None:
    """The person with that e-mail, None where people.csv has none."""
    person = table(PersonRow)
    columns = (person.c.name, person.c.role, person.c.partner_id)
    rows = connection.execute(select(*columns).where(person.c.email == email.strip().lower())).all()
    if not rows:
        return None
    partners = frozenset(row.partner_id for row in rows if row.partner_id)
    cared_for = frozenset(row.partner_id for row in rows if row.partner_id and Role(row.role) in _PROGRAM)
    return Identity(email.strip().lower(), rows[0].name, frozenset(Role(row.role) for row in rows), partners, cared_for)


def identity_of(connection: Connection, user: SlackUser) -> Identity | None:
    """The person that the Slack user is bound to, None for a stranger."""
    binding = table(BindingRow)
    same = (binding.c.team_id == user.team_id) & (binding.c.user_id == user.user_id)
    email = connection.scalar(select(binding.c.email).where(same))
    return identity_by_email(connection, email) if email else None


def linked_users(connection: Connection, emails: Sequence[str], team_id: str) -> list[str]:
    """The Slack users of a team that are bound to one of the e-mails."""
    binding = table(BindingRow)
    where = (binding.c.team_id == team_id) & binding.c.email.in_(emails)
    return list(connection.scalars(select(binding.c.user_id).where(where).order_by(binding.c.user_id)))


def link_user(connection: Connection, user: SlackUser, email: str) -> str | None:
    """Tie the Slack user to the e-mail, instead of whoever it was tied to: the e-mail before. Raises InvalidChange."""
    if not _TEAM.fullmatch(user.team_id):
        raise InvalidChange(f"{user.team_id!r} isn't a Slack team ID, like T024BE7LD.")
    if not _USER.fullmatch(user.user_id):
        raise InvalidChange(f"{user.user_id!r} isn't a Slack user ID, like U012A3CDE: profile → Copy member ID.")
    before = unlink_user(connection, user)
    row = {"team_id": user.team_id, "user_id": user.user_id, "email": email}
    connection.execute(insert(table(BindingRow)), [row])
    return before


def unlink_user(connection: Connection, user: SlackUser) -> str | None:
    """Tie the Slack user to nobody: the e-mail that it was tied to."""
    binding = table(BindingRow)
    same = (binding.c.team_id == user.team_id) & (binding.c.user_id == user.user_id)
    before: str | None = connection.scalar(select(binding.c.email).where(same))
    connection.execute(delete(binding).where(same))
    return before
