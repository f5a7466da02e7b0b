"""Invitations to install the app, and the states of installations that somebody has begun. Both are used once, and only
their digests are stored.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from tiercore.access import SlackUser
from tiercore.people.audit import record
from tiercore.people.people import identity_of
from tiercore.people.types import OPERATOR, InvalidChange, NotAllowed
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.storage.tables.workspaces import InstallStateRow, InvitationRow
from tiercore.workspaces.types import INVITATION_DAYS, STATE_LIFE, Invitation, WorkspaceRole

_BYTES = 24
_invitation, _state, _partner = table(InvitationRow), table(InstallStateRow), table(PartnerRow)
_NO_INVITATION = "This invitation was used, has expired or never was. Ask your CAM for a new one."


class UnknownState(ValueError):
    """The state that came back is none that was given out, or it was used, or is too old."""


def invite(
    connection: Connection, by: SlackUser | None, role: WorkspaceRole, partners: Sequence[str], now: datetime
) -> str:
    """A one-time code with which a workspace of the partners, or of the program, is installed. `by` is None for the
    operator.

    Raises NotAllowed unless it is an admin, or whoever looks after all of the partners; InvalidChange for an unknown
    partner.
    """
    _require_may_invite(connection, by, role, partners)
    known = set(connection.scalars(select(_partner.c.partner_id).where(_partner.c.partner_id.in_(partners))))
    if missing := [each for each in partners if each not in known]:
        raise InvalidChange(f"There is no partner {missing[0]}. Give its ID, as it is in partners.csv.")
    connection.execute(delete(_invitation).where(_invitation.c.expires_at <= as_ms(now)))
    code, maker = secrets.token_urlsafe(_BYTES), f"{by.team_id}/{by.user_id}" if by else OPERATOR
    row = {
        "digest": _digest(code),
        "role": role.value,
        "partners": "\n".join(partners),
        "made_by": maker,
        "made_at": as_ms(now),
        "expires_at": as_ms(now + timedelta(days=INVITATION_DAYS)),
    }
    connection.execute(insert(_invitation), [row])
    record(connection, now, maker, "invited a workspace", ", ".join(partners) or role.value)
    return code


def _require_may_invite(
    connection: Connection, by: SlackUser | None, role: WorkspaceRole, partners: Sequence[str]
) -> None:
    if by is None:
        return
    person = identity_of(connection, by)
    if person is not None and person.is_admin:
        return
    if role is WorkspaceRole.PROGRAM or not partners:
        raise NotAllowed("Only an admin may invite a workspace that is of no partner.")
    if person is None or not person.looks_after.issuperset(partners):
        raise NotAllowed("Only this partner's CAM or CC, or an admin, can invite it.")


def begin(connection: Connection, code: str | None, now: datetime) -> str:
    """The state for an installation that begins now, by the invitation's code or without one. Raises InvalidChange for
    a code that isn't good.
    """
    digest = _digest(code) if code is not None else None
    if digest is not None and _found(connection, digest, now) is None:
        raise InvalidChange(_NO_INVITATION)
    connection.execute(delete(_state).where(_state.c.expires_at <= as_ms(now)))
    state = secrets.token_urlsafe(_BYTES)
    row = {"digest": _digest(state), "invitation": digest, "expires_at": as_ms(now + STATE_LIFE)}
    connection.execute(insert(_state), [row])
    return state


def use_state(connection: Connection, state: str, now: datetime) -> str | None:
    """The digest of the invitation that the installation was begun with, None without one. The state works once.

    Raises UnknownState.
    """
    found = _state.c.digest == _digest(state)
    row = connection.execute(delete(_state).where(found).returning(_state.c.invitation, _state.c.expires_at)).first()
    if row is None or row.expires_at <= as_ms(now):
        raise UnknownState
    invitation: str | None = row.invitation
    return invitation


def redeem(connection: Connection, digest: str, now: datetime) -> Invitation:
    """The invitation, which can't be used again. Raises InvalidChange if it was used meanwhile, or has expired."""
    invitation = _found(connection, digest, now)
    connection.execute(delete(_invitation).where(_invitation.c.digest == digest))
    if invitation is None:
        raise InvalidChange(_NO_INVITATION)
    return invitation


def _found(connection: Connection, digest: str, now: datetime) -> Invitation | None:
    row = connection.execute(select(_invitation).where(_invitation.c.digest == digest)).first()
    if row is None or row.expires_at <= as_ms(now):
        return None
    partners = tuple(filter(None, row.partners.split("\n")))
    return Invitation(WorkspaceRole(row.role), partners, row.made_by, from_ms(row.expires_at))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
