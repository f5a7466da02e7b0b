"""The check of the standby that answers are read from (running#standby)."""

import asyncio

from psycopg import OperationalError

from bot.doctor.finding import Finding, good, must
from bot.settings import Settings
from tiercore.storage.reader import create_reader
from tiercore.storage.standby import WATCH_SECONDS, StandbyReader

_LOOKS = 5


async def check_standby(settings: Settings) -> list[Finding]:
    """Whether answers can be read from the standby; nothing where none is set, or the database can't be reached."""
    if settings.standby is None:
        return []
    reader = create_reader(settings.database, settings.standby, settings.read_lag_seconds)
    assert isinstance(reader, StandbyReader)
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
    found, shown = reader.status, settings.standby.set(drivername="postgresql").render_as_string(hide_password=True)
    if found.is_read:
        return [good(f"standby: answers are read from {shown}, at most {found.lag:,.0f} seconds behind")]
    return [must(f"standby: {shown} is not read: {found.why}; the primary answers", "check TIERBOT_READ_URL")]
