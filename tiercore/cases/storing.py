"""Reading and changing cases. Whoever may see the partner may see its cases; permissions are checked here."""

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from tiercore.access import SlackUser
from tiercore.cases.types import Case, CaseState, as_json, from_json
from tiercore.explaining.claims import Claim, Explained
from tiercore.people.people import identity_of
from tiercore.people.types import Identity, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.cases import FigureCaseRow
from tiercore.storage.tables.ledger import ClientRow, PartnerRow
from tiercore.storage.workspaces import is_seen_from

_case, _partner, _client = table(FigureCaseRow), table(PartnerRow), table(ClientRow)
_NO_CASE = "This case isn't one of yours, or it no longer exists. /tier cases lists yours."
_OVER = [each.value for each in CaseState if each.is_over]
_JOINED = _case.join(_partner, _partner.c.partner_id == _case.c.partner_id).outerjoin(
    _client, _client.c.client_id == _case.c.client_id
)
_COLUMNS = (*_case.c, _partner.c.name.label("partner"), _client.c.name.label("client"))


def find(connection: Connection, user: SlackUser, case_id: str) -> tuple[Case, Identity]:
    """The case and who the user is. Raises InvalidChange, with the same words for a case that the user may not see."""
    row = connection.execute(_seen_in(user.team_id, None).where(_case.c.case_id == case_id)).first()
    person = identity_of(connection, user)
    if row is None or person is None or not (person.is_admin or row.partner_id in person.partners):
        raise InvalidChange(_NO_CASE)
    return case_of(row), person


def of_partners(connection: Connection, team: str, partner_ids: Collection[str] | None, limit: int) -> list[Case]:
    """The partners' cases that the workspace's people may see: what is not over first, the oldest first; then the
    latest that are over.
    """
    found = _seen_in(team, partner_ids)
    waiting = connection.execute(found.where(_case.c.state.not_in(_OVER)).order_by(_case.c.opened_at).limit(limit))
    cases = [case_of(row) for row in waiting]
    over = found.where(_case.c.state.in_(_OVER)).order_by(_case.c.resolved_at.desc()).limit(limit - len(cases))
    return [*cases, *(case_of(row) for row in connection.execute(over))]


def waiting(connection: Connection, team: str, partner_ids: Sequence[str] | None) -> list[Case]:
    """The partners' cases that the workspace's people may see and that are not over, the oldest first."""
    found = _seen_in(team, partner_ids).where(_case.c.state.not_in(_OVER))
    return [case_of(row) for row in connection.execute(found.order_by(_case.c.opened_at))]


def _seen_in(team: str, partner_ids: Collection[str] | None) -> Select[Any]:
    """A case is its enterprise's: it names Slack users, and its threads are there. One of a partner's workspace is the
    program's, too, whose people answer it.
    """
    found = select(*_COLUMNS).select_from(_JOINED).where(is_seen_from(_case.c.team_id, team))
    return found if partner_ids is None else found.where(_case.c.partner_id.in_(partner_ids))


def same(connection: Connection, team: str, partner_id: str, claim: Claim) -> str | None:
    """The ID of the partner's case about the same figure and day that is not over, of those seen in the workspace."""
    client = _case.c.client_id.is_(None) if claim.client_id is None else _case.c.client_id == claim.client_id
    found: str | None = connection.scalar(
        select(_case.c.case_id).where(
            _case.c.partner_id == partner_id,
            is_seen_from(_case.c.team_id, team),
            client,
            _case.c.figure == claim.figure.value,
            _case.c.measure == claim.measure.value,
            _case.c.day == claim.day.toordinal(),
            _case.c.state.not_in(_OVER),
        )
    )
    return found


def add(
    connection: Connection, user: SlackUser, partner_id: str, claimed: str, explained: Explained, now: datetime
) -> str:
    """Store a new case. Returns its ID."""
    case_id, claim = secrets.token_urlsafe(12), explained.claim
    row = {
        "case_id": case_id,
        "partner_id": partner_id,
        "client_id": claim.client_id,
        "figure": claim.figure.value,
        "measure": claim.measure.value,
        "day": claim.day.toordinal(),
        **found(claimed, explained),
        "state": CaseState.OPEN.value,
        "team_id": user.team_id,
        "opened_by": user.user_id,
        "answer": "",
        "steps": 0,
        "opened_at": as_ms(now),
    }
    connection.execute(insert(_case), [row])
    return case_id


def found(claimed: str, explained: Explained) -> dict[str, str]:
    """What was typed, and what was found about it, as the columns of a case."""
    return {"claimed": claimed, "explanations": json.dumps(as_json(explained))}


def change(connection: Connection, case_id: str, **values: Any) -> int:
    """Change the case. Returns the number of the change, which counts up."""
    connection.execute(update(_case).where(_case.c.case_id == case_id).values(**values, steps=_case.c.steps + 1))
    return int(connection.scalar(select(_case.c.steps).where(_case.c.case_id == case_id)) or 0)


def case_of(row: Any) -> Case:
    """The case of a row."""
    claim = {
        "figure": row.figure,
        "measure": row.measure,
        "day": date.fromordinal(row.day),
        "client": row.client_id,
    }
    return Case(
        case_id=row.case_id,
        partner_id=row.partner_id,
        partner=row.partner,
        claimed=row.claimed,
        explained=from_json(json.loads(row.explanations), claim),
        state=CaseState(row.state),
        opened_by=SlackUser(row.team_id, row.opened_by),
        opened_at=from_ms(row.opened_at),
        client=row.client,
        owner=row.owner,
        answer=row.answer,
        picked=row.picked,
        answered_at=from_ms(row.answered_at) if row.answered_at is not None else None,
        resolved_at=from_ms(row.resolved_at) if row.resolved_at is not None else None,
    )
