"""Syncs with HubSpot by the settings: started on the command line, or by the clockwork."""

import asyncio
from fractions import Fraction
from pathlib import Path

import structlog

from bot.hubspot.errors import NoMapping, NoToken
from bot.hubspot.sync import HubSpotSync, Portal
from bot.hubspot.wanted import read_wanted
from bot.settings import Settings, share_of
from bot.wiring import Core

log = structlog.get_logger()


def create_sync(core: Core, mapping: Path | None = None, share: Fraction | None = None) -> HubSpotSync:
    """A sync with the portal of the settings, by a mapping and with a share of its calls in place of theirs.

    Raises HubSpotError, MappingError, OSError.
    """
    settings = core.settings
    portal = portal_of(settings, share)
    file = mapping or settings.hubspot_map
    if file is None:
        raise NoMapping
    return HubSpotSync(core.engine, core.program, portal, read_wanted(file), settings.today_is)


def portal_of(settings: Settings, share: Fraction | None = None) -> Portal:
    """The portal of the settings. Raises NoToken."""
    if settings.hubspot_token is None:
        raise NoToken
    token = settings.hubspot_token.get_secret_value()
    return Portal(token, settings.hubspot_url, share or share_of(settings.hubspot_share))


async def run_sync(core: Core) -> None:
    """One sync, as the clockwork runs it. Raises what create_sync and HubSpotSync.run raise."""
    synced = await (await asyncio.to_thread(create_sync, core)).run()
    run, stored = synced.run, synced.stored
    report = log.info if stored.outcome.is_complete else log.warning
    counts = {"records": run.records, "changed": run.changed, "calls": run.calls}
    report("synced", outcome=stored.outcome.value, reason=stored.message[:200], **counts)
