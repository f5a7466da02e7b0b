"""The outbox: what is to be sent, once, whatever is killed (digests-and-alerts#outbox).

pending → sending (owner and lease, committed before anything is posted) → sent, or
  pending again: Slack said no for now, and when to ask again;
  unknown: nobody knows whether Slack took it; it is looked for before it is sent again, or held where nobody may look;
  dead: Slack will never take it; dropped: nobody wants it any more.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from tiercore.storage.bulk import insert_new, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow

Json = dict[str, Any]
_outbox = table(OutboxRow)
_LATELY = timedelta(seconds=10)
UNVERIFIED = "in doubt, and "  # begins the reason of what is sent again although nobody could look for it


class State(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    HELD = "held"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """Something to be told in a channel or to a user (`place`), once under its `key`; `what` is told when it is sent.

    It is sent from `due` on, and not after `stale`. With a `root_key` it belongs under, or into, that letter's message.
    """

    key: str
    team_id: str
    place: str
    what: Mapping[str, Any]
    due: datetime
    stale: datetime | None = None
    root_key: str | None = None


class Posted(NamedTuple):
    """Where Slack has a message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A letter in the hands of one sender, who has the lease. `root` is where its root's message is.

    `doubts` counts how often it was not known whether Slack took it; `tried` is when it was first tried. One that is
    sent again is `unlooked` where nobody may look whether the first one is there.
    """

    outbox_id: int
    key: str
    team_id: str
    place: str
    what: Json
    doubts: int
    stale: datetime | None
    tried: datetime
    leased_until: datetime
    root: Posted | None = None
    unverified: bool = False

    @property
    def mark(self) -> str:
        """What the message's metadata says, for finding it again: opaque, because a workspace can read it."""
        return marker_of(self.key)


def marker_of(key: str) -> str:
    """The mark of the letter with a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a claimed letter: its new state, with the message's place, a reason, or when to go on."""

    outbox_id: int
    state: State
    posted: Posted | None = None
    reason: str | None = None
    again: datetime | None = None


def put(connection: Connection, letters: Iterable[OutboxMessage], now: datetime) -> int:
    """Put letters into the outbox; one whose key is known already is there already. How many are new."""
    rows = [
        {
            "key": each.key,
            "team_id": each.team_id,
            "place": each.place,
            "what": json.dumps(dict(each.what), sort_keys=True),
            "root_key": each.root_key,
            "state": State.PENDING.value,
            "due_at": as_ms(each.due),
            "stale_at": as_ms(each.stale) if each.stale else None,
            "made_at": as_ms(now),
            "attempts": 0,
            "doubts": 0,
        }
        for each in letters
    ]
    return len(insert_new(connection, _outbox, rows))


def recently_queued(connection: Connection, prefix: str, now: datetime) -> bool:
    """Whether a letter whose key begins so is on its way, or was made within the last seconds."""
    under_way = _outbox.c.state.in_([State.PENDING.value, State.SENDING.value, State.UNKNOWN.value])
    lately = _outbox.c.made_at > as_ms(now - _LATELY)
    found = select(_outbox.c.outbox_id).where(_outbox.c.key.startswith(prefix, autoescape=True), under_way | lately)
    return connection.scalar(found.limit(1)) is not None
