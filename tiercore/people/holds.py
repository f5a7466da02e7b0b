"""Holds: a held figure is blank everywhere, with a reason, until the hold is lifted (data#figures-under-correction)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from tiercore.facts.holds import HOLDABLE
from tiercore.people.audit import record
from tiercore.people.types import OPERATOR, Hold, InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import PartnerRow
from tiercore.storage.tables.people import HoldRow
from tiercore.storage.versions import change_everything, change_partners


def hold(connection: Connection, figure: str, partner_id: str, reason: str, now: datetime) -> None:
    """Put a figure of a partner (or of EVERYONE) on hold. Raises InvalidChange."""
    _check(connection, figure, partner_id)
    if not reason.strip():
        raise InvalidChange("A hold needs a reason. Everyone who asks for the figure will see it.")
    _lift(connection, figure, partner_id)
    row = {"figure": figure, "partner_id": partner_id, "reason": reason.strip(), "since": now.date()}
    connection.execute(insert(table(HoldRow)), [row])
    _count_change(connection, partner_id)
    record(connection, now, OPERATOR, f"held {figure}", partner_id or "every partner", reason.strip())


def lift(connection: Connection, figure: str, partner_id: str, now: datetime) -> None:
    """Show the figure again. Raises InvalidChange if it was not on hold."""
    if not _lift(connection, figure, partner_id):
        raise InvalidChange(f"{figure} isn't held for {partner_id or 'every partner'}. tierbot holds lists every hold.")
    _count_change(connection, partner_id)
    record(connection, now, OPERATOR, f"lifted the hold on {figure}", partner_id or "every partner")


def holds(connection: Connection) -> Sequence[Hold]:
    """Every hold in force."""
    column = table(HoldRow).c
    columns = (column.figure, column.partner_id, column.reason, column.since)
    rows = connection.execute(select(*columns).order_by(column.figure, column.partner_id))
    return [Hold(*row) for row in rows]


def _check(connection: Connection, figure: str, partner_id: str) -> None:
    if figure not in HOLDABLE:
        raise InvalidChange(f"There's no figure {figure!r} to hold. Choose from: {', '.join(HOLDABLE)}.")
    partner = table(PartnerRow)
    if partner_id and connection.scalar(select(partner.c.name).where(partner.c.partner_id == partner_id)) is None:
        raise InvalidChange(f"There's no partner with the ID {partner_id!r}.")


def _count_change(connection: Connection, partner_id: str) -> None:
    if partner_id:
        change_partners(connection, [partner_id])
    else:
        change_everything(connection)


def _lift(connection: Connection, figure: str, partner_id: str) -> int:
    target = table(HoldRow)
    same = (target.c.figure == figure) & (target.c.partner_id == partner_id)
    return connection.execute(delete(target).where(same)).rowcount
