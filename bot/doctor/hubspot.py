"""How syncs with HubSpot are doing, from the settings and the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from bot.doctor.finding import Finding, good, must, note
from bot.doctor.installation import read_only_engine
from bot.settings import Settings
from bot.wiring import NotReadyToRun, require_schema
from tiercore.ingest.staging.status import SyncStatus, status_of
from tiercore.storage.engine import is_sqlite, reading
from tiercore.storage.schema import NewerDatabase
from tiercore.storage.transactions import utc_now

_AGAIN = "tierbot sync hubspot says what is wrong as it happens"


def check_syncs(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """How syncs are doing; nothing where there was none and none is scheduled, or the database can't be used."""
    url = settings.database
    if is_sqlite(url) and not _exists(url):
        return []
    engine = read_only_engine(url)
    try:
        require_schema(engine)
        with reading(engine) as connection:
            status = status_of(connection, timedelta(hours=settings.sync_hours), now or utc_now())
    except (NotReadyToRun, NewerDatabase, DatabaseError):
        return []
    finally:
        engine.dispose()
    return [] if status is None else list(_findings(status))


def _exists(url: URL) -> bool:
    return Path(url.database or "").exists()


def _findings(status: SyncStatus) -> Iterator[Finding]:
    if status.error and status.last is not None:
        yield must(f"HubSpot: the last sync isn't complete ({status.last.outcome}): {status.error}", _AGAIN)
    following = f"; the next is due at {status.next_at:%Y-%m-%d %H:%M} UTC" if status.next_at else ""
    if status.complete is None:
        yield note(f"HubSpot: no sync was complete yet{following}", "" if following else "tierbot sync hubspot")
        return
    what = f"HubSpot: as of {status.complete.started_at:%Y-%m-%d %H:%M} UTC{following}"
    if status.is_late:
        yield note(f"{what}; that is more than twice TIERBOT_SYNC_HOURS ago", _AGAIN)
    else:
        yield good(what)
