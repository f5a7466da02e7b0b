"""Searches find what their filters say, in pages of 200, and give 10,000 results in all."""

from typing import Any

import pytest

from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot


def filters(*each: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"filters": [{"propertyName": name, "operator": how, "value": value} for name, how, value in each]}]


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("EQ", "200", [1002]),
        ("NEQ", "200.0", [1001, 1003, 1004, 1005]),
        ("GT", "300", [1004, 1005]),
        ("GTE", "300", [1003, 1004, 1005]),
        ("LT", "200", [1001]),
        ("LTE", "1e2", [1001]),
    ],
)
async def test_numbers_are_compared_as_numbers(operator: str, value: str, found: list[int], client: Any) -> None:
    assert (await client.search("deals", filterGroups=filters(("amount", operator, value)))).ids == found


async def test_filters_of_a_group_must_all_hold_and_one_group_is_enough(client: Any) -> None:
    groups = filters(("amount", "GT", "100"), ("dealname", "EQ", "deal 2")) + filters(("amount", "EQ", "500"))
    assert (await client.search("deals", filterGroups=groups)).ids == [1002, 1005]


async def test_times_are_given_in_milliseconds_or_as_text(hubspot: HubSpot, client: Any) -> None:
    hubspot.portal.change("deals", 1004, {"amount": "1"}, at=2_000_000_000_000)
    for value in ("1999999999999", "2033-05-18T03:33:19Z"):
        assert (await client.search("deals", filterGroups=filters(("hs_lastmodifieddate", "GTE", value)))).ids == [1004]


async def test_pages_are_places_in_the_result_so_records_move_between_them(hubspot: HubSpot, client: Any) -> None:
    first = await client.search("deals", sorts=["hs_lastmodifieddate"], limit=2)
    hubspot.portal.change("deals", first.ids[0], {"amount": "1"}, at=2_000_000_000_000)
    second = await client.search("deals", sorts=["hs_lastmodifieddate"], limit=2, after=first.after)
    assert (first.ids, second.ids) == ([1001, 1002], [1004, 1005])


async def test_a_search_gives_ten_thousand_results_at_most(client: Any, hubspot: HubSpot) -> None:
    hubspot.state.limits = Limits(searches_in_a_second=None)
    for _ in range(10_001):
        hubspot.portal.add("line_items", {})
    assert (await client.search("line_items", after="9800")).body["total"] == 10_001
    assert (await client.search("line_items", after="9801")).status == 400
    assert (await client.search("line_items", after="10000")).status == 400
    above = filters(("hs_object_id", "GT", "11000"))
    assert (await client.search("line_items", filterGroups=above)).ids == [11_001]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 201},
        {"filterGroups": filters(("no_such_property", "EQ", "1"))},
        {"filterGroups": filters(("amount", "ABOUT", "1"))},
        {"filterGroups": filters(("amount", "EQ", "many"))},
        {"filterGroups": filters(("amount", "EQ", "1")) * 6},
        {"sorts": ["amount", "dealname"]},
        {"after": "next"},
    ],
)
async def test_what_hubspot_refuses_is_refused(wrong: dict[str, Any], client: Any) -> None:
    assert (await client.search("deals", **wrong)).body["category"] == "VALIDATION_ERROR"


async def test_a_change_can_take_a_while_until_it_is_found(hubspot: HubSpot, client: Any, clock: Any) -> None:
    hubspot.state.index_seconds = 10
    clock.now += 60
    hubspot.portal.change("deals", 1001, {"amount": "1"})
    assert (await client.search("deals")).ids == [1002, 1003, 1004, 1005]
    clock.now += 10
    assert (await client.search("deals")).ids == [1001, 1002, 1003, 1004, 1005]
