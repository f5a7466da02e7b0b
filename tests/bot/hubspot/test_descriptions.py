"""What the reader asks and what the local HubSpot answers fit HubSpot's own descriptions of its API."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine

from bot.hubspot.errors import HubSpotError
from bot.hubspot.object_types import DEALS, LINE_ITEMS, OBJECT_TYPES
from bot.hubspot.reader import HubSpotReader
from bot.hubspot.sync import HubSpotSync, Portal
from bot.hubspot.wanted import read_wanted
from bot.playground.local_hubspot.portal.object_types import ALL_SCOPES
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import MAPPING, portal_of
from tests.support.hubspot_descriptions import checked, descriptions_folder
from tests.support.hubspot_reading import HASTY, our_reader
from tests.support.portals import invented_rows
from tests.support.synced_portal import PROGRAM, TODAY
from tiercore.ingest.staging.runs import Outcome

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


async def read_everything(reader: HubSpotReader, portal: HubSpot) -> None:
    """Each kind of request that the reader makes, with more than one page of each."""
    for of in OBJECT_TYPES.values():
        names = [each.name for each in await reader.properties(of)]
        pages = [page async for page in reader.all_pages(of, names)]
        changed = [page async for page in reader.changed_pages(of, names, LONG_AGO)]
        listed = {record.record_id for page in pages for record in page.records}
        assert {record.record_id for page in changed for record in page.records} == listed
        assert await reader.total(of) == len(listed)
    await reader.pipelines(DEALS)
    many_names = ["dealname", *(f"a_property_with_a_long_name_{number}" for number in range(200))]
    assert [page async for page in reader.all_pages(DEALS, many_names)]
    await reader.associated(LINE_ITEMS, "deals", [str(each.id) for each in portal.portal.records["line_items"]])


async def sync_twice(engine: Engine, hubspot: HubSpot, url: str) -> None:
    """A sync of everything, a change, and a sync of what has changed."""
    portal = Portal(hubspot.token, url, Fraction(1), HASTY)
    syncs = HubSpotSync(engine, PROGRAM, portal, read_wanted(MAPPING), lambda: TODAY)
    assert (await syncs.run()).stored.outcome is Outcome.STORED
    for each in hubspot.portal.records["partner_services"]:
        hubspot.portal.change("partner_services", each, {"hs_partner_service_end": "2024-06-30"})
    assert (await syncs.run()).stored.outcome is Outcome.STORED


async def be_refused(url: str, hubspot: HubSpot) -> None:
    """Each kind of refusal: a credential, a scope, a limit."""
    async with our_reader(url, "another") as reader:
        with pytest.raises(HubSpotError):
            await reader.pipelines(DEALS)
    hubspot.state.scopes = ALL_SCOPES - {DEALS.scope}
    async with our_reader(url, hubspot.token) as reader:
        with pytest.raises(HubSpotError):
            await reader.pipelines(DEALS)
    hubspot.state.scopes, hubspot.limits.in_a_day = ALL_SCOPES, 1
    async with our_reader(url, hubspot.token) as reader:
        with pytest.raises(HubSpotError):
            await reader.pipelines(DEALS)
    hubspot.limits.in_a_day = None


async def ask(url: str, hubspot: HubSpot, path: str, **query: str) -> int:
    """One call that the reader doesn't make; the status of its answer."""
    headers = {"Authorization": f"Bearer {hubspot.token}"}
    async with aiohttp.ClientSession(url, headers=headers) as session, session.get(path, params=query) as answer:
        return answer.status


@pytest.mark.slow
async def test_prism_finds_no_violation_and_would_find_one(sqlite_engine: Engine, tmp_path: Path) -> None:
    folder = descriptions_folder()
    if folder is None:
        pytest.skip("no descriptions of HubSpot's API: set TIERBOT_HUBSPOT_SPECS to their folder")
    async with (
        HubSpot(portal_of(invented_rows(deals=101, lines=2))) as hubspot,
        checked(hubspot.url, folder, tmp_path) as proxy,
    ):
        async with our_reader(proxy.url, hubspot.token) as reader:
            await read_everything(reader, hubspot)
        await sync_twice(sqlite_engine, hubspot, proxy.url)
        for path in ("/crm/owners/2026-03", "/crm/limits/2026-03/records", "/crm/objects/2026-03/0-3/1001"):
            assert await ask(proxy.url, hubspot, path) == 200
        await be_refused(proxy.url, hubspot)
        assert proxy.violations == []
        assert proxy.calls == len(hubspot.journal.entries)

        hubspot.state.empty_as_null = True
        assert await ask(proxy.url, hubspot, "/crm/objects/2026-03/companies", properties="domain") == 500
        assert await ask(proxy.url, hubspot, "/crm/objects/2026-03/companies", limit="many") == 422
        assert len(proxy.violations) == 2
