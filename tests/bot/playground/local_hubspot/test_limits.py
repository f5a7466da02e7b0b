"""Limits and credentials are enforced, and every answer says what is left."""

from typing import Any

import pytest

from bot.playground.local_hubspot.portal.object_types import ALL_SCOPES
from bot.playground.local_hubspot.server import HubSpot

DEALS = "/crm/objects/2026-03/0-3"


async def test_so_many_calls_in_ten_seconds_are_let_in(hubspot: HubSpot, client: Any, clock: Any) -> None:
    hubspot.limits.in_ten_seconds = 3
    left = [(await client.get(DEALS)).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    clock.now += 4
    refused = await client.get(DEALS)
    assert left == ["2", "1", "0"]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "6")
    assert (refused.body["policyName"], refused.body["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
    clock.now += 6
    assert (await client.get(DEALS)).status == 200


async def test_searches_have_a_limit_of_their_own(hubspot: HubSpot, client: Any, clock: Any) -> None:
    hubspot.limits.in_ten_seconds = 0
    assert [(await client.search("deals")).status for _ in range(6)] == [200] * 5 + [429]
    clock.now += 1
    assert (await client.search("deals")).status == 200


async def test_the_days_calls_are_shared_with_others_and_new_at_midnight(
    hubspot: HubSpot, client: Any, clock: Any
) -> None:
    hubspot.limits.in_a_day, hubspot.limits.used_by_others = 100, 98
    assert [(await client.get(DEALS)).headers["X-HubSpot-RateLimit-Daily-Remaining"] for _ in range(2)] == ["1", "0"]
    refused = await client.get(DEALS)
    assert refused.body["policyName"] == "DAILY"
    clock.now += int(refused.headers["Retry-After"])
    assert (await client.get(DEALS)).status == 200


async def test_without_the_credential_nothing_is_read(client: Any, hubspot: HubSpot) -> None:
    refused = await client.get(DEALS, token="another")
    assert (refused.status, refused.body["category"]) == (401, "INVALID_AUTHENTICATION")
    assert hubspot.token not in repr(hubspot.journal.entries)


@pytest.mark.parametrize(
    "path", [DEALS, f"{DEALS}/1001", "/crm/properties/2026-03/deals", "/crm/pipelines/2026-03/0-3"]
)
async def test_a_missing_scope_is_named(path: str, hubspot: HubSpot, client: Any) -> None:
    hubspot.state.scopes = ALL_SCOPES - {"crm.objects.deals.read"}
    refused = await client.get(path)
    assert (refused.status, refused.body["category"]) == (403, "MISSING_SCOPES")
    assert refused.body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.deals.read"]


async def test_every_answer_has_a_correlation_id_and_the_portals_time(client: Any) -> None:
    answers = [await client.get(DEALS), await client.get(DEALS, token="x"), await client.get("/nowhere")]
    assert len({each.headers["X-HubSpot-Correlation-Id"] for each in answers}) == 3
    assert {each.headers["Date"] for each in answers} == {"Mon, 21 Sep 2026 14:13:20 GMT"}
