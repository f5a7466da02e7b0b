"""Entering a tier table: the change of an approved proposal of rules (running#tier-table)."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tiercore.approvals.cards import put_news
from tiercore.approvals.types import Proposal
from tiercore.people.types import InvalidChange
from tiercore.program import Entered, Program
from tiercore.program.entered import FigureChange, TableChange, merged
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.rule_values import entered_in
from tiercore.storage.tables.approvals import RuleValueRow
from tiercore.storage.versions import change_everything

KIND = "rules"
_value = table(RuleValueRow)


class TierTable:
    """The tier table of one database, over the rules that it was started with."""

    def __init__(self, program: Program) -> None:
        self._known = {parameter.path: parameter for parameter in program.base.parameters}

    def enter(self, connection: Connection, proposal: Proposal, now: datetime) -> None:
        """Store the figures of an approved proposal, dated, make cached answers stale, and queue the news.

        A figure ends the one that held on its first day, and holds until the next one that was entered for a later day.
        One of the same day replaces it. Nothing is deleted. Raises InvalidChange where another figure than the proposal
        says has been in force by now.
        """
        change = TableChange.read(proposal.payload)
        entered = entered_in(connection)
        for each in change.figures:
            self._require_unchanged(change, each, entered)
        for each in change.figures:
            _enter(connection, proposal, change, each, now)
        change_everything(connection)
        put_news(connection, proposal, now)

    def _require_unchanged(self, change: TableChange, figure: FigureChange, entered: tuple[Entered, ...]) -> None:
        """Raises InvalidChange unless the figure that the proposal replaces is still the one in force."""
        path = figure.path
        same = [each for each in entered if each.path == path]
        current = merged(self._known.get(path), path, same).on(change.valid_from).text
        if current != figure.before:
            name = f"{figure.tier.capitalize()}'s {figure.name}"
            raise InvalidChange(
                f"{name} is {current} by now, and was {figure.before} when this was proposed. Decline it, and have the "
                "table proposed again."
            )


def _enter(
    connection: Connection, proposal: Proposal, change: TableChange, figure: FigureChange, now: datetime
) -> None:
    same = (_value.c.tier == figure.tier) & (_value.c.figure == figure.figure)
    in_force = (_value.c.valid_until.is_(None)) | (_value.c.valid_until > _value.c.valid_from)
    starts = select(_value.c.valid_from).where(same, in_force, _value.c.valid_from > change.valid_from)
    ends = connection.scalar(starts.order_by(_value.c.valid_from).limit(1))
    not_ended = _value.c.valid_until.is_(None) | (_value.c.valid_until > change.valid_from)
    connection.execute(
        update(_value)
        .where(same, in_force, _value.c.valid_from <= change.valid_from, not_ended)
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
