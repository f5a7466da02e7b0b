"""The log of reads: who asked what, about which partner, with what outcome. Kept for KEPT_DAYS days, no figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from tiercore.people.types import Read
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.people import ReadRow

KEPT_DAYS = 400
_read = table(ReadRow)


def record_reads(connection: Connection, reads: Sequence[Read]) -> None:
    """Add the reads."""
    rows = [
        {
            "at": as_ms(each.at),
            "team_id": each.team_id,
            "user_id": each.user_id,
            "word": each.word,
            "partner_id": each.partner_id,
            "outcome": each.outcome,
        }
        for each in reads
    ]
    if rows:
        connection.execute(insert(_read), rows)


def forget_reads(connection: Connection, now: datetime) -> None:
    """Remove the reads that are older than KEPT_DAYS."""
    connection.execute(delete(_read).where(_read.c.at < as_ms(now - timedelta(days=KEPT_DAYS))))


def latest_reads(connection: Connection, limit: int, partner_id: str | None = None) -> list[Read]:
    """The latest reads, newest first: of one partner, or all."""
    columns = (_read.c.at, _read.c.team_id, _read.c.user_id, _read.c.word, _read.c.partner_id, _read.c.outcome)
    found = select(*columns).order_by(_read.c.at.desc(), _read.c.read_id.desc()).limit(limit)
    if partner_id:
        found = found.where(_read.c.partner_id == partner_id)
    return [Read(from_ms(row.at), *row[1:]) for row in connection.execute(found)]
