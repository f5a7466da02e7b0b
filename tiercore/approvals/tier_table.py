"""Entering a tier table: the change of an approved proposal of rules (running#tier-table)."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tiercore.approvals.types import Proposal
from tiercore.program.entered import FigureChange, TableChange
from tiercore.storage.bulk import table
from tiercore.storage.derive import increase_version
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.approvals import RuleValueRow

_value = table(RuleValueRow)


def enter_table(connection: Connection, proposal: Proposal, now: datetime) -> None:
    """Store the figures of an approved proposal, dated, and make cached answers stale.

    A figure ends the one that held on its first day, and holds until the next one that was entered for a later day. One
    of the same day replaces it. Nothing is deleted.
    """
    change = TableChange.read(proposal.payload)
    for each in change.figures:
        _enter(connection, proposal, change, each, now)
    increase_version(connection)


def _enter(
    connection: Connection, proposal: Proposal, change: TableChange, figure: FigureChange, now: datetime
) -> None:
    same = (_value.c.tier == figure.tier) & (_value.c.figure == figure.figure)
    in_force = (_value.c.valid_until.is_(None)) | (_value.c.valid_until > _value.c.valid_from)
    starts = select(_value.c.valid_from).where(same, in_force, _value.c.valid_from > change.valid_from)
    ends = connection.scalar(starts.order_by(_value.c.valid_from).limit(1))
    ended = _value.c.valid_until.is_(None) | (_value.c.valid_until > change.valid_from)
    connection.execute(
        update(_value)
        .where(same, in_force, _value.c.valid_from <= change.valid_from, ended)
        .values(valid_until=change.valid_from)
    )
    row = {
        "tier": figure.tier,
        "figure": figure.figure,
        "value": figure.value,
        "valid_from": change.valid_from,
        "valid_until": ends,
        "source": change.source,
        "entered_by": proposal.proposed_by,
        "entered_at": as_ms(proposal.proposed_at),
        "approved_by": proposal.decided_by or "",
        "approved_at": as_ms(now),
        "proposal_id": proposal.proposal_id,
    }
    connection.execute(insert(_value), [row])
