"""The outbox: messages to be sent once, whichever process is killed (digests-and-alerts#outbox).

pending → sending (owner and lease; `begun_at` is committed just before the call) → sent, or
  pending again: Slack refused for now, and said when to retry; or the lease ended before the call had begun;
  unknown: Slack may or may not have it; it is looked for before it is sent again, or held if the bot can't look;
  held, with a fault: somebody has to mend something first, and then it is sent;
  dead: Slack will never accept it; dropped: nobody wants it any more.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from tiercore.notifications.outbox_types import OutboxMessage, State
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow

Json = dict[str, Any]
_outbox = table(OutboxRow)
_RECENT = timedelta(seconds=10)


def put(connection: Connection, messages: Iterable[OutboxMessage], now: datetime) -> int:
    """Queue messages. One whose key is already in the outbox is skipped. Returns how many are new."""
    rows = [
        {
            "key": each.key,
            "team_id": each.team_id,
            "place": each.target,
            "what": json.dumps(dict(each.content), sort_keys=True),
            "root_key": each.root_key,
            "state": State.PENDING.value,
            "due_at": as_ms(each.due),
            "stale_at": as_ms(each.expires) if each.expires else None,
            "made_at": as_ms(now),
            "attempts": 0,
            "doubts": 0,
            "unverified": False,
        }
        for each in messages
    ]
    return len(insert_new(connection, _outbox, rows))


def recently_queued(connection: Connection, prefix: str, now: datetime) -> bool:
    """Whether a message whose key starts with `prefix` is unsent, or was queued within the last ten seconds."""
    unsent = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    recent = _outbox.c.made_at > as_ms(now - _RECENT)
    found = select(_outbox.c.outbox_id).where(_outbox.c.key.startswith(prefix, autoescape=True), unsent | recent)
    return connection.scalar(found.limit(1)) is not None
