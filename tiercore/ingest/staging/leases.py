"""One sync at a time over all processes, and the calls that they make together in a day (data#hubspot-limits)."""

import os
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms, from_ms
from tiercore.storage.tables.synced import SyncLeaseRow

LEASE = timedelta(minutes=5)
_lease = table(SyncLeaseRow)


class AnotherSync(RuntimeError):
    """Another process syncs; the message says which and until when."""


def take_lease(connection: Connection, owner: str, now: datetime) -> None:
    """Take the lease, or have it a little longer. Raises AnotherSync."""
    row = connection.execute(select(_lease)).mappings().first()
    until = as_ms(now + LEASE)
    if row is None:
        first = {"lease_id": 1, "owner": owner, "leased_until": until, "day": now.toordinal(), "calls": 0}
        connection.execute(insert(_lease), [{**first, "not_before": 0}])
        return
    if row["owner"] not in ("", owner) and row["leased_until"] > as_ms(now) and not _has_ended(row["owner"], owner):
        ends = from_ms(row["leased_until"])
        raise AnotherSync(
            f"another sync is running ({row['owner']}). It has until {ends:%H:%M:%S} UTC to read its next page: try "
            "again after that"
        )
    connection.execute(update(_lease).values(owner=owner, leased_until=until))


def give_back_lease(connection: Connection, owner: str) -> None:
    """Let the next sync begin."""
    connection.execute(update(_lease).where(_lease.c.owner == owner).values(owner="", leased_until=0))


def is_leased(connection: Connection, now: datetime) -> bool:
    """Whether a sync is running, as far as is known."""
    row = connection.execute(select(_lease)).mappings().first()
    return row is not None and row["owner"] != "" and row["leased_until"] > as_ms(now)


def calls_today(connection: Connection, now: datetime) -> tuple[int, int | None]:
    """How many calls syncs have made on this day (UTC), and how many the other system allowed in a day when it last
    said so.
    """
    row = connection.execute(select(_lease)).mappings().first()
    if row is None:
        return 0, None
    return row["calls"] if row["day"] == now.toordinal() else 0, row["day_limit"]


def count_calls(connection: Connection, calls: int, day_limit: int | None, now: datetime) -> None:
    """Count calls toward the day's."""
    total = calls_today(connection, now)[0] + calls
    connection.execute(update(_lease).values(day=now.toordinal(), calls=total, day_limit=day_limit))


def not_before(connection: Connection) -> datetime | None:
    """From when on the other system may be called again; None where it hasn't said."""
    row = connection.execute(select(_lease.c.not_before)).scalar()
    return from_ms(row) if row else None


def wait_until(connection: Connection, moment: datetime | None) -> None:
    """Call the other system no sooner than this."""
    connection.execute(update(_lease).values(not_before=0 if moment is None else as_ms(moment)))


def _has_ended(other: str, own: str) -> bool:
    """Whether a lease's owner was a process of this machine that is gone: "host:pid:token"."""
    host, pid, _ = other.split(":", 2)
    own_host, own_pid, _ = own.split(":", 2)
    if host != own_host or pid == own_pid:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
