"""HubSpot's failures can be triggered on request, and the journal records what really happened."""

from typing import Any

import aiohttp
import pytest

from bot.playground.local_hubspot import faults
from bot.playground.local_hubspot.server import HubSpot

DEALS = "/crm/objects/2026-03/0-3"


async def test_the_next_calls_can_be_rate_limited(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("deals.list", faults.rate_limited(7), times=2)
    answers = [await client.get(DEALS) for _ in range(3)]
    assert [each.status for each in answers] == [429, 429, 200]
    assert [each.headers.get("Retry-After") for each in answers] == ["7", "7", None]
    assert [each.fault for each in hubspot.journal.calls("deals.list")] == ["rate limited", "rate limited", None]


@pytest.mark.parametrize("status", [423, 477, 500, 502, 503, 504])
async def test_a_server_error_can_have_any_status(status: int, hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("*", faults.server_error(status))
    assert [(await client.get(DEALS)).status for _ in range(2)] == [status, 200]


async def test_the_call_of_a_number_can_fail(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.at(2, faults.server_error(503), "deals.list")
    hubspot.faults.at(4, faults.refused(403, "MISSING_SCOPES"))
    assert [(await client.get(DEALS)).status for _ in range(4)] == [200, 503, 200, 403]
    assert hubspot.faults.waiting == []


async def test_an_answer_can_be_cut_in_the_middle(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("deals.list", faults.CUT_SHORT)
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get(DEALS)
    assert hubspot.journal.entries[-1].status is None


async def test_an_answer_can_be_json_without_its_end(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("deals.list", faults.INVALID_JSON)
    with pytest.raises(ValueError, match="Unterminated"):
        await client.get(DEALS)


async def test_the_connection_can_be_reset(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("deals.search", faults.RESET, times=9)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.search("deals")


async def read_all(client: Any, search: bool = False, limit: int = 2) -> list[list[int]]:
    """The pages of all deals, by following the cursors; at most ten."""
    pages, after = [], ""
    for _ in range(10):
        cursor = {"after": after} if after else {}
        answer = await (
            client.search("deals", limit=limit, **cursor) if search else client.get(DEALS, limit=str(limit), **cursor)
        )
        pages.append(answer.ids)
        if (after := answer.after) is None:
            break
    return pages


@pytest.mark.parametrize("search", [False, True])
@pytest.mark.parametrize(
    ("fault", "pages"),
    [
        (faults.short_page(1), [[1001, 1002], [1003], [1004, 1005]]),
        (faults.lost_rows(1), [[1001, 1002], [1003], [1005]]),
        (faults.EMPTY_PAGE, [[1001, 1002], [], [1003, 1004], [1005]]),
        (faults.SAME_CURSOR, [[1001, 1002], [1003, 1004], [1003, 1004], [1005]]),
        (faults.REPEATED_RECORD, [[1001, 1002], [1002, 1003, 1004], [1005]]),
    ],
)
async def test_a_page_can_be_spoiled(
    fault: faults.Fault, pages: list[list[int]], search: bool, hubspot: HubSpot, client: Any
) -> None:
    hubspot.faults.at(2, fault)
    assert await read_all(client, search) == pages


async def test_something_can_happen_between_two_pages(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.at(2, faults.meanwhile(lambda: hubspot.portal.archive("deals", 1001)))
    assert await read_all(client, search=True) == [[1001, 1002], [1004, 1005]]


async def test_an_answer_can_be_slow(hubspot: HubSpot, client: Any) -> None:
    hubspot.faults.add("deals.list", faults.slow(0.01))
    assert (await client.get(DEALS)).status == 200
    assert hubspot.journal.entries[-1].line() == "deals.list → 200, 5 rows (slow)"
