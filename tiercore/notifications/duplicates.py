"""Duplicate checks: Slack may accept a message in doubt long after it was sent again, and then it is posted twice.

Messages that were ever in doubt are checked soon after they were sent and again a quarter of an hour later
(digests-and-alerts#duplicates).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from tiercore.notifications.outbox_types import Posted, SendPolicy, marker_of
from tiercore.notifications.rate_limit import CLOCKS_APART
from tiercore.notifications.sent import NextCheck, SentMessage
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.notifications import OutboxRow

_outbox = table(OutboxRow)
_root = _outbox.alias("root")


def claim(connection: Connection, now: datetime, limit: int, policy: SendPolicy) -> list[SentMessage]:
    """At most `limit` sent messages due for a duplicate check, withheld from other processes for a lease."""
    lease = policy.lease
    columns = (
        _outbox.c.outbox_id,
        _outbox.c.team_id,
        _outbox.c.key,
        _outbox.c.channel,
        _outbox.c.ts,
        _outbox.c.tried_at,
    )
    longest = as_ms(now + max(lease, policy.settle, policy.sweep)) + CLOCKS_APART
    due = (_outbox.c.sweep_at <= as_ms(now)) | (_outbox.c.sweep_at > longest)  # by a clock that was set back
    found = connection.execute(
        select(*columns, _outbox.c.done_at, _outbox.c.searched_to, _root.c.ts.label("root_ts"))
        .select_from(_outbox.outerjoin(_root, _root.c.key == _outbox.c.root_key))
        .where(due)
        .order_by(_outbox.c.sweep_at)
        .limit(limit)
    ).all()
    chosen = _outbox.c.outbox_id.in_([row.outbox_id for row in found])
    connection.execute(update(_outbox).where(chosen).values(sweep_at=as_ms(now + lease)))
    return [
        SentMessage(
            row.outbox_id,
            row.team_id,
            Posted(row.channel, row.ts),
            marker_of(row.key),
            from_ms(row.tried_at),
            from_ms(row.done_at),
            Posted(row.channel, row.root_ts) if row.root_ts else None,
            row.searched_to,
        )
        for row in found
    ]


def schedule(connection: Connection, checks: Mapping[int, NextCheck | None]) -> None:
    """Set when each message (by outbox ID) is checked next, and from where on; None for never."""
    for outbox_id, check in checks.items():
        values = {"sweep_at": as_ms(check.at) if check else None, "searched_to": check.searched_to if check else None}
        connection.execute(update(_outbox).where(_outbox.c.outbox_id == outbox_id).values(values))
