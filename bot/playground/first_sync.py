"""The demo's data from a HubSpot portal on this machine: a sync in which three calls fail, and a second one."""

import asyncio
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

from rich.console import Console

from bot.hubspot.client import Patience
from bot.hubspot.sync import HubSpotSync, Portal, Synced
from bot.hubspot.wanted import read_wanted
from bot.logs import set_up_logging
from bot.playground.local_hubspot import faults
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import MAPPING, portal_of, rows_of
from bot.playground.portal.filling import IN_PORTAL
from bot.playground.world.clock import Clock
from bot.wiring import Core

_CALLS_IN_TEN_SECONDS = 2_000  # ten times what HubSpot allows: nobody wants to wait for a demo
_PATIENCE = Patience(first=0.2, longest=1.0, jitter=0.1)
_FAULTS = {
    ("deals.list", 3): faults.rate_limited(2),
    ("deals.list", 6): faults.CUT_SHORT,
    ("line_items.list", 4): faults.server_error(503),
}


def sync_sample(core: Core, data: Path, day: date, out: Console) -> None:
    """Fill a portal with the sample's facts and sync with it, twice. Raises HubSpotError."""
    set_up_logging("ERROR")
    asyncio.run(_sync(core, data, day, out))


def beside_portal(data: Path, folder: Path) -> Path:
    """The folder with a copy of those files that a portal has no place for: people, tiers, certifications, usage."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in data.glob("*.csv"):
        if file.name not in IN_PORTAL:
            shutil.copy(file, folder / file.name)
    return folder


async def _sync(core: Core, data: Path, day: date, out: Console) -> None:
    clock = Clock(day)
    async with HubSpot(portal_of(rows_of(data), clock), clock=clock, limits=Limits(_CALLS_IN_TEN_SECONDS)) as hubspot:
        for (method, number), fault in _FAULTS.items():
            hubspot.faults.at(number, fault, method)
        out.print(
            f"Syncing with a HubSpot portal on this machine ({hubspot.url}), in which {len(_FAULTS)} calls fail …"
        )
        portal = Portal(hubspot.token, hubspot.url, Fraction(1), _PATIENCE)
        syncs = HubSpotSync(core.engine, core.program, portal, read_wanted(MAPPING), lambda: day, clock.moment)
        first = await syncs.run()
        for call in hubspot.journal.errors:
            out.print(f"  {call.line()}: read again", highlight=False)
        out.print(_said(first))
        out.print(_said(await syncs.run()))


def _said(synced: Synced) -> str:
    """What a sync did, in one line."""
    run, stored = synced.run, synced.stored
    if stored.imported is None:
        return f"Synced again: {run.calls} calls, nothing has changed and nothing was written."
    added = sum(each.added for each in stored.imported.counts.values())
    return f"Synced: {run.records:,} records in {run.calls} calls, {added:,} rows stored."
