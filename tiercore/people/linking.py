"""Links between Slack users and people: by an approved request or a one-time code, and removed by the user."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.people.audit import record
from tiercore.people.link_codes import digest_of, new_link_code
from tiercore.people.people import (
    are_same_user,
    identity_by_email,
    identity_of,
    is_user,
    link_user,
    linked_staff,
    unlink_user,
)
from tiercore.people.types import CODE_DAYS, OPERATOR, Identity, InvalidChange, LinkDecision, LinkRequest, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import are_in_same_enterprise, in_same_enterprise
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.people import LinkCodeRow, LinkRequestRow
from tiercore.storage.tables.workspaces import WorkspacePartnerRow
from tiercore.storage.workspaces import is_programs, is_single

_MAX_PENDING_PER_USER = 3


def request_link(connection: Connection, user: SlackUser, email: str, now: datetime) -> LinkRequest:
    """Record the request and find its approvers: the person's CAMs and CCs, and admins.

    Asking again for the same e-mail returns the pending request. Raises InvalidChange if the user has too many.
    """
    email = email.strip().lower()
    request = table(LinkRequestRow)
    pending = (
        connection.execute(select(request).where(is_user(request, user), request.c.decided.is_(None))).mappings().all()
    )
    request_id = next((row["request_id"] for row in pending if row["email"] == email), None)
    if request_id is None and len(pending) >= _MAX_PENDING_PER_USER:
        raise InvalidChange("You already have several requests waiting. Ask your CAM or an admin to answer them.")
    is_new = request_id is None
    if request_id is None:
        request_id = secrets.token_urlsafe(12)
        row = {
            "request_id": request_id,
            "team_id": user.team_id,
            "user_id": user.user_id,
            "email": email,
            "asked_at": now,
        }
        connection.execute(insert(request), [row])
        record(connection, now, _user_key(user), "asked to be linked", email)
    person = identity_by_email(connection, email)
    approvers = tuple(_approvers(connection, user, person)) if is_new else ()
    is_vouched = person is not None and _vouches(connection, user, person)
    return LinkRequest(request_id, user, email, person, approvers, is_vouched)


def pending_link_emails(connection: Connection, user: SlackUser) -> Sequence[str]:
    """The e-mails in the user's undecided link requests, latest first."""
    request = table(LinkRequestRow)
    emails = select(request.c.email).where(is_user(request, user), request.c.decided.is_(None))
    return connection.scalars(emails.order_by(request.c.asked_at.desc())).all()


def _approvers(connection: Connection, user: SlackUser, person: Identity | None) -> Sequence[SlackUser]:
    row = table(PersonRow)
    partners = person.partners if person else frozenset()
    candidates = (row.c.role == Role.ADMIN.value) | row.c.partner_id.in_(partners)
    emails = list(connection.scalars(select(row.c.email).where(candidates).distinct()))
    allowed = [email for email in emails if _may_approve(identity_by_email(connection, email), person)]
    users = linked_staff(connection, allowed, user.team_id)
    return [each for each in users if each.user_id != user.user_id]


def decide(
    connection: Connection, clicker: SlackUser, request_id: str, *, approve: bool, now: datetime
) -> LinkDecision:
    """Approve or decline a link request. Raises NotAllowed, or InvalidChange if it is gone or already decided."""
    request = table(LinkRequestRow)
    row = connection.execute(select(request).where(request.c.request_id == request_id)).mappings().one_or_none()
    if row is None or not _may_know(connection, row["team_id"], clicker):
        raise InvalidChange("This request no longer exists.")
    if row["decided"]:
        by = identity_of(connection, SlackUser(row["team_id"], row["decided_by"]))
        raise InvalidChange(f"This request was already {row['decided']}{f' by {by.name}' if by else ''}.")
    user = SlackUser(row["team_id"], row["user_id"])
    person = identity_by_email(connection, row["email"])
    if are_same_user(connection, clicker, user):
        raise NotAllowed("You can't approve your own link. Ask another admin or CAM.")
    _require_approver(identity_of(connection, clicker), person)
    decided, before = "approved" if approve else "declined", None
    if approve:
        if person is None:
            raise InvalidChange(f"{row['email']} isn't on file. An admin adds them by /tier add person. Or decline.")
        before = link_user(connection, user, person.email)
    values = {"decided": decided, "decided_by": clicker.user_id}
    connection.execute(update(request).where(request.c.request_id == request_id).values(values))
    record(
        connection, now, _user_key(clicker), f"{decided} a link", _user_key(user), row["email"] + _instead_of(before)
    )
    return LinkDecision(user, row["email"], person.name if person else "", approve)


def _may_know(connection: Connection, team_id: str, clicker: SlackUser) -> bool:
    """Whether requests of the workspace are the clicker's business: of their own, or the program's in theirs."""
    if are_in_same_enterprise(connection, team_id, clicker.team_id):
        return True
    return bool(connection.scalar(select(and_(~is_single(), is_programs(clicker.team_id)))))


def _require_approver(clicker: Identity | None, person: Identity | None) -> None:
    """Raise NotAllowed unless `clicker` may approve the person's link."""
    if not _may_approve(clicker, person):
        raise NotAllowed("Only an admin, or the CAM or CC of that person's partner, can do this.")


def _may_approve(by: Identity | None, person: Identity | None) -> bool:
    """Whether `by` may approve links to the person: an admin, or a CAM or CC of all of the person's partners."""
    if by is None or by.is_admin:
        return by is not None
    if person is None or person.is_program_staff or not person.partners:
        return False
    return person.partners <= by.looks_after


def create_code(connection: Connection, by: SlackUser | None, email: str, now: datetime) -> str:
    """A one-time code for the person with that e-mail, valid for CODE_DAYS days; their earlier ones are void. `by` is
    None for the operator.

    Raises InvalidChange, NotAllowed.
    """
    person = identity_by_email(connection, email)
    if by is not None:
        _require_approver(identity_of(connection, by), person)
    if person is None:
        raise InvalidChange(_not_on_file(email))
    codes = table(LinkCodeRow)
    connection.execute(delete(codes).where((codes.c.expires_at <= now) | (codes.c.email == person.email)))
    code = new_link_code()
    row = {
        "digest": digest_of(code),
        "email": person.email,
        "expires_at": now + timedelta(days=CODE_DAYS),
        "access": "\n".join(sorted(person.access)),
    }
    connection.execute(insert(codes), [row])
    record(connection, now, _user_key(by) if by else OPERATOR, "made a code for", person.email)
    return code


def use_code(connection: Connection, user: SlackUser, code: str, now: datetime) -> Identity:
    """Link the user to the code's person. The code works once. Raises InvalidChange.

    A code gives only what it was made for: not if the person may see or do more by now.
    """
    codes = table(LinkCodeRow)
    row = connection.execute(select(codes).where(codes.c.digest == digest_of(code))).mappings().one_or_none()
    connection.execute(delete(codes).where(codes.c.digest == digest_of(code)))
    person = identity_by_email(connection, row["email"]) if row and _aware(row["expires_at"]) > now else None
    if row is None or person is None:
        raise InvalidChange("That code is wrong, used or expired. Ask your CAM for a new one.")
    if not person.access <= frozenset(row["access"].split("\n")):
        raise InvalidChange("That code was made before this person was given more access. Ask your CAM for a new one.")
    before = link_user(connection, user, person.email)
    record(connection, now, _user_key(user), "was linked by code to", person.email, _instead_of(before))
    return person


def link_by_email(connection: Connection, user: SlackUser, email: str, now: datetime) -> Identity | None:
    """Link the user to the person with the e-mail that Slack has verified to be theirs.

    None if people.csv has none, if their workspace doesn't vouch for it, or if the user is linked already: whoever
    linked them may have had a reason.
    """
    person = None if identity_of(connection, user) else identity_by_email(connection, email)
    if person is not None and not _vouches(connection, user, person):
        return None
    if person is not None:
        before = link_user(connection, user, person.email)
        record(connection, now, _user_key(user), "was linked by e-mail to", person.email, _instead_of(before))
    return person


def _vouches(connection: Connection, user: SlackUser, person: Identity) -> bool:
    """Whether what the user's workspace says of their e-mail counts: whoever owns a workspace may say what they like.
    It does in the program's own, and for the people of those partners that the workspace is of.
    """
    if connection.scalar(select(is_programs(user.team_id))):
        return True
    tie = table(WorkspacePartnerRow)
    ties = set(connection.scalars(select(tie.c.partner_id).where(in_same_enterprise(tie.c.team_id, user.team_id))))
    return bool(person.partners) and not person.is_program_staff and person.partners <= ties


def create_codes_for_all(connection: Connection, now: datetime) -> list[tuple[Identity, str]]:
    """A one-time code for each person whom no Slack user is linked to, by e-mail, as the operator."""
    person, links = table(PersonRow), table(LinkRow)
    unlinked = select(person.c.email).where(person.c.email.not_in(select(links.c.email))).distinct()
    found = []
    for email in connection.scalars(unlinked.order_by(person.c.email)).all():
        code = create_code(connection, None, email, now)
        identity = identity_by_email(connection, email)
        assert identity is not None
        found.append((identity, code))
    return found


def link(connection: Connection, user: SlackUser, email: str, now: datetime) -> tuple[Identity, str | None]:
    """Link the user to a person, as the operator. Returns the person and the e-mail linked before.

    Raises InvalidChange.
    """
    person = identity_by_email(connection, email)
    if person is None:
        raise InvalidChange(_not_on_file(email))
    before = link_user(connection, user, person.email)
    record(connection, now, OPERATOR, "linked", _user_key(user), person.email + _instead_of(before))
    return person, before


def unlink(connection: Connection, user: SlackUser, now: datetime, by: str | None = None) -> str:
    """Remove the user's link. Returns the e-mail it pointed to. Raises InvalidChange if there was no link."""
    before = unlink_user(connection, user)
    if before is None:
        raise InvalidChange("That Slack user isn't linked to anyone.")
    record(connection, now, by or _user_key(user), "unlinked", _user_key(user), before)
    return before


def _instead_of(before: str | None) -> str:
    return f" instead of {before}" if before else ""


def _aware(moment: datetime) -> datetime:
    """SQLite returns datetimes without their time zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _user_key(user: SlackUser) -> str:
    return f"{user.team_id}/{user.user_id}"


def _not_on_file(email: str) -> str:
    address = email.strip().lower()
    return f"{address} isn't on file. Check the address. An admin adds people by /tier add person, or by people.csv."
