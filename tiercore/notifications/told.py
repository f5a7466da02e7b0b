"""What digests have told: each says which state of the data it was made from, so that the next one goes on from there
(digests-and-alerts#in-hindsight).
"""

from datetime import date

from sqlalchemy import Connection, select, update

from tiercore.notifications.types import State
from tiercore.questions.hindsight import KnownAt
from tiercore.storage.bulk import table
from tiercore.storage.tables.notifications import OutboxRow, RunRow

_run, _outbox = table(RunRow), table(OutboxRow)


def record_told(connection: Connection, outbox_id: int, known: KnownAt) -> None:
    """Record the state of the data that a digest is composed from; composing it again replaces it."""
    values = {"known_day": known.day.toordinal(), "known_version": known.version}
    connection.execute(update(_outbox).where(_outbox.c.outbox_id == outbox_id).values(values))


def last_told(connection: Connection, subscription_id: str) -> KnownAt | None:
    """The state of the data that the subscription's last scheduled digest told, None before the first."""
    key = "digest:" + _run.c.subscription_id + ":" + _run.c.period
    row = connection.execute(
        select(_outbox.c.known_day, _outbox.c.known_version)
        .select_from(_run.join(_outbox, _outbox.c.key == key))
        .where(
            _run.c.subscription_id == subscription_id,
            _outbox.c.state == State.SENT.value,
            _outbox.c.known_version.is_not(None),
        )
        .order_by(_run.c.due_at.desc())
        .limit(1)
    ).first()
    return KnownAt(date.fromordinal(row.known_day), row.known_version) if row else None
