"""The check of the replica that answers are read from (running#replica)."""

import asyncio

from psycopg import OperationalError

from bot.doctor.finding import Finding, good, must
from bot.settings import Settings
from tiercore.storage.reader import create_reader
from tiercore.storage.replica import WATCH_SECONDS, ReplicaReader

_LOOKS = 5


async def check_replica(settings: Settings) -> list[Finding]:
    """Whether answers can be read from the replica; nothing where none is set, or the database can't be reached."""
    if settings.replica is None:
        return []
    reader = create_reader(settings.database, settings.replica, settings.read_lag_seconds)
    assert isinstance(reader, ReplicaReader)
    try:
        await reader.open()
        for _ in range(_LOOKS):
            if reader.status.is_read:
                break
            await asyncio.sleep(WATCH_SECONDS)
            await reader.look()
    except OperationalError:  # check_database says why
        return []
    finally:
        await reader.close()
    found, shown = reader.status, settings.replica.set(drivername="postgresql").render_as_string(hide_password=True)
    if found.is_read:
        return [good(f"replica: answers are read from {shown}, at most {found.lag:,.0f} seconds behind")]
    return [must(f"replica: {shown} is not read: {found.why}; the primary answers", "check TIERBOT_READ_URL")]
