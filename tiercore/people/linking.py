"""Linking a Slack user to a person: asked for and approved, or by a one-time code; undone by themselves."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.audit import note
from tiercore.people.link_codes import digest_of, new_link_code
from tiercore.people.people import identity_by_email, identity_of, link_user, linked_users, unlink_user
from tiercore.people.types import CODE_DAYS, OPERATOR, Identity, InvalidChange, LinkDecision, LinkRequest, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.people import LinkCodeRow, LinkRequestRow

_WAITING_A_USER = 3


def request_link(connection: Connection, user: SlackUser, email: str, now: datetime) -> LinkRequest:
    """Note the wish, and who in the team may decide it: the person's CAMs and CCs, and admins.

    The same wish again is the same request. Raises InvalidChange for a user with too many open ones.
    """
    email = email.strip().lower()
    request = table(LinkRequestRow)
    same_user = (request.c.team_id == user.team_id) & (request.c.user_id == user.user_id)
    waiting = connection.execute(select(request).where(same_user, request.c.decided.is_(None))).mappings().all()
    known = next((row["request_id"] for row in waiting if row["email"] == email), None)
    if known is None and len(waiting) >= _WAITING_A_USER:
        raise InvalidChange("You already have several requests waiting. Ask your CAM or an admin to answer them.")
    new = known is None
    if known is None:
        known = secrets.token_urlsafe(12)
        row = {"request_id": known, "team_id": user.team_id, "user_id": user.user_id, "email": email, "asked_at": now}
        connection.execute(insert(request), [row])
        note(connection, now, _who(user), "asked to be linked", email)
    person = identity_by_email(connection, email)
    approvers = tuple(_approvers(connection, user, person)) if new else ()
    return LinkRequest(known, user, email, person, approvers)


def pending_link_emails(connection: Connection, user: SlackUser) -> Sequence[str]:
    """The e-mails that the user asked to be linked to and nobody has decided about, the latest first."""
    request = table(LinkRequestRow)
    same_user = (request.c.team_id == user.team_id) & (request.c.user_id == user.user_id)
    wanted = select(request.c.email).where(same_user, request.c.decided.is_(None))
    return connection.scalars(wanted.order_by(request.c.asked_at.desc())).all()


def _approvers(connection: Connection, user: SlackUser, person: Identity | None) -> Sequence[str]:
    row = table(PersonRow)
    partners = person.partners if person else frozenset()
    near = (row.c.role == Role.ADMIN.value) | row.c.partner_id.in_(partners)
    emails = list(connection.scalars(select(row.c.email).where(near).distinct()))
    may = [email for email in emails if _may(identity_by_email(connection, email), person)]
    found = linked_users(connection, may, user.team_id)
    return [each for each in found if each != user.user_id]


def decide(
    connection: Connection, clicker: SlackUser, request_id: str, *, approve: bool, now: datetime
) -> LinkDecision:
    """Link the one who asked, or refuse. Raises NotAllowed, or InvalidChange for a request that is gone or decided."""
    request = table(LinkRequestRow)
    row = connection.execute(select(request).where(request.c.request_id == request_id)).mappings().one_or_none()
    if row is None or row["team_id"] != clicker.team_id:
        raise InvalidChange("This request no longer exists.")
    if row["decided"]:
        by = identity_of(connection, SlackUser(row["team_id"], row["decided_by"]))
        raise InvalidChange(f"This request was already {row['decided']}{f' by {by.name}' if by else ''}.")
    user = SlackUser(row["team_id"], row["user_id"])
    person = identity_by_email(connection, row["email"])
    _may_decide(identity_of(connection, clicker), person, clicker, user)
    decided, before = "approved" if approve else "declined", None
    if approve:
        if person is None:
            raise InvalidChange(f"{row['email']} isn't in people.csv. Have it imported first, or decline.")
        before = link_user(connection, user, person.email)
    values = {"decided": decided, "decided_by": clicker.user_id}
    connection.execute(update(request).where(request.c.request_id == request_id).values(values))
    note(connection, now, _who(clicker), f"{decided} a link", _who(user), row["email"] + _instead_of(before))
    return LinkDecision(user, row["email"], person.name if person else "", approve)


def _may_decide(clicker: Identity | None, person: Identity | None, by: SlackUser, user: SlackUser) -> None:
    """Admins decide all; a CAM or CC decides for people of the partners that they look after; nobody for themselves."""
    if (by.team_id, by.user_id) == (user.team_id, user.user_id):
        raise NotAllowed("You can't approve your own link. Ask another admin or CAM.")
    if not _may(clicker, person):
        raise NotAllowed("Only an admin, or the CAM or CC of that person's partner, can do this.")


def _may(by: Identity | None, person: Identity | None) -> bool:
    """Whether someone may decide who that person is: an admin, or who looks after all of the person's partners."""
    if by is None or by.is_admin:
        return by is not None
    theirs = person is not None and not person.is_program_staff and bool(person.partners)
    return theirs and person is not None and person.partners <= by.looks_after


def create_code(connection: Connection, by: SlackUser | None, email: str, now: datetime) -> str:
    """A one-time code for the person with that e-mail, for CODE_DAYS days; by the operator where `by` is None.

    Raises InvalidChange, NotAllowed.
    """
    person = identity_by_email(connection, email)
    if by is not None:
        _may_decide(identity_of(connection, by), person, by, SlackUser("", ""))
    if person is None:
        raise InvalidChange(f"{email.strip().lower()} isn't in people.csv. Check the address, or import it first.")
    held = table(LinkCodeRow)
    connection.execute(delete(held).where(held.c.expires_at <= now))
    code = new_link_code()
    row = {"digest": digest_of(code), "email": person.email, "expires_at": now + timedelta(days=CODE_DAYS)}
    connection.execute(insert(held), [row])
    note(connection, now, _who(by) if by else OPERATOR, "made a code for", person.email)
    return code


def use_code(connection: Connection, user: SlackUser, code: str, now: datetime) -> Identity:
    """Link the user to the person of the code, which is then spent. Raises InvalidChange."""
    held = table(LinkCodeRow)
    row = connection.execute(select(held).where(held.c.digest == digest_of(code))).mappings().one_or_none()
    connection.execute(delete(held).where(held.c.digest == digest_of(code)))
    person = identity_by_email(connection, row["email"]) if row and _aware(row["expires_at"]) > now else None
    if person is None:
        raise InvalidChange("That code is wrong, used or expired. Ask your CAM for a new one.")
    before = link_user(connection, user, person.email)
    note(connection, now, _who(user), "was linked by code to", person.email, _instead_of(before))
    return person


def link(connection: Connection, user: SlackUser, email: str, now: datetime) -> tuple[Identity, str | None]:
    """The operator ties the user to a person: the person, and the e-mail tied before. Raises InvalidChange."""
    person = identity_by_email(connection, email)
    if person is None:
        raise InvalidChange(f"{email.strip().lower()} isn't in people.csv. Check the address, or import it first.")
    before = link_user(connection, user, person.email)
    note(connection, now, OPERATOR, "linked", _who(user), person.email + _instead_of(before))
    return person, before


def unlink(connection: Connection, user: SlackUser, now: datetime, by: str | None = None) -> str:
    """Untie the user: the e-mail it was tied to. Raises InvalidChange when it was tied to nobody."""
    before = unlink_user(connection, user)
    if before is None:
        raise InvalidChange("That Slack user isn't linked to anyone.")
    note(connection, now, by or _who(user), "unlinked", _who(user), before)
    return before


def _instead_of(before: str | None) -> str:
    return f" instead of {before}" if before else ""


def _aware(moment: datetime) -> datetime:
    """SQLite gives moments back without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _who(user: SlackUser) -> str:
    return f"{user.team_id}/{user.user_id}"
